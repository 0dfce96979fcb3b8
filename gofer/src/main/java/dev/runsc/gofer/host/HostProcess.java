package dev.runsc.gofer.host;

import static dev.runsc.gofer.abi.SyscallNumbers.SYS_clock_gettime;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_exit_group;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_getegid;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_geteuid;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_getpid;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_getppid;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_getrandom;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_gettid;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_kill;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_pidfd_getfd;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_pidfd_open;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_pidfd_send_signal;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_prctl;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_prlimit64;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_sched_getaffinity;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_setsid;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_tgkill;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_umask;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_waitid;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.Rlimit;
import dev.runsc.gofer.abi.SigInfo;
import dev.runsc.gofer.abi.SignalNumbers;
import dev.runsc.gofer.abi.Timespec;
import dev.runsc.gofer.abi.WaitFlags;
import java.nio.ByteBuffer;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** Processes of the host, and this one. */
public final class HostProcess {
    private HostProcess() {}

    /**
     * exit_group(2): ends this process at once. The JVM's own halt would first wait 300 ms for
     * threads that are in a call to the host.
     */
    public static void exit(int status) {
        Syscall.raw(SYS_exit_group, status, 0, 0, 0, 0, 0);
    }

    /**
     * How a child ended.
     *
     * @param pid whose
     * @param signaled whether a signal ended it
     * @param status the exit code, or the signal's number
     */
    public record Exit(int pid, boolean signaled, int status) {}

    public static int getpid() {
        return (int) Syscall.raw(SYS_getpid, 0, 0, 0, 0, 0, 0);
    }

    public static int getppid() {
        return (int) Syscall.raw(SYS_getppid, 0, 0, 0, 0, 0, 0);
    }

    public static int gettid() {
        return (int) Syscall.raw(SYS_gettid, 0, 0, 0, 0, 0, 0);
    }

    public static int geteuid() {
        return (int) Syscall.raw(SYS_geteuid, 0, 0, 0, 0, 0, 0);
    }

    public static int getegid() {
        return (int) Syscall.raw(SYS_getegid, 0, 0, 0, 0, 0, 0);
    }

    public static int setsid() throws ErrnoException {
        return (int) Syscall.call(SYS_setsid, 0);
    }

    /** Sets the file mode creation mask of this process; returns the old one. */
    public static int umask(int mask) throws ErrnoException {
        return (int) Syscall.call(SYS_umask, mask);
    }

    public static void kill(int pid, int signal) throws ErrnoException {
        Syscall.call(SYS_kill, pid, signal);
    }

    public static void tgkill(int processId, int threadId, int signal) throws ErrnoException {
        Syscall.call(SYS_tgkill, processId, threadId, signal);
    }

    /** Becomes readable when the process ends. */
    public static HostFd pidfdOpen(int pid) throws ErrnoException {
        return HostFd.own((int) Syscall.call(SYS_pidfd_open, pid, 0));
    }

    public static void pidfdSendSignal(int pidfd, int signal) throws ErrnoException {
        Syscall.call(SYS_pidfd_send_signal, pidfd, signal, 0, 0);
    }

    /** A descriptor of another process, copied into this one; needs the right to trace it. */
    public static HostFd pidfdGetfd(int pidfd, int fd) throws ErrnoException {
        return HostFd.own((int) Syscall.call(SYS_pidfd_getfd, pidfd, fd, 0));
    }

    /** Waits until a child ends and reaps it. */
    public static Exit waitFor(int pid) throws ErrnoException {
        Exit exit = waitid(WaitFlags.P_PID, pid, WaitFlags.WEXITED);
        if (exit == null) {
            throw new AssertionError("waitid came back with nothing");
        }
        return exit;
    }

    /** Reaps a child if it has ended; null while it runs. */
    public static @Nullable Exit findExit(int pid) throws ErrnoException {
        return waitid(WaitFlags.P_PID, pid, WaitFlags.WEXITED | WaitFlags.WNOHANG);
    }

    /**
     * waitid(2). {@code type} is P_PID, P_PIDFD, P_PGID or P_ALL; null when WNOHANG is among the
     * options and nothing has happened.
     */
    public static @Nullable Exit waitid(int type, int id, int options) throws ErrnoException {
        Scratch scratch = Scratch.get();
        scratch.data().put(new byte[SigInfo.BYTES]);
        Syscall.call(SYS_waitid, type, id, scratch.dataAddress(), options);
        SigInfo info = SigInfo.readFrom(scratch.data());
        if (info.pid() == 0) {
            return null;
        }
        boolean signaled =
                info.code() == SignalNumbers.CLD_KILLED || info.code() == SignalNumbers.CLD_DUMPED;
        return new Exit(info.pid(), signaled, info.status());
    }

    /** prctl(2) with numbers. Most operations act on the calling thread only. */
    public static int prctl(int operation, long arg2, long arg3, long arg4, long arg5)
            throws ErrnoException {
        return (int) Syscall.call(SYS_prctl, operation, arg2, arg3, arg4, arg5);
    }

    /** The limit of this process for {@code RLIMIT_*}. */
    public static Rlimit getrlimit(int resource) throws ErrnoException {
        Scratch scratch = Scratch.get();
        Syscall.call(SYS_prlimit64, 0, resource, 0, scratch.dataAddress());
        return Rlimit.readFrom(scratch.data());
    }

    public static void setrlimit(int resource, Rlimit limit) throws ErrnoException {
        Scratch scratch = Scratch.get();
        limit.writeTo(scratch.data());
        Syscall.call(SYS_prlimit64, 0, resource, scratch.dataAddress(), 0);
    }

    /** The CPUs the calling thread may run on. */
    public static BitSet schedGetaffinity() throws ErrnoException {
        Scratch scratch = Scratch.get();
        long bytes =
                Syscall.call(SYS_sched_getaffinity, 0, Scratch.DATA_BYTES, scratch.dataAddress());
        return BitSet.valueOf(scratch.data().limit((int) bytes));
    }

    /** Bytes from the host's random pool, which waits only in the first moments after boot. */
    public static void getrandom(byte[] target) throws ErrnoException {
        Scratch scratch = Scratch.get();
        int done = 0;
        while (done < target.length) {
            int want = Math.min(target.length - done, Scratch.DATA_BYTES);
            int got = (int) Syscall.call(SYS_getrandom, scratch.dataAddress(), want, 0);
            scratch.data().get(target, done, got);
            done += got;
        }
    }

    /** A clock of {@code ClockIds}. System.nanoTime is CLOCK_MONOTONIC and much cheaper. */
    public static Timespec clockGettime(int clock) throws ErrnoException {
        Scratch scratch = Scratch.get();
        Syscall.call(SYS_clock_gettime, clock, scratch.dataAddress());
        ByteBuffer data = scratch.data();
        return Timespec.readFrom(data);
    }
}
