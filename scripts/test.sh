#!/usr/bin/env bash
# Builds everything and runs every test; brings the programs that the tests need.
# Arguments go to Maven: scripts/test.sh -pl migration-core
set -euo pipefail
# shellcheck source=scripts/lib/java.sh
source "$(dirname "$0")/lib/java.sh"
# shellcheck source=scripts/lib/test-tools.sh
source "$(dirname "$0")/lib/test-tools.sh"

install_test_tools
run_maven verify "$@"
