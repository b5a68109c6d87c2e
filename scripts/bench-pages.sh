#!/usr/bin/env bash
# Measures what a page goes through on the direct path, step by step, and writes the table into docs/benchmarks-migration.md.
# Needs a machine with nothing else to do, and 2 GiB of memory; half a minute after the build.
#
#   scripts/bench-pages.sh [MIB]
set -euo pipefail
# shellcheck source=scripts/lib/java.sh
source "$(dirname "$0")/lib/java.sh"
# shellcheck source=scripts/lib/launch.sh
source "$PAGEFERRY_HOME/scripts/lib/launch.sh"

run_maven -q -Pbenchmarks -pl benchmarks -am -DskipTests package
copy_past_cache
table=$("$JAVA_HOME/bin/java" @"$PAGEFERRY_HOME/config/jvm.args" \
    -cp "$PAGEFERRY_HOME/benchmarks/target/classes:$PAGEFERRY_HOME/benchmarks/target/lib/*" \
    io.pageferry.benchmarks.PageSteps "${1:-1024}")
echo "$table"
PYTHONPATH="$PAGEFERRY_HOME/scripts/lib" PYTHONDONTWRITEBYTECODE=1 python3 -c 'import sys, doc_table; doc_table.replace(*sys.argv[1:])' \
    "$PAGEFERRY_HOME/docs/benchmarks-migration.md" page-steps "$table"
