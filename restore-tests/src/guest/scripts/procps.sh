# needs: ps
sleep 40 &
pid=$!
ps -o comm=,args=,stat= -p $pid | awk '{print $1, $2, $3, substr($4, 1, 1)}'
pgrep -x sleep -P $$ | grep -c "^$pid$"
middle
ps -o pid=,ppid= -p $pid | awk -v pid=$pid -v me=$$ '{print $1 == pid, $2 == me}'
ps aux | awk -v pid=$pid '$2 == pid {print $1, $7, $11, $12}'
ps -ef | awk -v pid=$pid '$2 == pid' | grep -c 'sleep 40'
free | awk '{print $1}'
uptime | grep -c 'load average'
kill $pid
cat /proc/$$/comm
tr '\0' ' ' </proc/self/cmdline | sed 's/ .*//'
echo
awk '/^(Name|State|Threads|Uid)/ {print $1, $2}' /proc/self/status
ls /proc/self/fd | grep -x '[012]' | paste -sd' '
top -b -n1 | sed -n '7p' | awk '{print $1, $2}'
vmstat >/dev/null && echo vmstat
pidof sh >/dev/null && echo pidof
