#!/usr/bin/env bash
# Measures a busy program through arrival, switch and sweep, beside the plain alternative, and writes the table into
# docs/page-tables.md. Needs a machine with nothing else to do; two minutes, with --short one.
#
#   scripts/bench-pagetable.sh [--short]
set -euo pipefail
# shellcheck source=scripts/lib/java.sh
source "$(dirname "$0")/lib/java.sh"

pages=262144 runs=5
if [ "${1:-}" = --short ]; then pages=65536 runs=1; fi
results=$(mktemp)
trap 'rm -f "$results"' EXIT
run_maven -Dtest=PageTableBenchmark -Dsurefire.failIfNoSpecifiedTests=false -pl migration-core -am \
    -Dpageferry.bench.pages=$pages -Dpageferry.bench.runs=$runs test >"$results"
python3 "$PAGEFERRY_HOME/scripts/lib/pagetable_table.py" "$results" "$pages" "$PAGEFERRY_HOME/docs/page-tables.md"
