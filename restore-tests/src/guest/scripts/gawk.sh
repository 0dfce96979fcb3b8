# needs: gawk
{ seq 1 500; middle; seq 501 1000; } | gawk '{ s += $1; q += $1 * $1 } END { print s, q, sqrt(q) }'
gawk 'BEGIN { for (i = 0; i < 5; i++) printf "%d:%s ", i, i % 2 ? "odd" : "even"; print "" }'
echo 'the cat the dog the end' | gawk '{ for (i = 1; i <= NF; i++) n[$i]++ } END { PROCINFO["sorted_in"] = "@ind_str_asc"; for (w in n) print w, n[w] }'
gawk 'BEGIN { while (("seq 1 5" | getline x) > 0) t += x; close("seq 1 5"); print t }'
gawk 'BEGIN { print "b\na" | "sort"; close("sort"); system("echo system"); print strftime("%Y", 0, 1) }'
gawk 'BEGIN { c = "cat"; print "to a coprocess" |& c; close(c, "to"); c |& getline l; print l }'
gawk -F: '$3 == 0 { print $1 }' /etc/passwd
gawk 'BEGIN { print substr("hello", 2, 3), index("hello", "l"), match("foobar", /o+/), RSTART, RLENGTH, toupper("x"), gensub(/(a)(b)/, "\\2\\1", "g", "abab") }'
gawk 'BEGIN { srand(42); printf "%.6f\n", rand(); exit 4 }'
echo "status $?"
