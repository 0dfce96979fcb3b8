package dev.runsc.kernel.task;

import static dev.runsc.gofer.abi.SignalNumbers.CLD_CONTINUED;
import static dev.runsc.gofer.abi.SignalNumbers.CLD_STOPPED;
import static dev.runsc.gofer.abi.SignalNumbers.CLD_TRAPPED;
import static dev.runsc.gofer.abi.SignalNumbers.SIGCHLD;
import static dev.runsc.gofer.abi.SignalNumbers.SIGCONT;
import static dev.runsc.gofer.abi.WaitFlags.WCONTINUED;
import static dev.runsc.gofer.abi.WaitFlags.WEXITED;
import static dev.runsc.gofer.abi.WaitFlags.WNOHANG;
import static dev.runsc.gofer.abi.WaitFlags.WNOWAIT;
import static dev.runsc.gofer.abi.WaitFlags.WSTOPPED;
import static dev.runsc.gofer.abi.WaitFlags.__WALL;
import static dev.runsc.gofer.abi.WaitFlags.__WCLONE;
import static dev.runsc.gofer.abi.WaitFlags.__WNOTHREAD;

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
    public record Event(int pid, int uid, int code, int waitStatus, CpuTimes times) {
        /** si_status: exit code or signal. */
        public int value() {
            if (code == CLD_CONTINUED) {
                return SIGCONT;
            }
            if (code == CLD_TRAPPED) {
                return waitStatus >> 8;
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
        Found found;
        KernelLock lock = task.taskSet().lock();
        lock.lock();
        try {
            found = find(task, which, options);
        } finally {
            lock.unlock();
        }
        if (found.cascades != null) {
            Ptrace.reaped(found.cascades);
        }
        if (found.event == null && !found.any) {
            throw Errno.ECHILD.error();
        }
        return found.event;
    }

    /**
     * What a look at all children brought.
     *
     * @param any whether there is a child to wait for at all
     * @param cascades a tracee that was waited for, and whose parent may have to hear of its end
     */
    private record Found(@Nullable Event event, boolean any, @Nullable Task cascades) {}

    private static Found find(Task task, Which which, int options) {
        boolean any = false;
        for (ThreadGroup child : task.group().childrenLocked()) {
            Task tracer = child.leader().tracing().tracer();
            if (tracer != null && tracer.group() == task.group()
                    || !matches(task, child.leader(), which)
                    || !matchesKind(child, options)) {
                continue; // a tracee is looked at as such
            }
            any = true;
            Event event = takeEvent(task, child, options, tracer != null);
            if (event != null) {
                return new Found(event, true, null);
            }
        }
        Task only = (options & __WNOTHREAD) != 0 ? task : null;
        for (Task tracee : Ptrace.traceesOf(task.group(), only)) {
            if (!matches(task, tracee, which)) {
                continue;
            }
            any = true;
            Event event = takeTraceeEvent(task, tracee, options);
            if (event != null) {
                boolean over = tracee.isGone() && !tracee.tracing().isTraced();
                return new Found(event, true, over ? tracee : null);
            }
        }
        return new Found(null, any, null);
    }

    private static boolean matchesKind(ThreadGroup child, int options) {
        boolean isClone = child.exitSignal() != SIGCHLD;
        return (options & __WALL) != 0 || isClone == ((options & __WCLONE) != 0);
    }

    private static boolean matches(Task task, Task child, Which which) {
        return switch (which) {
            case Which.Any ignored -> true;
            case Which.Process process -> child.numbers().in(task.namespace()) == process.pid();
            case Which.Group group -> child.group().processGroup() == group.group();
            case Which.Exactly exactly -> child == exactly.child().leader();
            case Which.Nobody ignored -> false;
        };
    }

    /** A change of a tracee, for its tracer (wait_consider_task with ptrace). */
    private static @Nullable Event takeTraceeEvent(Task task, Task tracee, int options) {
        boolean keep = (options & WNOWAIT) != 0;
        Tracing tracing = tracee.tracing();
        ThreadGroup group = tracee.group();
        if (tracing.isZombie()) {
            return (options & WEXITED) == 0 ? null : takeEnd(task, tracee, keep);
        }
        if (tracee.isLeader() && group.isZombie()) {
            if ((options & WEXITED) == 0 || group.unreapedThreads() > 0) {
                return null;
            }
            return takeEnd(task, tracee, keep);
        }
        Tracing.Stop stop = tracing.stop();
        if (stop != null && !tracing.isReported()) {
            if (!keep) {
                tracing.noteReported();
            }
            return event(task, tracee, CLD_TRAPPED, stop.code() << 8 | 0x7f);
        }
        return tracee.isLeader() ? takeContinued(task, group, options) : null;
    }

    private static Event takeEnd(Task task, Task tracee, boolean keep) {
        ThreadGroup group = tracee.group();
        boolean thread = tracee.tracing().isZombie();
        int status = thread ? tracee.tracing().exitStatus() : group.exitStatus();
        Event event = event(task, tracee, TaskExit.exitCode(status), status);
        if (keep) {
            return event;
        }
        if (!thread && group.parent() == task.group()) {
            TaskExit.reapLocked(group);
        } else {
            Ptrace.unlinkLocked(tracee);
        }
        return event;
    }

    private static @Nullable Event takeEvent(
            Task task, ThreadGroup child, int options, boolean tracedByOther) {
        boolean keep = (options & WNOWAIT) != 0;
        if (child.isZombie()) {
            if ((options & WEXITED) == 0 || tracedByOther || child.unreapedThreads() > 0) {
                return null;
            }
            int status = child.exitStatus();
            Event event = event(task, child.leader(), TaskExit.exitCode(status), status);
            if (!keep) {
                TaskExit.reapLocked(child);
            }
            return event;
        }
        if ((options & WSTOPPED) != 0 && child.isStopped() && child.stopUnreported()) {
            int status = child.stopSignal() << 8 | 0x7f;
            Event event = event(task, child.leader(), CLD_STOPPED, status);
            if (!keep) {
                child.noteStopReported();
            }
            return event;
        }
        return takeContinued(task, child, options);
    }

    private static @Nullable Event takeContinued(Task task, ThreadGroup child, int options) {
        if ((options & WCONTINUED) == 0 || !child.continueUnreported()) {
            return null;
        }
        if ((options & WNOWAIT) == 0) {
            child.noteContinueReported();
        }
        return event(task, child.leader(), CLD_CONTINUED, 0xffff);
    }

    private static Event event(Task task, Task child, int code, int waitStatus) {
        CpuTimes times = child.group().times();
        times.add(child.group().childTimes());
        return new Event(
                child.numbers().in(task.namespace()),
                task.credentials().namespace().shownUid(child.credentials().uid()),
                code,
                waitStatus,
                times);
    }
}
