mkdir -p tree/a/b tree/c
for i in 1 2 3 4 5; do echo $i >tree/a/file$i; echo $i$i >"tree/c/with space $i"; done
ln -s ../a tree/c/link
find tree | sort
find tree -type f -name 'file2' -exec middle \; -print | sort
find tree -type f -size -2c | sort
find tree -type f -print0 | sort -z | xargs -0 cat | paste -sd' '
find -L tree -name file3 | sort
find tree -type f -name 'file5' -delete
find tree -type f -printf '%f %s %m %d\n' | sort
find tree -maxdepth 1 -mindepth 1 -type d | sort
seq 1 20 | xargs -n 4 -P 4 sh -c 'expr $1 + $2 + $3 + $4' sh | sort -n
seq 1 10 | xargs -I{} echo 'item {}' | tail -1
echo | xargs false
echo "status $?"
find missing
echo "status $?"
