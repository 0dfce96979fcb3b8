umask 022
mkdir -p a/b/c
echo one >a/one
ln -s one a/link
ln a/one a/b/hard
cp -a a copy
readlink copy/link
stat -c '%n %A %h %s %F' a/one a/link
stat -c '%n %A %h %F' a/b
chmod u=rwx,go=r a/one
chmod -R g+w copy
stat -c %a a/one copy/one
touch -d '2001-02-03 04:05:06 UTC' a/one
date -r a/one +%s
mv copy moved
ls -R moved
ls -la a | awk '{print $1, $2, $NF}' | sed 1d | grep -v ' \.\.$'
dd if=/dev/zero of=sparse bs=1 count=1 seek=99999 2>/dev/null
stat -c %s sparse
truncate -s 5000 sparse
{ head -c 2500 sparse; middle; tail -c +2501 sparse; } | cmp - sparse && echo same
mkfifo fifo
cat fifo &
echo through the fifo >fifo
wait
install -m 640 a/one installed
stat -c %a installed
ln -sfn b a/link
readlink -f a/link | sed 's/.*\/a/a/'
realpath --relative-to=a moved/b
rm -r moved
ls moved
rmdir a
mktemp -d XXXX | wc -c
du -sb a/one | cut -f1
tee x y <a/one >/dev/null
cmp x y
sync x
chown 12:34 x
stat -c '%u %g' x
timeout 0.1 sleep 5
echo "status $?"
nice -n 5 nice
env -i A=1 env
id -u
basename /a/b.c .c
pwd | sed 's/.*\///'
test -w x -a ! -d x && echo writable
mknod node p && stat -c %F node
nohup true
stty 2>&1 | head -1
uname -s
nproc --all | grep -c '^[1-9]'
arch
