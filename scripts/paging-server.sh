#!/usr/bin/env bash
# Starts the paging server: --pool DIR [--listen HOST:PORT] [--unix PATH] [--control HOST:PORT]. Stops on SIGTERM.
set -euo pipefail
# shellcheck source=scripts/lib/java.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/java.sh"
# shellcheck source=scripts/lib/launch.sh
. "$PAGEFERRY_HOME/scripts/lib/launch.sh"

launch paging-server io.pageferry.server.PagingServerMain "$@"
