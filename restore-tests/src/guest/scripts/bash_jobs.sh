# needs: bash
# Bash misses a child that ends between its look for dead ones and its wait: those of wait -n live on for a while.
exec bash -c '
sleep 30 & first=$!
sleep 31 & second=$!
jobs
kill $first
wait $first; echo "status $?"
jobs
middle
jobs -r
kill -STOP $second; kill -CONT $second; kill -KILL $second
wait $second; echo "status $?"
(exit 7) & wait $!; echo "status $?"
(until [ -e go ]; do sleep 0.1; done; exit 4) & (sleep 0.3; exit 3) & wait -n; echo "first $?"; : >go; wait -n; echo "then $?"
set -m
sleep 0.01 & wait %1; echo "job $?"
set +m
{ sleep 0.05; echo background; } & wait
' 2>&1 | sed 's/:  *[0-9]* Killed/: Killed/'
