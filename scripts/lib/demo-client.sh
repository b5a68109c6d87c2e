#!/usr/bin/env bash
# Starts the demonstration's clients; for scripts/demo.sh.
set -euo pipefail
# shellcheck source=scripts/lib/java.sh
source "$(dirname "$0")/java.sh"
# shellcheck source=scripts/lib/launch.sh
source "$PAGEFERRY_HOME/scripts/lib/launch.sh"

launch examples io.pageferry.examples.demo.DemoClient "$@"
