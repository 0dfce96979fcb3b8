# needs: busybox
exec busybox sh -c '
for i in 1 2 3; do echo "line $i"; done | while read -r word number; do echo "$number $word"; done
f() { local x=$1; [ "$x" -le 1 ] && echo 1 && return; echo $((x * $(f $((x - 1))))); }
f 6
middle
f 7
trap "echo bye" EXIT
(exit 3) || echo "status $?"
case abc in a*) echo match;; esac
cat <<END
here $((6 * 7))
END
exit 5
'
