#!/usr/bin/env bash
# Samples migrations by one way, and says where their time goes: by step, by whose threads, by function. As root, with perf.
#
#   scripts/bench-profile.sh [--way WAY] [--size MIB] [--content random|half-zero] [--rounds N] [--warm-up N] [--tcp NAME] [--keep FOLDER]
#
# Samples the whole machine, 2000 times a second and processor, and counts what falls between a migration's first step and its last one.
# The table goes to standard output. Defaults: direct, 1024, random, 25 rounds after 25 that warm up, TCP as the system has it; one to two
# minutes. --keep leaves perf.data and the timelines there. Sampling itself costs some per cent.
set -euo pipefail
# shellcheck source=scripts/lib/java.sh
source "$(dirname "$0")/lib/java.sh"
# shellcheck source=scripts/lib/launch.sh
source "$PAGEFERRY_HOME/scripts/lib/launch.sh"

for program in python3 perf; do
    command -v "$program" >/dev/null || { echo "bench-profile: needs $program (Debian: apt-get install linux-perf)" >&2; exit 1; }
done
ensure_built
# With frame pointers perf can walk the stack, and with the map it knows the names of compiled methods.
export JDK_JAVA_OPTIONS="${JDK_JAVA_OPTIONS:-} -XX:+PreserveFramePointer -XX:+UnlockDiagnosticVMOptions -XX:+DumpPerfMapAtExit"
exec python3 "$PAGEFERRY_HOME/scripts/lib/migration_profile.py" "$PAGEFERRY_HOME" "$@"
