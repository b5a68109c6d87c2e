# shellcheck shell=bash
# Sourced after java.sh and launch.sh: the processes of a demonstration or a measurement, started, awaited and ended.
# Sets $work (logs, sockets) and $pool (in memory where there is /dev/shm: a pool on a slow disk would measure the disk).

stage=$(basename "$0" .sh)
work=$(mktemp -d)
pool=$work/pool
[ ! -w /dev/shm ] || pool=$(mktemp -d "/dev/shm/pageferry-$stage.XXXXXX")
processes=()
stores=0
declare -A store_processes=()
declare -A process_named=()

leave_stage() {
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
        echo "$stage: failed; the last lines of each process:" >&2
        tail -n 15 "$work"/*.log >&2 || true
    fi
    rm -rf "$work" "$pool"
    exit "$status"
}
trap leave_stage EXIT
trap 'exit 130' INT TERM

# start NAME COMMAND...: in the background, its output in NAME.log, its input from $input if that is set.
start() {
    local name=$1
    shift
    "$@" >"$work/$name.log" 2>&1 <"${input:-/dev/null}" &
    processes+=("$!")
    process_named[$name]=$!
}

# await NAME TEXT: until the process has said so; not if it ends before.
await() {
    local alive=yes
    for _ in $(seq 600); do
        kill -0 "${process_named[$1]}" 2>/dev/null || alive=no
        ! grep -q -- "$2" "$work/$1.log" 2>/dev/null || return 0
        [ "$alive" = yes ] || { echo "$stage: $1 has ended: $(tail -n 1 "$work/$1.log")" >&2; return 1; }
        sleep 0.1
    done
    echo "$stage: $1 did not say '$2' within 60 s" >&2
    return 1
}

# said NAME PATTERN: the group that the pattern (sed) finds in what the process has said.
said() {
    sed -n "s#.*$2.*#\\1#p" "$work/$1.log" | head -n 1
}

pageferry() {
    "$PAGEFERRY_HOME/scripts/pageferry.sh" "$@"
}

# start_server: the paging server, on ports that are free; exports PAGEFERRY_SERVER.
start_server() {
    start server "$PAGEFERRY_HOME/scripts/paging-server.sh" --pool "$pool" --listen 127.0.0.1:0 \
        --unix "$work/nbd.sock" --direct "$work/direct.sock" --control 127.0.0.1:0
    await server "control API on"
    PAGEFERRY_SERVER=$(said server 'control API on \(http[^ ]*\)')
    export PAGEFERRY_SERVER
}

# start_agent NAME [FLAG...]
start_agent() {
    local agent=$1
    shift
    start "agent-$agent" "$PAGEFERRY_HOME/scripts/partition-agent.sh" --name "$agent" --socket "$work/$agent.sock" "$@"
    await "agent-$agent" "serves"
}

# start_store AGENT MEMORY [FLAG...]: a store attached to an agent, as partition "store".
start_store() {
    local agent=$1 memory=$2 name=store-$1-$((++stores))
    shift 2
    start "$name" "$PAGEFERRY_HOME/scripts/kv.sh" --agent "$work/$agent.sock" --partition store \
        --memory "$memory" --listen 127.0.0.1:0 "$@"
    store_processes[$agent]=${processes[-1]}
    await "$name" "listening"
}

# await_departure AGENT: until the store that ran there has ended, as it does once its partition runs elsewhere.
await_departure() {
    wait "${store_processes[$1]}" || true
}

# start_gateway: sets $gateway_port.
start_gateway() {
    start gateway "$PAGEFERRY_HOME/scripts/gateway.sh" --partition store --listen 127.0.0.1:0
    await gateway "listens"
    # shellcheck disable=SC2034 # for whoever sources this
    gateway_port=$(said gateway ":\\([0-9]*\\)")
}
