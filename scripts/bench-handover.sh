#!/usr/bin/env bash
# How long a hand-over takes: a store of 1 GiB under redis-benchmark, migrated back and forth through the gateway.
#
#   scripts/bench-handover.sh [--memory SIZE] [--rounds N] [--warmup N] [--keys N] [--migrate-flags "FLAG ..."] [--write]
#
# The store is filled to three quarters; then redis-benchmark -t set,get -P 16 runs all the while, twice with 25 connections, so
# that one is at work where the other ends and begins again (--keys: over so many keys, by default its own single one). Migrations
# before the rounds (--warmup, by default 3) are not counted: server, agents and gateway are processes that have run for a while.
# A round in which no request waited through the hand-over has measured no stall: it is not counted, and another is made.
# Prints downtime, the longest stall that redis-benchmark saw, and where the time went; --write puts it into
# docs/benchmarks-handover.md. Needs redis-tools, and twice the memory's size in /dev/shm.
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
        *) sed -n '2,11s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
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

# load FILE REQUESTS: runs of so many requests until stopped; every run's row goes to the file.
load() {
    local random=()
    [ "$keys" = 1 ] || random=(-r "$keys")
    while [ ! -e "$work/stop-load" ]; do
        redis-benchmark -p "$gateway_port" -t set,get -P 16 -c 25 -n "$2" "${random[@]}" --csv >>"$1"
    done
}

from=a
to=b
number=$((1 - warmup))
not_counted=0
while [ "$number" -le "$rounds" ]; do
    round=$number
    [ "$number" -gt 0 ] || round=warmup-$((number + warmup))
    rm -f "$work/stop-load" "$work/load-$round.csv"
    # Of different lengths, so that they do not fall into step.
    load "$work/load-$round.csv.1" 150000 &
    one=$!
    load "$work/load-$round.csv.2" 210000 &
    other=$!
    sleep 3
    pageferry migrate store --to "$to" --json "${flags[@]}" >"$work/round-$round.json"
    sleep 0.5
    touch "$work/stop-load"
    wait "$one" "$other"
    cat "$work/load-$round.csv.1" "$work/load-$round.csv.2" >"$work/load-$round.csv"
    rm "$work/load-$round.csv.1" "$work/load-$round.csv.2"
    await_departure "$from"
    if /usr/bin/python3 "$PAGEFERRY_HOME/scripts/lib/handover_report.py" "$work" --check "$round"; then
        echo "== round $round, $from to $to: done"
        number=$((number + 1))
    else
        echo "== round $round, $from to $to: no request waited through the hand-over; not counted"
        not_counted=$((not_counted + 1))
        [ "$not_counted" -le "$rounds" ] || { echo "bench-handover: too many such rounds" >&2; exit 1; }
    fi
    [ "$number" -gt "$rounds" ] || start_store "$from" "$memory" --incoming
    next=$from
    from=$to
    to=$next
done
report=("$PAGEFERRY_HOME/scripts/lib/handover_report.py" "$work" "$rounds" "$memory" "$keys" "$warmup" "$not_counted" "${flags[*]}")
/usr/bin/python3 "${report[@]}"
[ "$write" = no ] || /usr/bin/python3 "${report[@]}" --markdown >"$PAGEFERRY_HOME/docs/benchmarks-handover.md"
