# needs: busybox
mkdir t
cd t
busybox seq 1 50 >numbers
busybox ls -l numbers | busybox awk '{print $1, $5}'
busybox grep -c 1 numbers
busybox sleep 20 &
busybox ps -o pid,comm | busybox awk -v pid=$! '$1 == pid {print $2}'
busybox tar cf - numbers | { busybox dd bs=1024 count=1 2>/dev/null; middle; busybox cat; } | busybox tar tvf - | busybox awk '{print $1, $3}'
kill $!
wait $! 2>/dev/null # dash says "Terminated" only when the end comes late enough
echo "status $?"
busybox sleep 0.01
busybox wget --help 2>&1 | busybox head -3 | busybox tail -2
busybox md5sum <numbers
busybox no_such_applet
echo "status $?"
