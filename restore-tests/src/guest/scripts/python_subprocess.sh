# needs: python3
exec /usr/bin/python3 -u - <<'END'
import os, signal, subprocess, sys
cat = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
cat.stdin.write(b"before "); cat.stdin.flush()
subprocess.run(["middle"], check=True)
print(cat.communicate(b"after"))
print(subprocess.run(["sh", "-c", "echo out; echo err >&2; exit 3"], capture_output=True, text=True))
print(subprocess.check_output("seq 1 100 | tail -1", shell=True))
p = subprocess.Popen(["sleep", "20"]); p.terminate(); print(p.wait())
try:
    subprocess.run(["sleep", "20"], timeout=0.1)
except subprocess.TimeoutExpired:
    print("timeout")
try:
    subprocess.run(["/no/such/program"])
except FileNotFoundError as e:
    print(e)
r, w = os.pipe(); pid = os.fork()
if pid == 0:
    os.write(w, b"child"); os._exit(5)
print(os.read(r, 10), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
print(subprocess.run(["env"], env={"ONLY": "this"}, cwd="/", capture_output=True).stdout)
many = [subprocess.Popen(["sh", "-c", f"exit {i}"]) for i in range(20)]
print([m.wait() for m in many], flush=True)
import multiprocessing
with multiprocessing.get_context("fork").Pool(4) as pool: print(pool.map(abs, range(-20, 0)))
os.kill(os.getpid(), signal.SIGKILL)
END
