#!/usr/bin/env bash
# Starts an agent: scripts/partition-agent.sh --name NAME --socket PATH [--server URL]
set -euo pipefail
# shellcheck source=scripts/lib/java.sh
source "$(dirname "$0")/lib/java.sh"
# shellcheck source=scripts/lib/launch.sh
source "$(dirname "$0")/lib/launch.sh"

launch partition-agent io.pageferry.agent.AgentMain "$@"
