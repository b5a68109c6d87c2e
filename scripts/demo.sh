#!/usr/bin/env bash
# The main job, shown: a key-value store under load moves from agent A to agent B and back, and nothing may be lost.
#
#   scripts/demo.sh [--data DIR] [--memory SIZE] [--clients N]
#
# Loads the files of DIR (by default those of the JDK in use), keeps clients busy, migrates, and verifies every value by
# SHA-256 and every counter. Exits with 0 only if nothing was lost. Leaves nothing running.
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
    case $1 in
        *[0-9]M) memory_mib=${1%M} ;;
        *[0-9]G) memory_mib=$((${1%G} * 1024)) ;;
        *) usage ;;
    esac
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
[ -d "$data" ] || { echo "demo: --data $data is not a folder" >&2; exit 2; }
[ "$(uname -s)" = Linux ] || { echo "demo: needs Linux 6.7 or newer" >&2; exit 1; }

work=$(mktemp -d)
pool=$work/pool
# Pages belong in memory here: a pool on a slow disk would measure the disk.
[ -w /dev/shm ] && pool=$(mktemp -d /dev/shm/pageferry-demo.XXXXXX)
processes=()
stores=0

cleanup() {
    local status=$?
    trap - EXIT INT TERM
    { exec 3>&-; } 2>/dev/null || true
    for process in "${processes[@]}"; do kill "$process" 2>/dev/null || true; done
    for process in "${processes[@]}"; do
        for _ in $(seq 50); do kill -0 "$process" 2>/dev/null || break; sleep 0.1; done
        kill -9 "$process" 2>/dev/null || true
        wait "$process" 2>/dev/null || true
    done
    if [ "$status" -ne 0 ]; then
        echo "demo: failed; the last lines of each process:" >&2
        tail -n 15 "$work"/*.log >&2 || true
    fi
    rm -rf "$work" "$pool"
    exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# start NAME COMMAND...: in the background, its output in NAME.log, its input from $input if that is set.
start() {
    local name=$1
    shift
    "$@" >"$work/$name.log" 2>&1 <"${input:-/dev/null}" &
    processes+=("$!")
}

# await NAME TEXT: until the process has said so.
await() {
    for _ in $(seq 600); do
        ! grep -q -- "$2" "$work/$1.log" 2>/dev/null || return 0
        sleep 0.1
    done
    echo "demo: $1 did not say '$2' within 60 s" >&2
    return 1
}

# said NAME PATTERN: the group that the pattern (sed) finds in what the process has said.
said() {
    sed -n "s#.*$2.*#\\1#p" "$work/$1.log" | head -n 1
}

pageferry() {
    "$PAGEFERRY_HOME/scripts/pageferry.sh" "$@"
}

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

# store AGENT [FLAG...]: a store attached to an agent.
store() {
    local agent=$1 name=store-$1-$((++stores))
    shift
    start "$name" "$PAGEFERRY_HOME/scripts/kv.sh" --agent "$work/$agent.sock" --partition store \
        --memory "${memory_mib}M" --listen 127.0.0.1:0 "$@"
    await "$name" "listening"
}

ensure_built
echo "== a paging server, two agents, a store on A, its waiting twin on B, a gateway"
start server "$PAGEFERRY_HOME/scripts/paging-server.sh" --pool "$pool" --listen 127.0.0.1:0 \
    --unix "$work/nbd.sock" --control 127.0.0.1:0
await server "control API on"
PAGEFERRY_SERVER=$(said server 'control API on \(http[^ ]*\)')
export PAGEFERRY_SERVER
start agent-a "$PAGEFERRY_HOME/scripts/partition-agent.sh" --name a --socket "$work/a.sock"
start agent-b "$PAGEFERRY_HOME/scripts/partition-agent.sh" --name b --socket "$work/b.sock"
await agent-a "serves"
await agent-b "serves"
store a
first_store=${processes[-1]}
store b --incoming
start gateway "$PAGEFERRY_HOME/scripts/gateway.sh" --partition store --listen 127.0.0.1:0
await gateway "listens"

echo "== loading the files of $data"
mkfifo "$work/commands"
# Opened for both directions first: an end alone would wait for the other.
exec 3<>"$work/commands"
input=$work/commands start clients "$PAGEFERRY_HOME/scripts/lib/demo-client.sh" \
    --port "$(said gateway ":\\([0-9]*\\)")" --data "$data" --clients "$clients" \
    --max-bytes $((memory_mib * 1024 * 1024 * 65 / 100))
client=${processes[-1]}
await clients "loaded"
grep loaded "$work/clients.log"
sleep 2

migrate a b
# The program on A ends with its partition's departure; then a new one waits there.
wait "$first_store" || true
store a --incoming
sleep 1
migrate b a

echo
echo "== verifying"
echo finish >&3
verdict=0
wait "$client" || verdict=$?
grep -E 'verified|FAILED' "$work/clients.log" || true
[ "$verdict" -eq 0 ] || { echo "demo: something was lost" >&2; exit 1; }
echo "nothing was lost"
