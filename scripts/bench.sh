#!/usr/bin/env bash
# Compares ways to migrate: direct, NBD over Unix and TCP, the network with 1 and 2 streams, and QEMU where it is installed.
#
#   scripts/bench.sh [--sizes MIB,...] [--contents random,half-zero] [--writes PERCENT,...] [--cases all|one-by-one] [--rounds N]
#                    [--warm-up N] [--ways WAY,...] [--allocate ahead|on-demand] [--settle SECONDS]
#                    [--tcp NAME] [--out FOLDER]
#
# Writes the tables to docs/benchmarks-migration.md, every round's figures to docs/benchmarks-migration.json, and of each case a picture
# of its steps in time to docs/benchmarks-migration-CASE.svg; with --out, to that folder, and nothing to docs. Defaults: 1024, random,
# 0 and 10, 5 rounds after 10 that warm up, all ways (about 10 minutes). A run of 1 minute: --sizes 256 --writes 0 --rounds 3. Every
# size, content and load by itself: --sizes 1024,256,4096 --contents random,half-zero --writes 0,10,50 --cases one-by-one (half an
# hour, 16 GiB of memory); all combinations of them without --cases (an hour and a half). The load is so many percent of what each way
# carries, as its warm-up rounds found.
# Ways: direct, direct-fresh (as direct, but through a shared area, whose space is new each time), nbd-unix, nbd-tcp, network-1,
# network-2, qemu-precopy, qemu-multifd (idle only: its machine is paused). --allocate says, for all ways alike, whether the target's
# memory is allocated before a migration begins (ahead, the default: partition-agent.sh --allocate-ahead, and prealloc=on for QEMU) or
# while it goes on. --tcp cubic has TCP's connections take that congestion control while it runs, QEMU's as well (as root; what was set
# comes back afterwards): where the system's is bbr, whose pacing costs processor time, what goes by TCP takes half as long again. A run
# ends with an error where pages went another way than was meant, or where the program read what it had not written. As root, QEMU's
# memory is on a filesystem of huge pages that is mounted for the round.
set -euo pipefail
# shellcheck source=scripts/lib/java.sh
source "$(dirname "$0")/lib/java.sh"
# shellcheck source=scripts/lib/launch.sh
source "$PAGEFERRY_HOME/scripts/lib/launch.sh"

command -v python3 >/dev/null || { echo "bench: needs python3" >&2; exit 1; }
ensure_built
exec python3 "$PAGEFERRY_HOME/scripts/lib/migration_bench.py" "$PAGEFERRY_HOME" "$@"
