# needs: gzip
seq 1 100000 >numbers
{ seq 1 50000; middle; seq 50001 100000; } | gzip -c >numbers.z
gzip -dc <numbers.z | cmp - numbers && echo same
cp numbers copy
gzip -9 copy && ls copy*
gzip -t copy.?z && echo whole
{ head -c 1000 copy.?z; } | gzip -dc 2>&1 >/dev/null | tail -1
gzip -d copy.?z && cmp copy numbers && echo same again
head -c 1000000 /dev/urandom >random
gzip -1 <random | gzip -d | cmp - random && echo random
