#!/usr/bin/env bash
# The operator's command: scripts/pageferry.sh --help
set -euo pipefail
# shellcheck source=scripts/lib/java.sh
source "$(dirname "$0")/lib/java.sh"
# shellcheck source=scripts/lib/launch.sh
source "$(dirname "$0")/lib/launch.sh"

# A command lives for a second: the quickest start matters, not the best code.
PAGEFERRY_JVM_OPTIONS="-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx128m ${PAGEFERRY_JVM_OPTIONS:-}"
# Java cannot tell whether stderr is a terminal, where progress is shown.
if [ -t 2 ]; then PAGEFERRY_JVM_OPTIONS="-Dpageferry.stderr.terminal=true $PAGEFERRY_JVM_OPTIONS"; fi
# It looks on while others work.
renice -n 5 -p $$ >/dev/null 2>&1 || true
launch partition-agent io.pageferry.agent.cli.PageferryMain "$@"
