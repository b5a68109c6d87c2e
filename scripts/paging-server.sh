#!/usr/bin/env bash
# Starts the paging server: --pool DIR [--listen HOST:PORT] [--unix PATH] [--direct PATH] [--control HOST:PORT]. Stops on SIGTERM.
set -euo pipefail
# shellcheck source=scripts/lib/java.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/java.sh"
# shellcheck source=scripts/lib/launch.sh
. "$PAGEFERRY_HOME/scripts/lib/launch.sh"

# The data path makes next to no garbage, so the smallest collector is enough: 180 MB with 16 clients at depth 64.
PAGEFERRY_JVM_OPTIONS="-XX:+UseSerialGC -Xms48m ${PAGEFERRY_JVM_OPTIONS:-}"
launch paging-server io.pageferry.server.PagingServerMain "$@"
