# needs: dash
exec dash -c '
set -e
total=0
i=0
while [ $i -lt 500 ]; do
    i=$((i + 1))
    total=$((total + i))
    [ $i -ne 250 ] || middle
done
echo "total $total"
printf "%s %5d|%-5s|%x\n" word 42 left 255
exec 3>file
echo to file >&3
exec 3>&-
read -r a b <file
echo "$b $a"
trap "echo terminated" TERM
kill -TERM $$
set -- one "two words" three
for word; do echo "<$word>"; done
echo "$(echo nested "$(echo deeper)")"
false
echo not reached
'
