#!/bin/sh
# Runs scripts, each in an empty folder of its own, and says for each what came out:
#     run-scripts.sh [--middle] GUEST FOLDER NAME...
# GUEST is the folder of our own programs. With --middle all run at the same time up to the command `middle`, which each of
# them calls where it is halfway; then comes the line @@ready, and they go on when there is a line of input.
# Output: "@@begin NAME", each line of the script's own output and errors behind "| ", "@@status NAME STATUS".
# The same environment for all, whoever calls.
[ "${CLEAN-}" = yes ] || exec env -i CLEAN=yes PATH="$PATH" sh "$0" "$@"
set -u
limit=100
scripts=$(dirname "$0")/scripts
middle=
if [ "$1" = --middle ]; then
    middle=yes
    shift
fi
GUEST=$1
folder=$2
shift 2
mkdir -p "$folder/bin"
cat >"$folder/bin/middle" <<'MIDDLE'
#!/bin/sh
[ -n "$MIDDLE" ] && [ ! -e "$MIDDLE.reached" ] || exit 0
: >"$MIDDLE.reached"
echo >"$RENDEZVOUS/ready"
read -r line <"$RENDEZVOUS/go"
MIDDLE
chmod +x "$folder/bin/middle"
export GUEST RENDEZVOUS="$folder" PATH="$folder/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
export HOME="$folder" LC_ALL=C TZ=UTC TERM=dumb

run() {
    mkdir "$folder/$1.d"
    cd "$folder/$1.d" || exit
    export TMPDIR="$folder/$1.d"
    timeout -k 5 $limit sh "$scripts/$1.sh" >"$folder/$1.out" 2>&1 </dev/null
    echo $? >"$folder/$1.status"
    # Who comes to the end without having been halfway must not be waited for.
    [ -z "$middle" ] || [ -e "$MIDDLE.reached" ] || echo >"$RENDEZVOUS/ready"
}

tell() {
    printf '@@begin %s\n' "$1"
    sed 's/^/| /; $a\' "$folder/$1.out"
    printf '@@status %s %s\n' "$1" "$(cat "$folder/$1.status")"
}

if [ -z "$middle" ]; then
    export MIDDLE=
    for name; do
        run "$name"
        cd /
        tell "$name"
    done
    exit
fi

mkfifo "$folder/ready" "$folder/go"
exec 3<&0 7<>"$folder/ready" 8<>"$folder/go"
for name; do
    (
        exec 3<&- 7<&- 8<&-
        export MIDDLE="$folder/$name"
        run "$name"
    ) &
done
for name; do
    read -r line <&7
done
echo @@ready
read -r line <&3
for name; do
    [ ! -e "$folder/$name.reached" ] || echo >&8
done
wait
for name; do
    tell "$name"
done
