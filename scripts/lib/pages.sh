#!/usr/bin/env bash
# Starts the program that scripts/bench.sh measures migrations with.
set -euo pipefail
# shellcheck source=scripts/lib/java.sh
source "$(dirname "$0")/java.sh"
# shellcheck source=scripts/lib/launch.sh
source "$PAGEFERRY_HOME/scripts/lib/launch.sh"

launch examples io.pageferry.examples.pages.PagesMain "$@"
