# needs: bash
exec bash -c '
trap "echo usr1" USR1
trap "echo usr2; kill -USR1 \$\$" USR2
trap "echo error at \$?" ERR
trap "echo exit \$?" EXIT
trap "" INT
trap "echo child" CHLD
kill -USR2 $$
(exit 6)
kill -INT $$; echo "still here"
trap - CHLD
middle
kill -USR1 $$
trap
(trap "echo sub" EXIT; kill -KILL $BASHPID); echo "sub $?"
sleep 50 & child=$!
(sleep 0.1; kill -USR1 $$) &
wait $child; echo "wait $?"
kill $child
for signal in HUP TERM USR1; do bash -c "ulimit -c 0; kill -$signal \$\$"; echo "$signal $?"; done
exit 3
' 2>/dev/null
