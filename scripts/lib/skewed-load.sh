#!/usr/bin/env bash
# Starts a skewed load on a key-value store; for scripts/bench-heat.sh.
set -euo pipefail
# shellcheck source=scripts/lib/java.sh
source "$(dirname "$0")/java.sh"
# shellcheck source=scripts/lib/launch.sh
source "$PAGEFERRY_HOME/scripts/lib/launch.sh"

launch examples io.pageferry.examples.load.SkewedLoad "$@"
