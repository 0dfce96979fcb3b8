# needs: bash
exec bash -c '
name=world
cat <<END
hello $name $(( 3 * 4 ))
$(echo "from a command")
END
cat <<"END"
not $expanded
END
cat <<-END
	without the tab
	END
cat <<<"a string"
{ head -2; middle; tail -1; } <<END
$(seq 1 20000)
END
wc -c <<END
$(head -c 200000 /dev/zero | tr "\0" x)
END
'
