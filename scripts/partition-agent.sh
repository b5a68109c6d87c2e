#!/usr/bin/env bash
# Starts an agent: scripts/partition-agent.sh --name NAME --socket PATH [--server URL]
set -euo pipefail
# shellcheck source=scripts/lib/java.sh
source "$(dirname "$0")/lib/java.sh"
# shellcheck source=scripts/lib/launch.sh
source "$(dirname "$0")/lib/launch.sh"

# Its heap is small: a collector without threads of its own leaves the processors to the pages.
# Copies of 32 KiB and more store past the cache, which does not read what is about to be overwritten (glibc on x86-64).
GLIBC_TUNABLES="glibc.cpu.x86_non_temporal_threshold=0x8000:glibc.cpu.x86_rep_movsb_threshold=0x7fffffff\
${GLIBC_TUNABLES:+:$GLIBC_TUNABLES}"
export GLIBC_TUNABLES
PAGEFERRY_JVM_OPTIONS="-XX:+UseSerialGC ${PAGEFERRY_JVM_OPTIONS:-}"
launch partition-agent io.pageferry.agent.AgentMain "$@"
