#!/usr/bin/env bash
# Starts an agent: scripts/partition-agent.sh --name NAME --socket PATH [--server URL]
set -euo pipefail
# shellcheck source=scripts/lib/java.sh
source "$(dirname "$0")/lib/java.sh"
# shellcheck source=scripts/lib/launch.sh
source "$(dirname "$0")/lib/launch.sh"

copy_past_cache
# Its heap is small: a collector without threads of its own leaves the processors to the pages.
PAGEFERRY_JVM_OPTIONS="-XX:+UseSerialGC ${PAGEFERRY_JVM_OPTIONS:-}"
launch partition-agent io.pageferry.agent.AgentMain "$@"
