seq 1 2000 >numbers
{ head -1000 numbers; middle; tail -1000 numbers; } | grep -c '7$'
grep -n '^1.*9$' numbers | tail -2
grep -E '^(12|34)[0-5]?$' numbers | paste -sd' '
grep -P '^(?=.*1)(?=.*2)\d{3}$' numbers | wc -l
grep -o '[0-9]00' numbers | sort -u | wc -l
grep -A1 -B1 '^1000$' numbers
grep -v 1 numbers | wc -l
grep -q nothing numbers
echo "status $?"
grep x missing
echo "status $?"
mkdir d; echo needle >d/hay; grep -rl needle d
grep -F -x -f numbers numbers | wc -l
printf 'a\0b\n' | grep -c a
