# needs: xz
seq 1 100000 >numbers
{ seq 1 50000; middle; seq 50001 100000; } | xz -c >numbers.z
xz -dc <numbers.z | cmp - numbers && echo same
cp numbers copy
xz -9 copy && ls copy*
xz -T2 -c numbers | xz -dc -T2 | cmp - numbers && echo threads
xz -t copy.?z && echo whole
{ head -c 1000 copy.?z; } | xz -dc 2>&1 >/dev/null | tail -1
xz -d copy.?z && cmp copy numbers && echo same again
head -c 1000000 /dev/urandom >random
xz -1 <random | xz -d | cmp - random && echo random
