# shellcheck shell=bash
# Sourced by the launchers, after java.sh: builds what is missing and runs a main class.

# Builds the modules unless their class paths are there.
ensure_built() {
    local module
    for module in paging-server partition-agent examples; do
        if [ ! -d "$PAGEFERRY_HOME/$module/target/lib" ]; then
            echo "pageferry: building (the first time only)" >&2
            run_maven -q -DskipTests package >&2 || return 1
            return 0
        fi
    done
}

# launch MODULE MAIN_CLASS [ARG ...]: becomes that Java process. PAGEFERRY_JVM_OPTIONS adds JVM flags.
launch() {
    local module=$1 main=$2
    shift 2
    ensure_built || exit 1
    # shellcheck disable=SC2086 # several flags in one variable
    exec "$JAVA_HOME/bin/java" @"$PAGEFERRY_HOME/config/jvm.args" ${PAGEFERRY_JVM_OPTIONS:-} \
        -cp "$PAGEFERRY_HOME/$module/target/classes:$PAGEFERRY_HOME/$module/target/lib/*" "$main" "$@"
}
