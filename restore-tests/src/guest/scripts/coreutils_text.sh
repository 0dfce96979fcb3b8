seq 1 300 >numbers
{ seq 300 -1 151; middle; seq 150 -1 1; } | sort -n | cmp - numbers && echo sorted
{ seq 1 5; echo 6; } | tac | paste -s -d, -
cut -c2 numbers | sort | uniq -c | head -4
head -c 100 numbers | od -An -tx1 | tail -1
tr 0-9 a-j <numbers | tail -1
join numbers numbers | wc -l
comm -12 numbers numbers | wc -l
fold -w 3 numbers | wc -l
nl numbers | tail -1
expand numbers | fmt -w 40 | head -1
split -l 100 numbers part. && wc -l part.* | tail -1
csplit -s numbers 100 200 && wc -l xx0* | awk '{print $1}' | paste -sd' '
shuf -i 1-100 | sort -n | sha256sum
factor 1234567890
numfmt --to=iec 123456789
seq -s+ 1 100 | bc 2>/dev/null || seq -s' ' 1 10 | tr ' ' +
base64 numbers | base64 -d | md5sum
cksum numbers
sum numbers
b2sum <numbers | cut -c1-16
tsort <<END
a b
b c
END
printf '%s\n' b a c | sort -c
echo "status $?"
printf '%05.2f|%s\n' 3.14159 'a b'
expr 6 \* 7
test 3 -lt 4 && echo less
echo a b c | xargs -n1 echo
ptx -w 30 <<END
one two
END
pr -2 -l 12 -t numbers | head -2
