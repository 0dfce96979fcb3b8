# needs: bash
exec bash -c '
set -o pipefail
seq 1 1000 | sort -rn | head -3 | tr "\n" " "; echo
true | false | true; echo "${PIPESTATUS[@]} $?"
{ seq 1 500; middle; seq 501 1000; } | while read -r n; do (( n % 250 )) || echo "n $n"; done
declare -A map=([one]=1 [two]=2 [three]=3)
for key in $(printf "%s\n" "${!map[@]}" | sort); do echo "$key ${map[$key]}"; done
diff <(seq 1 5) <(seq 2 6)
cat < <(echo process substitution) | tee >(wc -c >count) | rev
while [[ ! -s count ]]; do sleep 0.01; done; cat count
mapfile -t lines < <(seq 1 5); echo "${#lines[@]} ${lines[-1]}"
coproc { while read -r x; do echo "got $x"; done; }
echo hello >&"${COPROC[1]}"; read -r answer <&"${COPROC[0]}"; echo "$answer"
[[ "key=value" =~ ^([a-z]+)=(.*)$ ]] && echo "${BASH_REMATCH[2]}"
echo "${BASH_VERSINFO[0]}" $((2 ** 40)) "${UNSET:-default}"
exit 9
'
