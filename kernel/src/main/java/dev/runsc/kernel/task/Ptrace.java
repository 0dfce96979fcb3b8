package dev.runsc.kernel.task;

import static dev.runsc.gofer.abi.CloneFlags.CLONE_PTRACE;
import static dev.runsc.gofer.abi.CloneFlags.CLONE_UNTRACED;
import static dev.runsc.gofer.abi.CloneFlags.CLONE_VFORK;
import static dev.runsc.gofer.abi.PtraceConstants.PTRACE_EVENT_CLONE;
import static dev.runsc.gofer.abi.PtraceConstants.PTRACE_EVENT_FORK;
import static dev.runsc.gofer.abi.PtraceConstants.PTRACE_EVENT_VFORK;
import static dev.runsc.gofer.abi.PtraceConstants.PTRACE_O_EXITKILL;
import static dev.runsc.gofer.abi.SignalNumbers.CLD_STOPPED;
import static dev.runsc.gofer.abi.SignalNumbers.CLD_TRAPPED;
import static dev.runsc.gofer.abi.SignalNumbers.SIGCHLD;
import static dev.runsc.gofer.abi.SignalNumbers.SIGKILL;
import static dev.runsc.gofer.abi.SignalNumbers.SIGSTOP;
import static dev.runsc.gofer.abi.SignalNumbers.SI_KERNEL;
import static dev.runsc.gofer.abi.SignalNumbers.SI_USER;

import dev.runsc.gofer.abi.Capabilities;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.SigInfo;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.task.RunState.Restarting;
import dev.runsc.kernel.task.Tracing.Kind;
import dev.runsc.kernel.task.Tracing.Resume;
import dev.runsc.kernel.task.Tracing.Stop;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Tracers and tracees (Linux kernel/ptrace.c): how they come together and part, and how a tracee
 * stops and goes on. A stop is a fact in {@link Tracing}; the tracee's thread parks at the top of
 * its loop while it holds.
 */
public final class Ptrace {
    private Ptrace() {}

    // ---- Coming together

    /** PTRACE_TRACEME. */
    public static void traceMe(Task task) throws ErrnoException {
        KernelLock lock = task.taskSet().lock();
        lock.lock();
        try {
            Task parent = parentThread(task);
            if (task.tracing().isTraced()
                    || parent == null
                    || !PtraceAccess.allowsParent(parent, task)) {
                throw Errno.EPERM.error();
            }
            link(parent, task, false, 0);
        } finally {
            lock.unlock();
        }
        task.interrupt(); // its way out of this call is a tracee's
    }

    /** The thread that made the task, if it is still there. */
    private static @Nullable Task parentThread(Task task) {
        ThreadGroup parent = task.group().parent();
        if (parent == null || parent.isZombie()) {
            return null;
        }
        Task creator = task.creator();
        if (creator != null && creator.group() == parent && !creator.isGone()) {
            return creator;
        }
        if (!parent.leader().isGone()) {
            return parent.leader();
        }
        return parent.threadsLocked().isEmpty() ? null : parent.threadsLocked().getFirst();
    }

    /** PTRACE_ATTACH and PTRACE_SEIZE. */
    public static void attach(Task tracer, Task target, boolean seize, int options)
            throws ErrnoException {
        if (target.group() == tracer.group() || !PtraceAccess.allowsReal(tracer, target)) {
            throw Errno.EPERM.error();
        }
        KernelLock lock = tracer.taskSet().lock();
        lock.lock();
        try {
            if (target.isGone() || target.tracing().isTraced()) {
                throw Errno.EPERM.error();
            }
            link(tracer, target, seize, options);
        } finally {
            lock.unlock();
        }
        if (!seize) {
            Signals.sendToTask(target, SigInfo.kill(SIGSTOP, SI_KERNEL, 0, 0));
        }
        target.interrupt();
        tracer.taskSet().unpark(); // a stopped process takes part in its stop as a tracee now
    }

    /** Whether a program must not gain privileges, as its tracer would (LSM_UNSAFE_PTRACE). */
    public static boolean isTracedByWeak(Task task) {
        Task tracer = task.tracing().tracer();
        return tracer != null && !tracer.credentials().has(Capabilities.CAP_SYS_PTRACE);
    }

    private static void link(Task tracer, Task target, boolean seized, int options) {
        tracer.tracing().traceesLocked().add(target);
        target.tracing().link(tracer, seized, options);
    }

    /** Takes a tracee from its tracer; the caller holds the task set's lock. */
    static void unlinkLocked(Task tracee) {
        Tracing tracing = tracee.tracing();
        Task tracer = tracing.tracer();
        if (tracer == null) {
            return;
        }
        tracer.tracing().traceesLocked().remove(tracee);
        tracing.unlink();
        reapThreadLocked(tracee);
    }

    /** A thread that ended while it was traced leaves for good. */
    private static void reapThreadLocked(Task thread) {
        if (thread.tracing().isZombie()) {
            thread.tracing().reap();
            thread.group().addUnreapedThreads(-1);
            TaskExit.release(thread);
        }
    }

    /** The event that a tracer wants to hear of a birth by, or 0. */
    static int birthEvent(Task parent, TaskBirth.Request request) {
        if (!parent.tracing().isTraced() || request.has(CLONE_UNTRACED)) {
            return 0;
        }
        int event;
        if (request.has(CLONE_VFORK)) {
            event = PTRACE_EVENT_VFORK;
        } else {
            event = request.exitSignal() == SIGCHLD ? PTRACE_EVENT_FORK : PTRACE_EVENT_CLONE;
        }
        return parent.tracing().has(1 << event) ? event : 0;
    }

    /** A task is born; the caller holds the task set's lock. */
    static void bornLocked(Task parent, Task child, TaskBirth.Request request) {
        Tracing tracing = parent.tracing();
        Task tracer = tracing.tracer();
        int event = birthEvent(parent, request);
        if (tracer == null || event == 0 && !request.has(CLONE_PTRACE)) {
            return;
        }
        if (event != 0) {
            tracing.setEvent(event, child.numbers().in(tracer.namespace()));
        }
        link(tracer, child, tracing.isSeized(), tracing.options());
        if (tracing.isSeized()) {
            child.tracing().wantTrap();
            return;
        }
        KernelLock lock = child.group().handlers().lock();
        lock.lock();
        try {
            child.pendingLocked().add(SigInfo.kill(SIGSTOP, SI_USER, 0, 0));
            child.recomputePendingLocked();
        } finally {
            lock.unlock();
        }
    }

    // ---- Stopping; by the tracee's own thread

    /**
     * Stops a tracee from the top of its loop on, and tells its tracer. False when it is none, or
     * is about to end.
     *
     * @param restart the call that is to be repeated: the registers show it as cut short
     */
    static boolean stop(
            Task task, Stop stop, @Nullable SigInfo info, @Nullable Restarting restart) {
        Tracing tracing = task.tracing();
        Task tracer;
        KernelLock lock = task.taskSet().lock();
        lock.lock();
        try {
            tracer = tracing.tracer();
            if (tracer == null || task.isKilled() && stop.kind() != Kind.EXIT) {
                return false;
            }
            TracedRegisters.beforeStop(task, restart);
            tracing.enterStop(stop, info == null ? null : info.toBytes());
        } finally {
            lock.unlock();
        }
        boolean groupStop = stop.kind() == Kind.GROUP || stop.kind() == Kind.TRAP;
        TaskExit.notify(
                tracer.group(),
                taskInfo(
                        task,
                        tracer.group(),
                        groupStop ? CLD_STOPPED : CLD_TRAPPED,
                        stop.code() & 0x7f));
        if (groupStop && task.group().isStopped()) {
            TaskExit.announceStop(task);
        }
        return true;
    }

    /** ptrace_notify: a stop whose siginfo names it. */
    static boolean stop(Task task, Kind kind, int code, long message) {
        task.tracing().setMessage(message);
        SigInfo info = SigInfo.kill(code & 0x7f, code, task.tid(), task.credentials().uid());
        return stop(task, new Stop(kind, code), info, null);
    }

    /** The stopped task's thread goes on once nobody looks into it any more. */
    static void afterStop(Task task) {
        Tracing tracing = task.tracing();
        if (tracing.isTouched()) {
            tracing.requestLock().lock();
            try {
                tracing.noteUntouched();
            } finally {
                tracing.requestLock().unlock();
            }
        }
    }

    static SigInfo taskInfo(Task task, ThreadGroup viewer, int code, int status) {
        int tid = task.numbers().in(viewer.leader().namespace());
        return TaskExit.childInfo(task.group(), viewer, tid, code, status);
    }

    // ---- Requests of the tracer

    /** What a tracer does with a stopped tracee. */
    @FunctionalInterface
    public interface Request {
        long run() throws ErrnoException;
    }

    /**
     * Carries out a request on a tracee, which does not go on meanwhile.
     *
     * @throws ErrnoException ESRCH when it is not the caller's tracee, or not stopped
     */
    public static long whileStopped(Task tracer, Task tracee, Request request)
            throws ErrnoException {
        Tracing tracing = tracee.tracing();
        tracing.requestLock().lock();
        try {
            requireTracee(tracer, tracee);
            if (!tracing.isStopped() || tracing.isListening()) {
                throw Errno.ESRCH.error();
            }
            return request.run();
        } finally {
            tracing.requestLock().unlock();
        }
    }

    /** ESRCH when it is not the caller's. */
    public static void requireTracee(Task tracer, Task tracee) throws ErrnoException {
        KernelLock lock = tracer.taskSet().lock();
        lock.lock();
        try {
            if (tracee.tracing().tracer() != tracer) {
                throw Errno.ESRCH.error();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Lets a stopped tracee go on, in {@link #whileStopped}. */
    public static void resume(Task tracee, Resume how, int signal) {
        Stop stop = tracee.tracing().stop();
        if (how.steps()) {
            TracedRegisters.armStep(tracee);
        }
        sendAtCall(tracee, stop, signal);
        KernelLock lock = tracee.taskSet().lock();
        lock.lock();
        try {
            tracee.tracing().resume(how, signal);
        } finally {
            lock.unlock();
        }
        tracee.taskSet().unpark();
    }

    /** ptrace_report_syscall: there is no signal to change at a call, so a new one is sent. */
    private static void sendAtCall(Task tracee, @Nullable Stop stop, int signal) {
        if (signal != 0
                && stop != null
                && (stop.kind() == Kind.CALL_ENTRY || stop.kind() == Kind.CALL_EXIT)) {
            Signals.sendToTask(tracee, SigInfo.kill(signal, SI_KERNEL, 0, 0));
        }
    }

    /** PTRACE_DETACH, in {@link #whileStopped}. */
    public static void detach(Task tracee, int signal) {
        Tracing tracing = tracee.tracing();
        sendAtCall(tracee, tracing.stop(), signal);
        KernelLock lock = tracee.taskSet().lock();
        lock.lock();
        try {
            unlinkLocked(tracee);
            tracing.resume(Resume.CONTINUE, signal);
        } finally {
            lock.unlock();
        }
        tracee.taskSet().unpark();
    }

    /** PTRACE_INTERRUPT. */
    public static void interrupt(Task tracee) throws ErrnoException {
        KernelLock lock = tracee.taskSet().lock();
        lock.lock();
        try {
            if (!tracee.tracing().isSeized()) {
                throw Errno.EIO.error();
            }
            tracee.tracing().wantTrap();
            wake(tracee);
        } finally {
            lock.unlock();
        }
        tracee.taskSet().unpark();
    }

    /** PTRACE_LISTEN, in {@link #whileStopped}: stays stopped, but hears of the group's stops. */
    public static void listen(Task tracee) throws ErrnoException {
        Tracing tracing = tracee.tracing();
        Stop stop = tracing.stop();
        if (!tracing.isSeized() || stop == null || stop.kind() != Kind.TRAP) {
            throw Errno.EIO.error();
        }
        tracing.listen();
        if (tracing.isNoticeWanted()) {
            tracing.leaveStop();
            tracee.taskSet().unpark();
        }
    }

    private static void wake(Task tracee) {
        if (tracee.tracing().isListening()) {
            tracee.tracing().leaveStop();
        }
        tracee.interrupt();
    }

    /**
     * The process was told to stop or to continue: tracers that seized a thread of it hear of that
     * (ptrace_trap_notify). The caller holds the task set's lock.
     */
    static void noticeLocked(ThreadGroup group) {
        for (Task thread : group.threadsLocked()) {
            if (thread.tracing().isSeized()) {
                thread.tracing().wantNotice();
                wake(thread);
            }
        }
    }

    // ---- Parting

    /** A tracer's thread ends: its tracees are free, or killed if it wanted so. */
    static void tracerEnds(Task tracer) {
        while (true) {
            Task tracee = firstTracee(tracer);
            if (tracee == null) {
                break;
            }
            if (tracee.tracing().has(PTRACE_O_EXITKILL)) {
                Signals.sendToTask(tracee, SigInfo.kill(SIGKILL, SI_KERNEL, 0, 0));
            }
            release(tracee);
        }
        tracer.taskSet().unpark();
    }

    private static @Nullable Task firstTracee(Task tracer) {
        KernelLock lock = tracer.taskSet().lock();
        lock.lock();
        try {
            var tracees = tracer.tracing().traceesLocked();
            return tracees.isEmpty() ? null : tracees.getFirst();
        } finally {
            lock.unlock();
        }
    }

    /** Frees a tracee from a tracer that does not let it go itself. */
    static void release(Task tracee) {
        boolean ended;
        KernelLock lock = tracee.taskSet().lock();
        lock.lock();
        try {
            unlinkLocked(tracee);
            if (tracee.tracing().isStopped()) {
                // The signal that it was stopped for is delivered.
                tracee.tracing().resume(Resume.CONTINUE, tracee.tracing().injectedByDefault());
            }
            ended = tracee.group().isZombie() && !tracee.group().isReaped();
        } finally {
            lock.unlock();
        }
        if (ended) {
            TaskExit.announceEnd(tracee.group());
        }
    }

    /** Threads of an ended process that were waited for no more. */
    static void reaped(Task thread) {
        ThreadGroup group = thread.group();
        if (group.isZombie() && !group.isReaped() && group.unreapedThreads() == 0) {
            TaskExit.announceEnd(group);
        }
    }

    /** All tracees of a process; the caller holds the task set's lock. */
    static ArrayList<Task> traceesOf(ThreadGroup group, @Nullable Task only) {
        ArrayList<Task> all = new ArrayList<>();
        for (Task thread : group.threadsLocked()) {
            if (only == null || only == thread) {
                all.addAll(thread.tracing().traceesLocked());
            }
        }
        return all;
    }
}
