# shellcheck shell=bash
# Sourced by every script: finds the project's home and a JDK of version 25 or newer.
# Looked for in PAGEFERRY_JAVA_HOME, JAVA_HOME, PATH and /usr/lib/jvm/*, in that order.

PAGEFERRY_HOME=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
PAGEFERRY_MIN_JAVA=25

# Prints the feature version (such as 25) of the JDK in folder $1, or nothing if there is none.
java_feature_version() {
    [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] || return 0
    "$1/bin/java" -XshowSettings:properties -version 2>&1 |
        sed -n 's/^ *java\.specification\.version = \([0-9]*\).*/\1/p'
}

is_new_enough() {
    local version
    version=$(java_feature_version "$1")
    [ -n "$version" ] && [ "$version" -ge "$PAGEFERRY_MIN_JAVA" ]
}

find_java_home() {
    local on_path candidate
    on_path=$(command -v javac || true)
    [ -z "$on_path" ] || on_path=$(dirname "$(dirname "$(readlink -f "$on_path")")")
    for candidate in "${PAGEFERRY_JAVA_HOME:-}" "${JAVA_HOME:-}" "$on_path" /usr/lib/jvm/*; do
        if [ -n "$candidate" ] && is_new_enough "$candidate"; then
            printf '%s\n' "$candidate"
            return 0
        fi
    done
    cat >&2 <<TEXT
pageferry: no JDK of version $PAGEFERRY_MIN_JAVA or newer found (looked in PAGEFERRY_JAVA_HOME, JAVA_HOME, PATH and /usr/lib/jvm).
Install one (for example Eclipse Temurin $PAGEFERRY_MIN_JAVA), or set PAGEFERRY_JAVA_HOME to the folder of one.
TEXT
    return 1
}

JAVA_HOME=$(find_java_home) || exit 1
export JAVA_HOME PAGEFERRY_HOME

# Runs Maven with the JDK found, in the project's home.
run_maven() {
    if ! command -v mvn >/dev/null; then
        echo "pageferry: Maven (mvn, 3.8 or newer) is not installed: apt-get install maven" >&2
        return 1
    fi
    (cd "$PAGEFERRY_HOME" && mvn "$@")
}
