#!/usr/bin/env bash
# Measures the paging server beside other NBD servers, in alternation, and writes docs/benchmarks-nbd.md and .json.
# --seconds N: how long each measurement lasts (2); --rounds N: how many count (3). About 12 minutes.
# Needs a machine with nothing else to do, and 4 GiB of /dev/shm.
set -euo pipefail
# shellcheck source=scripts/lib/java.sh
. "$(dirname "${BASH_SOURCE[0]}")/lib/java.sh"
# shellcheck source=scripts/lib/launch.sh
. "$PAGEFERRY_HOME/scripts/lib/launch.sh"

for tool in fio nbdcopy; do
    command -v "$tool" >/dev/null || { echo "bench-nbd: $tool is not installed: apt-get install fio libnbd-bin" >&2; exit 1; }
done
ensure_built
exec /usr/bin/python3 "$PAGEFERRY_HOME/scripts/lib/nbd_bench.py" "$PAGEFERRY_HOME" "$@"
