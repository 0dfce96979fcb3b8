# needs: python3
exec /usr/bin/python3 -u - <<'END'
import queue, subprocess, threading
q, done, lock = queue.Queue(10), [], threading.Lock()
half, go = threading.Barrier(9), threading.Event()
def work(k):
    half.wait()
    go.wait()
    while (item := q.get()) is not None:
        with lock:
            done.append(item * item)
    with lock:
        done.append(0)
threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
for t in threads: t.start()
half.wait()
subprocess.run(["middle"], check=True)
go.set()
for i in range(1000): q.put(i)
for t in threads: q.put(None)
for t in threads: t.join()
print(len(done), sum(done))
condition, turn, out = threading.Condition(), 0, []
def ping(k):
    global turn
    for _ in range(200):
        with condition:
            condition.wait_for(lambda: turn % 4 == k)
            turn += 1
            out.append(k)
            condition.notify_all()
threads = [threading.Thread(target=ping, args=(k,)) for k in range(4)]
for t in threads: t.start()
for t in threads: t.join()
print(turn, out[:8])
timer = threading.Timer(0.05, lambda: print("timer")); timer.start(); timer.join()
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(5) as pool: print(sum(pool.map(lambda x: x * 2, range(100))))
END
