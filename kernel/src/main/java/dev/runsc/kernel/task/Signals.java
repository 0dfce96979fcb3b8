package dev.runsc.kernel.task;

import static dev.runsc.gofer.abi.SignalNumbers.SIGCONT;
import static dev.runsc.gofer.abi.SignalNumbers.SIGKILL;
import static dev.runsc.gofer.abi.SignalNumbers.SI_QUEUE;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.RLimits;
import dev.runsc.gofer.abi.SigInfo;
import dev.runsc.gofer.abi.SignalNumbers;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.task.signal.PendingSignals;
import dev.runsc.kernel.task.signal.SignalSet;
import org.jspecify.annotations.Nullable;

/**
 * Sending signals (Linux kernel/signal.c, send_signal and prepare_signal). Delivery is {@link
 * SignalDelivery}'s.
 */
public final class Signals {
    private Signals() {}

    /** A signal for any thread of a process. */
    public static void sendToGroup(ThreadGroup group, SigInfo info) {
        send(group, null, info, false);
    }

    /** A signal that a thread's own call brings on it. */
    static void sendToItself(Task task, int signal) {
        int uid = task.credentials().namespace().shownUid(task.credentials().uid());
        sendToTask(task, SigInfo.kill(signal, SignalNumbers.SI_USER, task.processId(), uid));
    }

    /** A signal for one thread. */
    public static void sendToTask(Task task, SigInfo info) {
        send(task.group(), task, info, false);
    }

    /** As from outside the sandbox: SIGKILL and SIGSTOP reach init too. */
    public static void sendFromOutside(ThreadGroup group, SigInfo info) {
        send(group, null, info, true);
    }

    /** As {@link #sendToGroup} by rt_sigqueueinfo: EAGAIN when the queue limit is reached. */
    public static void queue(ThreadGroup group, @Nullable Task target, SigInfo info)
            throws ErrnoException {
        if (info.code() == SI_QUEUE || info.code() < 0) {
            KernelLock lock = group.handlers().lock();
            lock.lock();
            try {
                PendingSignals pending =
                        target == null ? group.pendingLocked() : target.pendingLocked();
                if (SignalSet.isRealTime(info.signal())
                        && pending.count() >= group.limits().softOrMax(RLimits.RLIMIT_SIGPENDING)) {
                    throw Errno.EAGAIN.error();
                }
            } finally {
                lock.unlock();
            }
        }
        send(group, target, info, false);
    }

    /** Takes a pending signal of a set, blocked or not: sigtimedwait and signalfd. */
    public static @Nullable SigInfo take(Task task, long set) {
        ThreadGroup group = task.group();
        KernelLock lock = group.handlers().lock();
        lock.lock();
        try {
            SigInfo info = task.pendingLocked().take(~set, group.timers());
            if (info == null) {
                info = group.pendingLocked().take(~set, group.timers());
            }
            task.recomputeAfterDeliveryLocked();
            return info;
        } finally {
            lock.unlock();
        }
    }

    /** The pending signals of a set, for signalfd's readiness. */
    static long peek(Task task, long set) {
        KernelLock lock = task.group().handlers().lock();
        lock.lock();
        try {
            return (task.pendingLocked().set() | task.group().pendingLocked().set()) & set;
        } finally {
            lock.unlock();
        }
    }

    static boolean timerPending(ThreadGroup group, @Nullable Task target, int timerId, int signal) {
        KernelLock lock = group.handlers().lock();
        lock.lock();
        try {
            PendingSignals pending =
                    target == null ? group.pendingLocked() : target.pendingLocked();
            return pending.hasTimer(timerId, signal);
        } finally {
            lock.unlock();
        }
    }

    /**
     * A fault that the guest itself caused (force_sig): if blocked or ignored it is reset to its
     * default, which ends the process.
     */
    public static void force(Task task, SigInfo info) {
        KernelLock lock = task.group().handlers().lock();
        lock.lock();
        try {
            int signal = info.signal();
            var handlers = task.group().handlers();
            if (SignalSet.has(task.signalMask(), signal)
                    || handlers.actionLocked(signal).isIgnore()) {
                handlers.setActionLocked(
                        signal, dev.runsc.kernel.task.signal.SignalHandlers.Action.DEFAULT);
                task.setSignalMaskLocked(task.signalMask() & ~SignalSet.of(signal));
            }
            task.pendingLocked().add(info);
            task.recomputePendingLocked();
            task.noteForced(signal);
        } finally {
            lock.unlock();
        }
    }

    private static void send(
            ThreadGroup group, @Nullable Task target, SigInfo info, boolean outside) {
        int signal = info.signal();
        TaskSet taskSet = group.taskSet();
        boolean continued = false;
        taskSet.lock().lock();
        try {
            if (group.isZombie() || target != null && target.isGone()) {
                return;
            }
            KernelLock lock = group.handlers().lock();
            lock.lock();
            try {
                if (signal == SIGCONT || signal == SIGKILL) {
                    discardLocked(group, SignalSet.STOP_SIGNALS & ~SignalSet.of(SIGKILL));
                    continued = group.continueStop();
                    if (signal == SIGCONT) {
                        Ptrace.noticeLocked(group);
                    }
                    if (signal == SIGKILL) {
                        group.noteContinueReported();
                    }
                } else if (SignalSet.stopsByDefault(signal)) {
                    discardLocked(group, SignalSet.of(SIGCONT));
                }
                if (!isDropped(group, target, signal, outside)) {
                    enqueueLocked(group, target, info);
                }
            } finally {
                lock.unlock();
            }
        } finally {
            taskSet.lock().unlock();
        }
        if (continued || signal == SIGCONT) {
            taskSet.unpark();
        }
        if (continued) {
            if (signal == SIGCONT) {
                TaskExit.notifyParent(group, SignalNumbers.CLD_CONTINUED, SIGCONT);
            }
        }
    }

    /**
     * Drops pending signals of a process and its threads; the caller holds the task set's and the
     * handlers' lock.
     */
    public static void discardLocked(ThreadGroup group, long signals) {
        group.pendingLocked().discard(signals);
        for (Task thread : group.threadsLocked()) {
            thread.pendingLocked().discard(signals);
        }
    }

    /**
     * Ignored signals vanish unless blocked; so does what a namespace's init does not handle, but
     * for force from outside (sig_ignored).
     */
    private static boolean isDropped(
            ThreadGroup group, @Nullable Task target, int signal, boolean outside) {
        var handlers = group.handlers();
        Task check = target != null ? target : group.leader();
        if (check.tracing().isTraced() && signal != SIGKILL) {
            return false;
        }
        if (SignalSet.has(check.signalMask() | check.realMask(), signal)) {
            return false;
        }
        boolean unblockable = SignalSet.has(SignalSet.UNBLOCKABLE, signal);
        if (group.leader().namespace().init() == group
                && handlers.actionLocked(signal).isDefault()
                && !(outside && unblockable)) {
            return true;
        }
        return handlers.ignoresLocked(signal);
    }

    private static void enqueueLocked(ThreadGroup group, @Nullable Task target, SigInfo info) {
        int signal = info.signal();
        PendingSignals pending = target == null ? group.pendingLocked() : target.pendingLocked();
        pending.add(info);
        group.signalQueued(signal);
        if (signal == SIGKILL) {
            for (Task thread : group.threadsLocked()) {
                thread.noteKilled();
            }
            group.taskSet().unpark();
            return;
        }
        if (target != null) {
            target.recomputePendingLocked();
            return;
        }
        // One thread that does not block it is enough; the leader first, as Linux prefers the main
        // thread.
        Task leader = group.leader();
        if (!leader.isGone() && !SignalSet.has(leader.signalMask(), signal)) {
            leader.recomputePendingLocked();
            return;
        }
        for (Task thread : group.threadsLocked()) {
            if (!SignalSet.has(thread.signalMask(), signal)) {
                thread.recomputePendingLocked();
                return;
            }
        }
    }
}
