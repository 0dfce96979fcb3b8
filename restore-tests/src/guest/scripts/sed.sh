{ seq 1 10; middle; seq 11 20; } | sed -n '2~3{s/^/third /;p}'
seq 1 9 | sed '1!G;h;$!d' | paste -sd' '
seq 1 9 | sed -E 's/(.)/<\1>/; 5q'
printf 'a b\nc d\n' >file
sed -i.bak 's/\([a-z]\) \([a-z]\)/\2 \1/' file
cat file file.bak
seq 1 5 | sed ':a;N;$!ba;s/\n/,/g'
seq 1 3 | sed -e '2i\' -e 'before' -e '2a after'
echo hello | sed 'y/helo/HELO/;w out'
cat out
sed -n '$=' file
echo x | sed 's/x/echo run/e'
sed 's/(/' file
echo "status $?"
