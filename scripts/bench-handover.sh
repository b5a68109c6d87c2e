#!/usr/bin/env bash
# How long a hand-over takes: a store of 1 GiB under redis-benchmark, migrated back and forth through the gateway.
#
#   scripts/bench-handover.sh [--memory SIZE] [--rounds N] [--warmup N] [--keys N] [--migrate-flags "FLAG ..."] [--write]
#
# The store is filled to three quarters; then redis-benchmark -t set,get -P 16 -c 50 runs all the while (--keys: over so many
# keys, by default its own single one). Migrations before the rounds (--warmup, by default 3) are not counted: server, agents and
# gateway are processes that have run for a while. Prints downtime, the longest stall that redis-benchmark saw, and where the time went;
# --write puts it into docs/benchmarks-handover.md. Needs redis-tools, and twice the memory's size in /dev/shm.
set -euo pipefail
# shellcheck source=scripts/lib/java.sh
source "$(dirname "$0")/lib/java.sh"
# shellcheck source=scripts/lib/launch.sh
source "$PAGEFERRY_HOME/scripts/lib/launch.sh"

memory=1G
rounds=5
warmup=3
keys=1
flags=()
write=no
while [ $# -gt 0 ]; do
    case $1 in
        --memory) memory=$2; shift 2 ;;
        --rounds) rounds=$2; shift 2 ;;
        --warmup) warmup=$2; shift 2 ;;
        --keys) keys=$2; shift 2 ;;
        --migrate-flags) read -r -a flags <<<"$2"; shift 2 ;;
        --write) write=yes; shift ;;
        *) sed -n '2,10s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
    esac
done
command -v redis-benchmark >/dev/null || { echo "bench-handover: apt-get install redis-tools" >&2; exit 1; }
# shellcheck source=scripts/lib/stage.sh
source "$PAGEFERRY_HOME/scripts/lib/stage.sh"

case $memory in
    *G) mib=$((${memory%G} * 1024)) ;;
    *M) mib=${memory%M} ;;
    *) echo "bench-handover: --memory takes a size such as 512M or 1G" >&2; exit 2 ;;
esac
filled_mib=$((mib * 3 / 4))

ensure_built
start_server
start_agent a --allocate-ahead
start_agent b --allocate-ahead
start_store a "$memory"
start_store b "$memory" --incoming
start_gateway

echo "== filling $filled_mib MiB of $mib"
# Values of 4000 bytes take a page each; random keys meet some twice, hence a third more of them.
redis-benchmark -p "$gateway_port" -t set -d 4000 -r $((filled_mib * 256)) -n $((filled_mib * 256 * 4 / 3)) -P 16 -c 50 -q >/dev/null

# load ROUND: runs until stopped; every run's row goes to load-ROUND.csv.
load() {
    local random=()
    [ "$keys" = 1 ] || random=(-r "$keys")
    while [ ! -e "$work/stop-load" ]; do
        redis-benchmark -p "$gateway_port" -t set,get -P 16 -c 50 -n 200000 "${random[@]}" --csv >>"$work/load-$1.csv"
    done
}

from=a
to=b
for number in $(seq $((1 - warmup)) "$rounds"); do
    round=$number
    [ "$number" -gt 0 ] || round=warmup-$((number + warmup))
    rm -f "$work/stop-load"
    load "$round" &
    loader=$!
    sleep 3
    pageferry migrate store --to "$to" --json "${flags[@]}" >"$work/round-$round.json"
    sleep 0.5
    touch "$work/stop-load"
    wait "$loader"
    echo "== round $round, $from to $to: done"
    await_departure "$from"
    [ "$number" = "$rounds" ] || start_store "$from" "$memory" --incoming
    next=$from
    from=$to
    to=$next
done
report=("$PAGEFERRY_HOME/scripts/lib/handover_report.py" "$work" "$rounds" "$memory" "$keys" "${flags[*]}")
/usr/bin/python3 "${report[@]}"
[ "$write" = no ] || /usr/bin/python3 "${report[@]}" --markdown >"$PAGEFERRY_HOME/docs/benchmarks-handover.md"
