#!/usr/bin/env bash
# Measures partition memory against plain memory, served faults against the fastest possible, and tracking; writes the tables
# into docs/benchmarks-memory.md. Needs gcc, and a machine with nothing else to do.
set -euo pipefail
# shellcheck source=scripts/lib/java.sh
source "$(dirname "$0")/lib/java.sh"

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
command -v gcc >/dev/null || { echo "bench-memory: gcc is not installed: apt-get install gcc" >&2; exit 1; }
gcc -O2 -o "$results/fault_floor" "$PAGEFERRY_HOME/benchmarks/c/fault_floor.c"
run_maven -q -Pbenchmarks -pl benchmarks -am -DskipTests package

"$JAVA_HOME/bin/java" @"$PAGEFERRY_HOME/config/jvm.args" \
    -cp "$PAGEFERRY_HOME/benchmarks/target/classes:$PAGEFERRY_HOME/benchmarks/target/lib/*" \
    org.openjdk.jmh.Main MemoryAccessBenchmark -rf csv -rff "$results/memory.csv" >&2
run_maven -Dtest=PagerBenchmark -Dsurefire.failIfNoSpecifiedTests=false -pl migration-core -am \
    -Dpageferry.floor="$results/fault_floor" test >"$results/pager.log"
"$PAGEFERRY_HOME/scripts/lib/memory-tables.py" "$results/memory.csv" "$results/pager.log" \
    "$PAGEFERRY_HOME/docs/benchmarks-memory.md"
