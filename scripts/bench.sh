#!/usr/bin/env bash
# Compares ways to migrate: direct, NBD over Unix and TCP, the network with 1 and 2 streams, and QEMU where it is installed.
#
#   scripts/bench.sh [--sizes MIB,...] [--contents random,half-zero] [--writes PERCENT,...] [--rounds N] [--ways WAY,...]
#                    [--allocate ahead|on-demand]
#
# Writes the table to docs/benchmarks-migration.md, every round's figures to docs/benchmarks-migration.json, and a timeline of the
# last round's hand-over to docs/benchmarks-migration.svg. Defaults: 1024, random, 0 and 10, 5 rounds, all ways (about 10 minutes).
# A run of 3 minutes: scripts/bench.sh --sizes 256 --writes 0 --rounds 3. Everything: --sizes 256,1024,4096 --contents
# random,half-zero --writes 0,10,50 (an hour, 16 GiB of memory). Ways: direct, nbd-unix, nbd-tcp, network-1, network-2,
# qemu-precopy, qemu-multifd. --allocate says, for all ways alike, whether the target's memory is allocated before a migration begins
# (ahead, the default: partition-agent.sh --allocate-ahead, and prealloc=on for QEMU) or while it goes on.
set -euo pipefail
# shellcheck source=scripts/lib/java.sh
source "$(dirname "$0")/lib/java.sh"
# shellcheck source=scripts/lib/launch.sh
source "$PAGEFERRY_HOME/scripts/lib/launch.sh"

command -v python3 >/dev/null || { echo "bench: needs python3" >&2; exit 1; }
ensure_built
exec python3 "$PAGEFERRY_HOME/scripts/lib/migration_bench.py" "$PAGEFERRY_HOME" "$@"
