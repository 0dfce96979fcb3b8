package dev.runsc.kernel.task;

import static dev.runsc.gofer.abi.SignalNumbers.CLD_CONTINUED;
import static dev.runsc.gofer.abi.SignalNumbers.CLD_STOPPED;
import static dev.runsc.gofer.abi.SignalNumbers.SIGCHLD;
import static dev.runsc.gofer.abi.SignalNumbers.SIGCONT;
import static dev.runsc.gofer.abi.WaitFlags.WCONTINUED;
import static dev.runsc.gofer.abi.WaitFlags.WEXITED;
import static dev.runsc.gofer.abi.WaitFlags.WNOHANG;
import static dev.runsc.gofer.abi.WaitFlags.WNOWAIT;
import static dev.runsc.gofer.abi.WaitFlags.WSTOPPED;
import static dev.runsc.gofer.abi.WaitFlags.__WALL;
import static dev.runsc.gofer.abi.WaitFlags.__WCLONE;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.kernel.sync.InterruptedSyscall;
import dev.runsc.kernel.sync.Interruptible;
import dev.runsc.kernel.sync.Interruptible.Wake;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.ThreadWaiter;
import org.jspecify.annotations.Nullable;

/** Waiting for children (wait4(2), waitid(2); Linux do_wait). */
public final class Waiting {
    private Waiting() {}

    /** Which children. */
    public sealed interface Which {
        record Any() implements Which {}

        record Process(int pid) implements Which {}

        record Group(ProcessGroup group) implements Which {}

        record Exactly(ThreadGroup child) implements Which {}

        /** A group without members. */
        record Nobody() implements Which {}
    }

    /**
     * A change of a child.
     *
     * @param code CLD_*
     * @param waitStatus as wait4(2) encodes it
     */
    public record Event(
            ThreadGroup child, int pid, int uid, int code, int waitStatus, CpuTimes times) {
        /** si_status: exit code or signal. */
        public int value() {
            if (code == CLD_CONTINUED) {
                return SIGCONT;
            }
            return code == CLD_STOPPED ? waitStatus >> 8 & 0xff : TaskExit.exitValue(waitStatus);
        }
    }

    /**
     * Waits.
     *
     * @param options WEXITED, WSTOPPED, WCONTINUED, WNOHANG, WNOWAIT, __WALL, __WCLONE
     * @return null with WNOHANG when no child has changed
     * @throws ErrnoException ECHILD
     */
    public static @Nullable Event await(Task task, Which which, int options) throws ErrnoException {
        ThreadGroup group = task.group();
        ThreadWaiter waiter = new ThreadWaiter();
        group.childEvents().add(waiter, PollEvents.POLLIN);
        try {
            boolean interrupted = false;
            while (true) {
                Event event = poll(task, which, options);
                if (event != null || (options & WNOHANG) != 0) {
                    return event;
                }
                if (interrupted) {
                    throw InterruptedSyscall.SYSTEM;
                }
                // A child whose end brought the signal is looked for before the signal counts.
                interrupted = task.sleep(waiter, Interruptible.FOREVER) == Wake.INTERRUPTED;
            }
        } finally {
            group.childEvents().remove(waiter);
        }
    }

    private static @Nullable Event poll(Task task, Which which, int options) throws ErrnoException {
        KernelLock lock = task.taskSet().lock();
        lock.lock();
        try {
            boolean any = false;
            for (ThreadGroup child : task.group().childrenLocked()) {
                if (!matches(task, child, which, options)) {
                    continue;
                }
                any = true;
                Event event = takeEvent(task, child, options);
                if (event != null) {
                    return event;
                }
            }
            if (!any) {
                throw Errno.ECHILD.error();
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    private static boolean matches(Task task, ThreadGroup child, Which which, int options) {
        boolean isClone = child.exitSignal() != SIGCHLD;
        if ((options & __WALL) == 0 && isClone != ((options & __WCLONE) != 0)) {
            return false;
        }
        return switch (which) {
            case Which.Any ignored -> true;
            case Which.Process process -> child.pid().in(task.namespace()) == process.pid();
            case Which.Group group -> child.processGroup() == group.group();
            case Which.Exactly exactly -> child == exactly.child();
            case Which.Nobody ignored -> false;
        };
    }

    private static @Nullable Event takeEvent(Task task, ThreadGroup child, int options) {
        boolean keep = (options & WNOWAIT) != 0;
        if (child.isZombie()) {
            if ((options & WEXITED) == 0) {
                return null;
            }
            Event event =
                    event(task, child, TaskExit.exitCode(child.exitStatus()), child.exitStatus());
            if (!keep) {
                TaskExit.reapLocked(child);
            }
            return event;
        }
        if ((options & WSTOPPED) != 0 && child.isStopped() && child.stopUnreported()) {
            Event event = event(task, child, CLD_STOPPED, child.stopSignal() << 8 | 0x7f);
            if (!keep) {
                child.noteStopReported();
            }
            return event;
        }
        if ((options & WCONTINUED) != 0 && child.continueUnreported()) {
            if (!keep) {
                child.noteContinueReported();
            }
            return event(task, child, CLD_CONTINUED, 0xffff);
        }
        return null;
    }

    private static Event event(Task task, ThreadGroup child, int code, int waitStatus) {
        CpuTimes times = child.times();
        times.add(child.childTimes());
        return new Event(
                child,
                child.pid().in(task.namespace()),
                child.leader().credentials().uid(),
                code,
                waitStatus,
                times);
    }
}
