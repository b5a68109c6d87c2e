# shellcheck shell=bash
# Sourced by the launchers, after java.sh: builds what is missing and runs a main class.

# What is launched, and what it is made of.
launched_modules=(paging-server partition-agent examples)
built_modules=(migration-core "${launched_modules[@]}")

# Why a build is needed; nothing if it is not.
why_build() {
    local module jar references
    for module in "${launched_modules[@]}"; do
        [ -d "$PAGEFERRY_HOME/$module/target/lib" ] || { echo "the first time only"; return 0; }
    done
    for module in "${built_modules[@]}"; do
        references=()
        # What Maven found unchanged keeps its old jar: then the last build of ours tells how new it is.
        for jar in "$PAGEFERRY_HOME/$module/target/$module"-*.jar "$PAGEFERRY_HOME/$module/target/.launched"; do
            case $jar in *-tests.jar) continue ;; esac
            [ ! -e "$jar" ] || references+=(-newer "$jar")
        done
        if [ "${#references[@]}" -eq 0 ]; then
            echo "$module is not built"
            return 0
        fi
        if [ -n "$(find "$PAGEFERRY_HOME/pom.xml" "$PAGEFERRY_HOME/$module/pom.xml" "$PAGEFERRY_HOME/$module/src/main" \
            -type f "${references[@]}" -print -quit)" ]; then
            echo "$module has changed"
            return 0
        fi
    done
}

# Builds the modules unless what is there was made of the sources as they are now.
ensure_built() {
    [ -n "$(why_build)" ] || return 0
    # One at a time: who waits finds it built.
    (
        ! command -v flock >/dev/null || flock 9
        why=$(why_build)
        [ -n "$why" ] || exit 0
        echo "pageferry: building ($why)" >&2
        run_maven -q -DskipTests -pl "$(IFS=,; echo "${launched_modules[*]}")" -am package >&2 || exit 1
        for module in "${built_modules[@]}"; do touch "$PAGEFERRY_HOME/$module/target/.launched"; done
    ) 9<"$PAGEFERRY_HOME"
}

# Copies of 32 KiB and more by the C library store past the cache, which does not read what is about to be overwritten (glibc, x86-64;
# io.pageferry.copy.CopyTuning looks whether that is faster). The tests' processes read the same file.
copy_past_cache() {
    GLIBC_TUNABLES="$(<"$PAGEFERRY_HOME/config/glibc.tunables")${GLIBC_TUNABLES:+:$GLIBC_TUNABLES}"
    export GLIBC_TUNABLES
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
