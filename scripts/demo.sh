#!/usr/bin/env bash
# The main job, shown: a key-value store under load moves from agent A to agent B and back, and nothing may be lost.
#
#   scripts/demo.sh [--data DIR] [--memory SIZE] [--clients N]
#
# Loads the files of DIR (by default those of the JDK in use) up to 65 percent of SIZE (512M), keeps N clients (8) busy,
# migrates, and verifies every value by SHA-256 and every counter. Exits with 0 only if nothing was lost. Leaves nothing running.
set -euo pipefail
# shellcheck source=scripts/lib/java.sh
source "$(dirname "$0")/lib/java.sh"
# shellcheck source=scripts/lib/launch.sh
source "$PAGEFERRY_HOME/scripts/lib/launch.sh"

data=$JAVA_HOME
memory_mib=512
clients=8

usage() {
    sed -n '2,7s/^# \{0,1\}//p' "$0" >&2
    exit 2
}

parse_memory() {
    [[ $1 =~ ^[1-9][0-9]{0,5}[MG]$ ]] || { echo "demo: --memory takes a size such as 512M or 1G, not '$1'" >&2; exit 2; }
    memory_mib=${1%[MG]}
    [[ $1 == *M ]] || memory_mib=$((memory_mib * 1024))
}

while [ $# -gt 0 ]; do
    [ $# -ge 2 ] || usage
    case $1 in
        --data) data=$2 ;;
        --memory) parse_memory "$2" ;;
        --clients) clients=$2 ;;
        *) usage ;;
    esac
    shift 2
done
[[ $clients =~ ^[1-9][0-9]{0,2}$ ]] || { echo "demo: --clients takes 1 to 999, not '$clients'" >&2; exit 2; }
[ -d "$data" ] || { echo "demo: --data $data is not a folder" >&2; exit 2; }
# The slash: the folder itself may be a link.
if [ -z "$(find "$data/" -type f -size +0 -print -quit 2>/dev/null)" ]; then
    echo "demo: there is nothing to load below $data: no file there has content" >&2
    exit 2
fi
[ "$(uname -s)" = Linux ] || { echo "demo: needs Linux 6.7 or newer" >&2; exit 1; }

# shellcheck source=scripts/lib/stage.sh
source "$PAGEFERRY_HOME/scripts/lib/stage.sh"

# migrate FROM TO: one migration under load, and what it took.
migrate() {
    echo
    echo "== $1 -> $2"
    ask_client stall >/dev/null
    local began=$SECONDS
    pageferry migrate store --to "$2" || return 1
    local stall
    stall=$(ask_client stall)
    echo "longest stall that a client saw: ${stall#stall-ms } ms (whole migration: about $((SECONDS - began)) s)"
}

# ask_client LINE: sends it to the clients and prints their answer.
ask_client() {
    local before
    before=$(wc -l <"$work/clients.log")
    echo "$1" >&3
    for _ in $(seq 300); do
        if [ "$(wc -l <"$work/clients.log")" -gt "$before" ]; then
            tail -n 1 "$work/clients.log"
            return 0
        fi
        sleep 0.1
    done
    return 1
}

ensure_built
echo "== a paging server, two agents, a store on A, its waiting twin on B, a gateway"
start_server
start_agent a
start_agent b
start_store a "${memory_mib}M"
start_store b "${memory_mib}M" --incoming
start_gateway

echo "== loading the files of $data"
mkfifo "$work/commands"
# Opened for both directions first: an end alone would wait for the other.
exec 3<>"$work/commands"
input=$work/commands start clients "$PAGEFERRY_HOME/scripts/lib/demo-client.sh" \
    --port "$gateway_port" --data "$data" --clients "$clients" \
    --max-bytes $((memory_mib * 1024 * 1024 * 65 / 100))
client=${processes[-1]}
await clients "loaded"
grep loaded "$work/clients.log"
sleep 2

migrate a b
# The program on A ends with its partition's departure; then a new one waits there.
await_departure a
start_store a "${memory_mib}M" --incoming
sleep 1
migrate b a

echo
echo "== verifying"
echo finish >&3
verdict=0
wait "$client" || verdict=$?
grep -E 'verified|FAILED' "$work/clients.log" || true
[ "$verdict" -eq 0 ] || { echo "demo: something was lost, or could not be verified" >&2; exit 1; }
echo "nothing was lost"
