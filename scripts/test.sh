#!/usr/bin/env bash
# Builds everything and runs every test. Arguments go to Maven: scripts/test.sh -pl migration-core
set -euo pipefail
# shellcheck source=scripts/lib/java.sh
source "$(dirname "$0")/lib/java.sh"

run_maven verify "$@"
