# shellcheck shell=bash
# Sourced by test.sh, after java.sh: brings what the tests need beside a JDK and Maven.
# Only what is missing is installed, and only by root where there is apt-get; elsewhere a note says what to install.
# Tests whose program is missing say so and do not run; with CI=true they fail.

# Each line: a command to look for (or a Python module, as python:NAME), and the Debian package that brings it.
test_tools() {
    cat <<TEXT
nbdkit nbdkit
nbdinfo libnbd-bin
nbdcopy libnbd-bin
nbdfuse libnbd-bin
python:nbd python3-libnbd
qemu-nbd qemu-utils
qemu-io qemu-utils
nbd-client nbd-client
nbd-server nbd-server
fio fio
redis-cli redis-tools
shellcheck shellcheck
gcc gcc
mkfs.ext4 e2fsprogs
ip iproute2
TEXT
}

has_test_tool() {
    case $1 in
        python:*) /usr/bin/python3 -c "import ${1#python:}" 2>/dev/null ;;
        *) PATH="$PATH:/usr/sbin:/sbin" command -v "$1" >/dev/null ;;
    esac
}

# Prints the packages of the tools that are missing, each once.
missing_test_packages() {
    local tool package
    test_tools | while read -r tool package; do
        has_test_tool "$tool" || printf '%s\n' "$package"
    done | sort -u
}

install_test_tools() {
    local packages
    mapfile -t packages < <(missing_test_packages)
    [ "${#packages[@]}" -gt 0 ] || return 0
    if ! command -v apt-get >/dev/null || [ "$(id -u)" -ne 0 ]; then
        echo "pageferry: some tests need programs that are missing: apt-get install ${packages[*]}" >&2
        return 0
    fi
    echo "pageferry: installing what the tests need: ${packages[*]}" >&2
    if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        "${packages[@]}"; } >&2; then
        echo "pageferry: that failed; the tests that need these programs will not run (with CI=true they fail)" >&2
    fi
}
