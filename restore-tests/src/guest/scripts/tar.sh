# needs: tar gzip xz bzip2 zstd
mkdir -p tree/sub
seq 1 5000 >tree/numbers
head -c 100000 /dev/urandom >tree/sub/random
ln -s numbers tree/link
ln tree/numbers tree/hard
mkfifo tree/fifo
chmod 751 tree/sub
for kind in '' z J j --zstd; do
    case $kind in '' | --zstd) option="$kind" ;; *) option="-$kind" ;; esac
    mkdir "out$kind"
    tar $option -cf archive tree && tar $option -xpf archive -C "out$kind" && diff -r --no-dereference -x fifo tree "out$kind/tree" && echo "same $kind"
    rm archive
done
stat -c '%n %A' out/tree/sub out/tree/fifo
tar cf - tree | { head -c 20480; middle; cat; } | tar tf - | sort
echo more >tree/more
tar cf a.tar tree/more && tar rf a.tar tree/numbers && tar tvf a.tar | awk '{print $1, $3, $NF}'
tar xOf a.tar tree/more
tar xf missing.tar
echo "status $?"
