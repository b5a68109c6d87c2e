#!/usr/bin/env bash
# Compares this checkout with another one, built from another state of the code: both at once, their migrations in turn.
#
#   scripts/bench-pairs.sh OTHER_CHECKOUT [--ways WAY,...] [--size MIB] [--content random|half-zero] [--rounds N] [--warm-up N]
#
# Says of each way the total, the eviction time, the downtime and the processor time of both, what this checkout's are to the other's
# (the median and the quartiles of the pairs' ratios), and how long each step took. What a host does to both is in both numbers of a
# pair; the quartiles show what is left of it. Defaults: direct, 1024, random, 30 rounds after 10 that warm up (3 minutes, twice the
# memory of bench.sh). For ways see bench.sh.
set -euo pipefail
# shellcheck source=scripts/lib/java.sh
source "$(dirname "$0")/lib/java.sh"
# shellcheck source=scripts/lib/launch.sh
source "$PAGEFERRY_HOME/scripts/lib/launch.sh"

command -v python3 >/dev/null || { echo "bench-pairs: needs python3" >&2; exit 1; }
if [ ! -x "${1:-}/scripts/partition-agent.sh" ]; then
    echo "usage: scripts/bench-pairs.sh OTHER_CHECKOUT [OPTION...]: the other checkout's folder, with its scripts" >&2
    exit 2
fi
other=$(cd "$1" && pwd)
shift
ensure_built
# It builds itself where it has not been built, by its own means and before the clock runs.
bash -c 'source "$1/scripts/lib/java.sh"; source "$1/scripts/lib/launch.sh"; ensure_built' build "$other"
exec python3 "$PAGEFERRY_HOME/scripts/lib/migration_pairs.py" "$other" "$PAGEFERRY_HOME" "$@"
