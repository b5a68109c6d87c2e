#!/usr/bin/env bash
# Compares the orders of migration (hot-cold, address) on the key-value store under a skewed load, and what sampling costs; writes
# the tables into docs/heat.md. Needs a machine with nothing else to do; twenty-five minutes, with --short five.
#
#   scripts/bench-heat.sh [--short] [OPTION...]     (options of scripts/lib/bench_heat.py)
set -euo pipefail
# shellcheck source=scripts/lib/java.sh
source "$(dirname "$0")/lib/java.sh"
# shellcheck source=scripts/lib/launch.sh
source "$PAGEFERRY_HOME/scripts/lib/launch.sh"

export PAGEFERRY_HOME
options=()
if [ "${1:-}" = --short ]; then
    shift
    options=(--runs 2 --rates 4000 --writes 20 --warm-migrations 4 --cost-seconds 3)
fi
ensure_built
exec python3 "$PAGEFERRY_HOME/scripts/lib/bench_heat.py" --docs "$PAGEFERRY_HOME/docs/heat.md" "${options[@]}" "$@"
