# needs: python3
exec /usr/bin/python3 -u - <<'END'
import os, select, signal, subprocess, threading, time
got = []
signal.signal(signal.SIGUSR1, lambda s, f: got.append("usr1"))
signal.signal(signal.SIGRTMIN + 3, lambda s, f: got.append("rt"))
signal.signal(signal.SIGALRM, lambda s, f: got.append("alarm"))
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1, signal.SIGRTMIN + 3])
for _ in range(3): os.kill(os.getpid(), signal.SIGUSR1); os.kill(os.getpid(), signal.SIGRTMIN + 3)
subprocess.run(["middle"], check=True)
print(sorted(signal.Signals(s).name if s < 32 else "RT" for s in signal.sigpending()))
signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGUSR1, signal.SIGRTMIN + 3]); print(sorted(got))
got.clear(); signal.setitimer(signal.ITIMER_REAL, 0.02, 0.02)
while got.count("alarm") < 5: signal.pause()
signal.setitimer(signal.ITIMER_REAL, 0); print(got.count("alarm") >= 5)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
threading.Timer(0.05, lambda: os.kill(os.getpid(), signal.SIGUSR2)).start()
info = signal.sigwaitinfo([signal.SIGUSR2]); print(info.si_signo == signal.SIGUSR2, info.si_pid == os.getpid(), info.si_uid)
print(signal.sigtimedwait([signal.SIGUSR2], 0.01))
r, w = os.pipe(); os.set_blocking(w, False); signal.set_wakeup_fd(w); os.kill(os.getpid(), signal.SIGUSR1); print(os.read(r, 10))
signal.set_wakeup_fd(-1)
child = subprocess.Popen(["sleep", "30"]); child.send_signal(signal.SIGSTOP)
print(os.WSTOPSIG(os.waitpid(child.pid, os.WUNTRACED)[1])); child.send_signal(signal.SIGCONT)
print(os.WIFCONTINUED(os.waitpid(child.pid, os.WCONTINUED)[1])); child.kill(); print(child.wait())
signal.signal(signal.SIGTERM, signal.SIG_DFL); os.kill(os.getpid(), signal.SIGTERM)
END
