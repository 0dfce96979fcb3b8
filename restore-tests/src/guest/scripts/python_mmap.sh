# needs: python3
exec /usr/bin/python3 -u - <<'END'
import mmap, os, subprocess
with open("file", "wb") as f: f.write(b"hello world" + bytes(20000))
f = open("file", "r+b"); shared = mmap.mmap(f.fileno(), 0); private = mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_COPY)
memory = mmap.mmap(-1, 1 << 20)
shared[0:5] = b"HELLO"; private[6:11] = b"EARTH"; memory[5000:5004] = b"kept"
r, w = os.pipe(); r2, w2 = os.pipe(); pid = os.fork()
if pid == 0:
    os.write(w, b"x"); os.read(r2, 1)
    memory[0:5] = memory[5000:5004] + b"!"; shared[100:105] = b"child"; private[0:1] = b"?"; os._exit(0)
os.read(r, 1)
subprocess.run(["middle"], check=True)
os.write(w2, b"x"); os.waitpid(pid, 0)
print(memory[0:5], shared[0:11], private[0:11], open("file", "rb").read(105)[-5:])
shared.resize(40000); shared[39999] = 7; shared.flush(); print(os.path.getsize("file"), shared[39999], shared.find(b"child"))
os.truncate("file", 100); print(open("file", "rb").read() == b"HELLO world" + bytes(89))
big = bytearray(50_000_000); big[::4096] = b"x" * len(big[::4096]); print(big.count(b"x"))
fd = os.memfd_create("m"); os.ftruncate(fd, 8192); m = mmap.mmap(fd, 8192); m[8191] = 1; print(os.pread(fd, 1, 8191))
try: mmap.mmap(fd, 4096, offset=1)
except (OSError, ValueError) as e: print(e)
END
