#!/usr/bin/env bash
# The example program: a key-value store that speaks the Redis protocol, its data in partition memory. See docs/kv.md.
set -euo pipefail
# shellcheck source=scripts/lib/java.sh
source "$(dirname "$0")/lib/java.sh"
# shellcheck source=scripts/lib/launch.sh
source "$PAGEFERRY_HOME/scripts/lib/launch.sh"

launch examples io.pageferry.examples.kv.KvMain "$@"
