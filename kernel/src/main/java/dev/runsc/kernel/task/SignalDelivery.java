package dev.runsc.kernel.task;

import static dev.runsc.gofer.abi.SignalNumbers.SA_NODEFER;
import static dev.runsc.gofer.abi.SignalNumbers.SA_RESETHAND;
import static dev.runsc.gofer.abi.SignalNumbers.SA_RESTART;
import static dev.runsc.gofer.abi.SignalNumbers.SIGKILL;
import static dev.runsc.gofer.abi.SignalNumbers.SIGSEGV;
import static dev.runsc.gofer.abi.SignalNumbers.SIGSTOP;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.SigInfo;
import dev.runsc.kernel.platform.GuestContext;
import dev.runsc.kernel.platform.Register;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.task.RunState.Restarting;
import dev.runsc.kernel.task.signal.SignalFrame;
import dev.runsc.kernel.task.signal.SignalHandlers.Action;
import dev.runsc.kernel.task.signal.SignalSet;
import org.jspecify.annotations.Nullable;

/**
 * Acting on pending signals before a task goes back to guest code (Linux get_signal and
 * handle_signal).
 */
final class SignalDelivery {
    private SignalDelivery() {}

    /**
     * What came of it.
     *
     * @param handlerRuns a frame was pushed: an interrupted call is over (as EINTR or set to be
     *     repeated)
     * @param next where the task goes instead of guest code, or null
     */
    record Outcome(boolean handlerRuns, @Nullable RunState next) {}

    private static final Outcome NOTHING = new Outcome(false, null);
    private static final Outcome HANDLED = new Outcome(true, null);

    /** A signal and the action taken from the table when it was dequeued. */
    private record Taken(SigInfo info, Action action) {}

    /**
     * Delivers until the task must stop or end, or nothing is left.
     *
     * @param injected a signal that comes first because a tracer has let it through, or null
     */
    static Outcome deliver(
            Task task, @Nullable Restarting interruptedCall, @Nullable SigInfo injected) {
        ThreadGroup group = task.group();
        boolean pushed = false;
        SigInfo next = injected;
        while (true) {
            if (group.isExiting()) {
                return new Outcome(pushed, TaskExit.killedState(task, group.exitStatus()));
            }
            SigInfo info = next;
            next = null;
            if (info == null) {
                info = take(task);
                if (info == null) {
                    return pushed ? HANDLED : NOTHING;
                }
                if (info.signal() != SIGKILL
                        && TracedCalls.stopForSignal(task, info, pushed ? null : interruptedCall)) {
                    return new Outcome(pushed, RunState.SIGNAL_STOPPED);
                }
            }
            int signal = info.signal();
            if (signal == SIGKILL) {
                return new Outcome(pushed, TaskExit.groupExit(task, SIGKILL));
            }
            Action action = takeAction(task, signal);
            if (action.isIgnore() || action.isDefault() && SignalSet.ignoredByDefault(signal)) {
                continue;
            }
            if (action.isDefault()) {
                RunState end = actByDefault(task, signal, pushed ? null : interruptedCall);
                if (end != null) {
                    return new Outcome(pushed, end);
                }
                continue;
            }
            settleInterruptedCall(task, pushed ? null : interruptedCall, action);
            if (!pushHandler(task, new Taken(info, action))) {
                // No room for the frame: Linux forces SIGSEGV, with its default action if the
                // failing one was SIGSEGV.
                return new Outcome(true, TaskExit.groupExit(task, SIGSEGV));
            }
            pushed = true;
        }
    }

    /** Where a signal at its default leads, or null when it has no effect. */
    private static @Nullable RunState actByDefault(
            Task task, int signal, @Nullable Restarting interruptedCall) {
        if (isSpared(task, signal)) {
            return null;
        }
        if (SignalSet.stopsByDefault(signal)) {
            if (!startStop(task, signal)) {
                return null;
            }
            return interruptedCall == null ? RunState.IN_APP : interruptedCall;
        }
        return TaskExit.groupExit(task, signal);
    }

    private static @Nullable SigInfo take(Task task) {
        KernelLock lock = task.group().handlers().lock();
        lock.lock();
        try {
            long blocked = task.signalMask();
            SigInfo info = task.pendingLocked().take(blocked, task.group().timers());
            if (info == null) {
                info = task.group().pendingLocked().take(blocked, task.group().timers());
            }
            task.recomputeAfterDeliveryLocked();
            return info;
        } finally {
            lock.unlock();
        }
    }

    private static Action takeAction(Task task, int signal) {
        KernelLock lock = task.group().handlers().lock();
        lock.lock();
        try {
            Action action = task.group().handlers().actionLocked(signal);
            if (action.has(SA_RESETHAND) && !action.isDefault() && !action.isIgnore()) {
                task.group().handlers().setActionLocked(signal, Action.DEFAULT);
            }
            return action;
        } finally {
            lock.unlock();
        }
    }

    /**
     * A namespace's init does not die of its own defaults, unless a fault of its own forced the
     * signal.
     */
    private static boolean isSpared(Task task, int signal) {
        return task.namespace().init() == task.group()
                && !task.isForced(signal)
                && signal != SIGSTOP;
    }

    /**
     * Starts a group stop unless the process group is orphaned (for the terminal's stop signals).
     */
    private static boolean startStop(Task task, int signal) {
        ThreadGroup group = task.group();
        TaskSet taskSet = group.taskSet();
        taskSet.lock().lock();
        try {
            if (signal != SIGSTOP && group.processGroup().isOrphaned()) {
                return false;
            }
            KernelLock lock = group.handlers().lock();
            lock.lock();
            try {
                if (group.isExiting() || task.isKilled()) {
                    return false;
                }
                group.startStopLocked(signal);
            } finally {
                lock.unlock();
            }
            for (Task thread : group.threadsLocked()) {
                thread.interrupt();
            }
            Ptrace.noticeLocked(group);
        } finally {
            taskSet.lock().unlock();
        }
        taskSet.unpark();
        return true;
    }

    /**
     * With a handler about to run, an interrupted call either fails with EINTR or is set to be
     * repeated after it.
     */
    private static void settleInterruptedCall(
            Task task, @Nullable Restarting interruptedCall, Action action) {
        if (interruptedCall == null) {
            return;
        }
        boolean repeat =
                switch (interruptedCall.restart()) {
                    case ALWAYS -> true;
                    case SYSTEM -> action.has(SA_RESTART);
                    case NO_HANDLER, BLOCK -> false;
                };
        GuestContext context = task.context();
        if (repeat) {
            context.setRegister(
                    Register.RIP, context.register(Register.RIP) - Restarting.REWIND_BYTES);
        } else {
            context.setRegister(Register.RAX, Errno.EINTR.result());
        }
        task.restartBlock().clear();
    }

    private static boolean pushHandler(Task task, Taken taken) {
        TracedRegisters.disarmStep(task);
        long frameMask = task.takeMaskForFrame();
        boolean pushed =
                SignalFrame.push(
                        task.context(),
                        task.memory(),
                        task.altStack(),
                        taken.info,
                        taken.action,
                        frameMask,
                        task.taskSet().host().platform());
        if (!pushed) {
            return false;
        }
        long block = taken.action.mask();
        if (!taken.action.has(SA_NODEFER)) {
            block |= SignalSet.of(taken.info.signal());
        }
        task.setSignalMask(task.signalMask() | block);
        return true;
    }
}
