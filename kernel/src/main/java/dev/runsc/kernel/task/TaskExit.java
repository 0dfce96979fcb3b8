package dev.runsc.kernel.task;

import static dev.runsc.gofer.abi.SignalNumbers.CLD_CONTINUED;
import static dev.runsc.gofer.abi.SignalNumbers.CLD_DUMPED;
import static dev.runsc.gofer.abi.SignalNumbers.CLD_EXITED;
import static dev.runsc.gofer.abi.SignalNumbers.CLD_KILLED;
import static dev.runsc.gofer.abi.SignalNumbers.CLD_STOPPED;
import static dev.runsc.gofer.abi.SignalNumbers.SA_NOCLDSTOP;
import static dev.runsc.gofer.abi.SignalNumbers.SA_NOCLDWAIT;
import static dev.runsc.gofer.abi.SignalNumbers.SIGCHLD;
import static dev.runsc.gofer.abi.SignalNumbers.SIGCONT;
import static dev.runsc.gofer.abi.SignalNumbers.SIGHUP;
import static dev.runsc.gofer.abi.SignalNumbers.SIGKILL;
import static dev.runsc.gofer.abi.SignalNumbers.SI_KERNEL;
import static dev.runsc.gofer.abi.SignalNumbers.SI_USER;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.gofer.abi.SigInfo;
import dev.runsc.kernel.memory.MemoryManager;
import dev.runsc.kernel.platform.GuestContext;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.task.seccomp.SeccompMode;
import dev.runsc.kernel.task.signal.SignalHandlers.Action;
import dev.runsc.kernel.vfs.FdTable;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The end of tasks and processes (Linux kernel/exit.c). */
public final class TaskExit {
    /** Clock ticks per second in siginfo and times(2). */
    private static final long TICK_NANOS = 10_000_000;

    private TaskExit() {}

    /** exit_group(2), or a fatal signal: the whole process ends with this wait status. */
    public static RunState groupExit(Task task, int waitStatus) {
        ThreadGroup group = task.group();
        KernelLock taskSetLock = task.taskSet().lock();
        taskSetLock.lock();
        try {
            KernelLock lock = group.handlers().lock();
            lock.lock();
            try {
                if (!group.isExiting()) {
                    group.startExit(waitStatus);
                    group.continueStop();
                    for (Task thread : group.threadsLocked()) {
                        if (thread != task) {
                            thread.noteKilled();
                        }
                    }
                }
            } finally {
                lock.unlock();
            }
        } finally {
            taskSetLock.unlock();
        }
        task.taskSet().unpark();
        return new RunState.Exiting(group.exitStatus());
    }

    /**
     * Where a killed task goes: SIGKILL ends the process, another thread's execve ends this thread
     * alone.
     */
    static RunState killedState(Task task, int waitStatus) {
        if (task.group().isExiting()) {
            return new RunState.Exiting(task.group().exitStatus());
        }
        return task.isDisplaced() ? new RunState.Exiting(0) : groupExit(task, waitStatus);
    }

    /**
     * Leaves: gives everything back, becomes a zombie if it was the last thread. Runs on the task's
     * own thread.
     */
    static void exit(Task task, int waitStatus) {
        TaskSet taskSet = task.taskSet();
        ThreadGroup group = task.group();
        releaseMemory(task);
        SemaphoreUndos.release(task, task);
        FdTable files = task.findFiles();
        if (files != null) {
            files.release(task);
        }
        boolean last;
        ThreadGroup tracer = null;
        taskSet.lock().lock();
        try {
            task.setFiles(null);
            task.setFs(null);
            group.deadThreadTimes().add(task.times());
            group.threadsLocked().remove(task);
            taskSet.removeLocked(task);
            task.noteGone();
            taskSet.cgroups().left(task.membership());
            SeccompMode.countUsers(task.findSeccomp(), -1);
            last = group.threadsLocked().isEmpty();
            if (!group.isExiting() && (last || task.isLeader())) {
                group.setExitStatus(waitStatus);
            }
            if (!task.isLeader()) {
                tracer = threadEndsLocked(task, waitStatus);
            }
        } finally {
            taskSet.lock().unlock();
        }
        TaskObserver observer = taskSet.observer();
        if (observer != null) {
            observer.exited(task, last ? group.exitStatus() : waitStatus, last);
        }
        task.namespaces().release();
        group.threadEnded();
        Ptrace.tracerEnds(task);
        if (tracer != null) {
            int code = exitCode(waitStatus);
            notify(tracer, Ptrace.taskInfo(task, tracer, code, exitValue(waitStatus)));
        }
        sendParentDeathSignals(taskSet, task);
        if (last) {
            exitGroup(group);
        }
    }

    /** A thread other than the leader leaves for good, unless its tracer has to wait for it. */
    private static @Nullable ThreadGroup threadEndsLocked(Task task, int waitStatus) {
        Task tracer = task.tracing().tracer();
        if (tracer == null) {
            release(task);
            return null;
        }
        task.tracing().becomeZombie(waitStatus);
        task.group().addUnreapedThreads(1);
        return tracer.group();
    }

    private static void releaseMemory(Task task) {
        MemoryManager memory = task.findMemory();
        if (memory == null) {
            return;
        }
        releaseUserWords(task, memory);
        GuestContext context = task.findContext();
        task.setContext(null);
        if (context != null) {
            context.release();
        }
        task.setMemory(null);
        task.taskSet().piFutexes().ownerDied(task.tid());
        memory.release();
        task.releaseVfork();
    }

    /** Lets go of what a thread has promised in memory that it leaves (Linux mm_release). */
    static void releaseUserWords(Task task, MemoryManager memory) {
        RobustList.release(task, memory);
        long address = task.clearChildTidAddress();
        if (address != 0 && memory.users() > 1) {
            try {
                memory.writeInt(address, 0);
                task.taskSet().futexes().wake(memory.keyOf(address, false), 1, -1);
                task.taskSet().futexes().wake(memory.keyOf(address, true), 1, -1);
            } catch (ErrnoException unmapped) {
                // mm_release ignores a bad address too: the guest unmapped it.
            }
        }
    }

    private static void exitGroup(ThreadGroup group) {
        TaskSet taskSet = group.taskSet();
        group.timers().stop();
        PidNamespace namespace = group.leader().namespace();
        if (namespace.init() == group) {
            killNamespace(namespace, group);
        }
        List<ProcessGroup> hangups = new ArrayList<>();
        taskSet.lock().lock();
        try {
            boolean wasOrphaned = group.processGroup().isOrphaned();
            reparentChildrenLocked(group, hangups);
            group.becomeZombie();
            noteIfOrphanedLocked(group.processGroup(), wasOrphaned, hangups);
            ProcessGroup lost = leaveSession(group);
            if (lost != null) {
                hangups.add(lost);
            }
        } finally {
            taskSet.lock().unlock();
        }
        for (ProcessGroup orphaned : hangups) {
            hangUp(orphaned);
        }
        announceEnd(group);
        group.exitEvents().notify(PollEvents.POLLIN);
    }

    /**
     * Tells whoever may wait for an ended process: its tracer first, and when that has waited for
     * it or let it go, its parent (do_notify_parent). Not before the tracers of its threads have
     * waited for these.
     */
    static void announceEnd(ThreadGroup group) {
        ThreadGroup parent;
        ThreadGroup told;
        @Nullable SigInfo info = null;
        KernelLock lock = group.taskSet().lock();
        lock.lock();
        try {
            if (group.unreapedThreads() > 0 || group.isReaped()) {
                return;
            }
            parent = group.parent();
            Task tracer = group.leader().tracing().tracer();
            told = tracer == null ? parent : tracer.group();
            int signal = told == parent ? group.exitSignal() : SIGCHLD;
            if (told != null && signal != 0) {
                info = exitInfo(group, told, signal);
            }
            if (told == null || tracer == null && ignoresChildren(told, group)) {
                reapLocked(group); // Nobody sees it as a zombie.
            }
        } finally {
            lock.unlock();
        }
        if (told != null && info != null) {
            Signals.sendToGroup(told, info);
        }
        if (told != null) {
            told.childEvents().notify(PollEvents.POLLIN);
        }
    }

    /**
     * A session leader's end frees the terminal (disassociate_ctty). Answers who was in the
     * foreground of one that was hung up before.
     */
    private static @Nullable ProcessGroup leaveSession(ThreadGroup group) {
        Session session = group.session();
        if (session.leader() != group) {
            return null;
        }
        ControllingTerminal terminal = session.terminal();
        if (terminal == null) {
            return session.takeLostForeground();
        }
        terminal.sessionLeaderExited();
        session.setTerminal(null);
        return null;
    }

    /**
     * reboot(2) in a PID namespace (reboot_pid_ns): init ends as if by a signal, and this thread
     * with it.
     */
    public static void reboot(Task task, int signal) {
        PidNamespace namespace = task.namespace();
        ThreadGroup init;
        task.taskSet().lock().lock();
        try {
            namespace.noteReboot(signal);
            init = namespace.init();
        } finally {
            task.taskSet().lock().unlock();
        }
        task.exitThread(0);
        if (init != null) {
            Signals.sendFromOutside(init, SigInfo.kill(SIGKILL, SI_KERNEL, 0, 0));
        }
    }

    /**
     * pid_namespaces(7): with init gone every other process in the namespace is killed; init waits
     * for them.
     */
    private static void killNamespace(PidNamespace namespace, ThreadGroup init) {
        TaskSet taskSet = init.taskSet();
        List<ThreadGroup> others = new ArrayList<>();
        taskSet.lock().lock();
        try {
            namespace.startDying();
            if (namespace.rebootSignal() != 0) {
                init.setExitStatus(namespace.rebootSignal());
            }
            for (ThreadGroup other : namespace.groups()) {
                if (other != init && !other.isZombie()) {
                    others.add(other);
                }
            }
        } finally {
            taskSet.lock().unlock();
        }
        for (ThreadGroup other : others) {
            Signals.sendFromOutside(other, SigInfo.kill(SIGKILL, SI_KERNEL, 0, 0));
        }
    }

    /** A SIGCHLD disposition of SIG_IGN or SA_NOCLDWAIT: children leave no zombie. */
    private static boolean ignoresChildren(ThreadGroup parent, ThreadGroup child) {
        if (child.exitSignal() != SIGCHLD) {
            return false;
        }
        KernelLock lock = parent.handlers().lock();
        lock.lock();
        try {
            Action action = parent.handlers().actionLocked(SIGCHLD);
            return action.isIgnore() || action.has(SA_NOCLDWAIT);
        } finally {
            lock.unlock();
        }
    }

    private static void reparentChildrenLocked(ThreadGroup group, List<ProcessGroup> hangups) {
        ThreadGroup heir = findHeir(group);
        for (ThreadGroup child : new ArrayList<>(group.childrenLocked())) {
            boolean wasOrphaned = child.processGroup().isOrphaned();
            group.childrenLocked().remove(child);
            child.setParent(heir);
            if (heir != null) {
                heir.childrenLocked().add(child);
                child.setExitSignal(SIGCHLD);
                if (child.isZombie()) {
                    heir.childEvents().notify(PollEvents.POLLIN);
                    if (!child.leader().tracing().isTraced() && ignoresChildren(heir, child)) {
                        reapLocked(child);
                    }
                }
            } else if (child.isZombie()) {
                reapLocked(child);
            }
            noteIfOrphanedLocked(child.processGroup(), wasOrphaned, hangups);
        }
    }

    /** The nearest living subreaper among the ancestors, else init of the namespace. */
    private static @Nullable ThreadGroup findHeir(ThreadGroup group) {
        PidNamespace namespace = group.leader().namespace();
        ThreadGroup init = namespace.init();
        for (ThreadGroup up = group.parent(); up != null; up = up.parent()) {
            if (up == init || up.leader().namespace() != namespace) {
                break;
            }
            if (up.isChildSubreaper() && !up.isZombie() && !up.isExiting()) {
                return up;
            }
        }
        return init == group || init == null || init.isZombie() ? null : init;
    }

    private static void noteIfOrphanedLocked(
            ProcessGroup processGroup, boolean wasOrphaned, List<ProcessGroup> hangups) {
        if (!wasOrphaned && processGroup.isOrphaned() && processGroup.hasStoppedMember()) {
            hangups.add(processGroup);
        }
    }

    /**
     * A newly orphaned process group with stopped members gets SIGHUP and SIGCONT (POSIX), and so
     * does one that lost its terminal.
     */
    private static void hangUp(ProcessGroup processGroup) {
        for (ThreadGroup member : processGroup.members()) {
            Signals.sendToGroup(member, SigInfo.kill(SIGHUP, SI_KERNEL, 0, 0));
            Signals.sendToGroup(member, SigInfo.kill(SIGCONT, SI_KERNEL, 0, 0));
        }
    }

    private static void sendParentDeathSignals(TaskSet taskSet, Task parent) {
        List<Task> orphans = new ArrayList<>();
        taskSet.lock().lock();
        try {
            for (ThreadGroup child : parent.group().childrenLocked()) {
                for (Task thread : child.threadsLocked()) {
                    if (thread.parentDeathSignal() != 0 && thread.creator() == parent) {
                        orphans.add(thread);
                    }
                }
            }
        } finally {
            taskSet.lock().unlock();
        }
        for (Task thread : orphans) {
            Signals.sendToGroup(
                    thread.group(),
                    SigInfo.kill(
                            thread.parentDeathSignal(),
                            SI_USER,
                            parent.group().pid().in(thread.namespace()),
                            shownUid(thread, parent)));
        }
    }

    /** Takes a zombie out of the tree. */
    static void reapLocked(ThreadGroup group) {
        if (group.isReaped()) {
            return;
        }
        group.noteReaped();
        ThreadGroup parent = group.parent();
        if (parent != null) {
            parent.childrenLocked().remove(group);
            parent.childTimes().add(group.times());
            parent.childTimes().add(group.childTimes());
        }
        Ptrace.unlinkLocked(group.leader());
        release(group.leader());
        group.leaveProcessGroup();
    }

    /** Gives back the numbers of an ended task, and its place among those that are limited. */
    static void release(Task task) {
        PidNamespace.unbind(task.numbers());
        task.taskSet().cgroups().released(task.membership());
    }

    /** The first thread of a stopping process to park tells the parent. */
    static void announceStop(Task task) {
        ThreadGroup group = task.group();
        boolean announce;
        KernelLock lock = group.taskSet().lock();
        lock.lock();
        try {
            announce = group.announceStop();
        } finally {
            lock.unlock();
        }
        if (announce) {
            notifyParent(group, CLD_STOPPED, group.stopSignal());
        }
    }

    /** SIGCHLD for a stop or a continue; a tracer that is the parent hears of it as a tracer. */
    static void notifyParent(ThreadGroup group, int code, int status) {
        ThreadGroup parent = group.parent();
        Task tracer = group.leader().tracing().tracer();
        if (parent != null && (tracer == null || tracer.group() != parent)) {
            int shown = code == CLD_CONTINUED ? SIGCONT : status;
            notify(parent, childInfo(group, parent, code, shown));
        }
    }

    /** SIGCHLD for what does not end a child. */
    static void notify(ThreadGroup parent, SigInfo info) {
        KernelLock lock = parent.handlers().lock();
        boolean wanted;
        lock.lock();
        try {
            Action action = parent.handlers().actionLocked(SIGCHLD);
            wanted = !action.isIgnore() && !action.has(SA_NOCLDSTOP);
        } finally {
            lock.unlock();
        }
        if (wanted) {
            Signals.sendToGroup(parent, info);
        }
        parent.childEvents().notify(PollEvents.POLLIN);
    }

    private static SigInfo exitInfo(ThreadGroup group, ThreadGroup parent, int signal) {
        SigInfo info =
                childInfo(
                        group, parent, exitCode(group.exitStatus()), exitValue(group.exitStatus()));
        return signal == SIGCHLD ? info : info.withSignal(signal);
    }

    static SigInfo childInfo(ThreadGroup group, ThreadGroup viewer, int code, int status) {
        int pid = group.pid().in(viewer.leader().namespace());
        return childInfo(group, viewer, pid, code, status);
    }

    static SigInfo childInfo(ThreadGroup group, ThreadGroup viewer, int pid, int code, int status) {
        CpuTimes times = group.times();
        return SigInfo.child(
                code,
                pid,
                shownUid(viewer.leader(), group.leader()),
                status,
                times.userNanos() / TICK_NANOS,
                times.systemNanos() / TICK_NANOS);
    }

    /** A task's user as another one's user namespace has it. */
    private static int shownUid(Task viewer, Task task) {
        return viewer.credentials().namespace().shownUid(task.credentials().uid());
    }

    /** CLD_EXITED, CLD_KILLED or CLD_DUMPED for a wait status. */
    static int exitCode(int waitStatus) {
        if ((waitStatus & 0x7f) == 0) {
            return CLD_EXITED;
        }
        return (waitStatus & 0x80) != 0 ? CLD_DUMPED : CLD_KILLED;
    }

    /** The exit code or the signal. */
    static int exitValue(int waitStatus) {
        return (waitStatus & 0x7f) == 0 ? waitStatus >> 8 & 0xff : waitStatus & 0x7f;
    }
}
