# Sourced by runsc, check and the other scripts here: finding the JDK and building. POSIX sh; functions only.

# Ends with the exit code that runsc has for failures of its own. One line: what is missing and what to do.
fail() {
    printf 'runsc: %s\n' "$1" >&2
    exit 128
}

# Succeeds when the folder holds a JDK 25 or newer. Reads the JDK's release file: starts no process.
is_jdk() {
    [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
    while IFS= read -r release_line; do
        case $release_line in
            JAVA_VERSION=*)
                version=${release_line#JAVA_VERSION=\"}
                version=${version%%[!0-9]*}
                [ "${version:-0}" -ge 25 ]
                return
                ;;
        esac
    done <"$1/release"
    return 1
}

# Sets and exports JAVA_HOME: the one given when it is new enough, else one of the system's, else the one on PATH.
find_jdk() {
    if [ -n "${JAVA_HOME:-}" ] && is_jdk "$JAVA_HOME"; then
        export JAVA_HOME
        return
    fi
    for home in /usr/lib/jvm/*; do
        if is_jdk "$home"; then
            export JAVA_HOME="$home"
            return
        fi
    done
    if on_path=$(command -v java); then
        home=$(readlink -f -- "$on_path")
        home=${home%/bin/java}
        if is_jdk "$home"; then
            export JAVA_HOME="$home"
            return
        fi
    fi
    fail "no JDK 25 or newer in JAVA_HOME, /usr/lib/jvm or on PATH: install one, or set JAVA_HOME to it"
}

# The tools of the build, each with the package that has it.
require_tools() {
    find_jdk
    command -v mvn >/dev/null || fail "Maven is missing (mvn is not on PATH): install it (Debian: apt-get install maven)"
    command -v gcc >/dev/null || command -v clang >/dev/null || command -v cc >/dev/null \
        || fail "a C compiler is missing (neither gcc nor clang is on PATH): install one (Debian: apt-get install gcc libc6-dev)"
    command -v make >/dev/null || fail "make is missing: install it (Debian: apt-get install make)"
}

# build_product ROOT: everything below runtime-cli/target/dist. One build at a time: a second caller waits for the first.
build_product() {
    require_tools
    if [ -n "${RUNSC_BUILD_LOCKED:-}" ] || ! command -v flock >/dev/null; then
        build_product_locked "$1"
        return
    fi
    mkdir -p "$1/runtime-cli/target" || fail "cannot write $1/runtime-cli/target: build once as a user who may"
    RUNSC_BUILD_LOCKED=1 flock "$1/runtime-cli/target/build.lock" \
        sh -c '. "$1/runtime-cli/src/main/build/build.sh"; build_product_locked "$1"' sh "$1" || exit 128
}

build_product_locked() {
    # The one who waited finds the work done.
    if [ "${RUNSC_REBUILD:-0}" != 1 ] && [ -r "$1/runtime-cli/target/dist/launch" ]; then
        built=
        . "$1/runtime-cli/target/dist/launch"
        [ "$built" = "$1/runtime-cli/target/dist" ] && [ -x "$java" ] && return
    fi
    printf 'runsc: building (once; about a minute, more when Maven has to fetch libraries) ...\n' >&2
    # Offline first: with the libraries at hand no network is needed, and none is asked.
    mvn -B -q -o -Dquick -f "$1/pom.xml" -pl runtime-cli -am package >"$1/runtime-cli/target/build.log" 2>&1 \
        || mvn -B -q -Dquick -f "$1/pom.xml" -pl runtime-cli -am package >"$1/runtime-cli/target/build.log" 2>&1 \
        || {
            sed 's/^/runsc: build: /' "$1/runtime-cli/target/build.log" | head -n 40 >&2
            fail "the build failed; all of its output is in $1/runtime-cli/target/build.log"
        }
    printf 'runsc: built.\n' >&2
}
