package dev.runsc.kernel.task.signal;

import dev.runsc.gofer.abi.SignalNumbers;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.state.Savable;

/**
 * What a process does on each signal (Linux {@code struct sighand_struct}), shared by
 * CLONE_SIGHAND. Its lock also guards the pending signals of every thread group that uses it.
 */
public final class SignalHandlers implements Savable {
    /**
     * One action, as rt_sigaction(2) sets it.
     *
     * @param handler address, SIG_DFL (0) or SIG_IGN (1)
     * @param mask blocked while the handler runs
     */
    public record Action(long handler, long flags, long restorer, long mask) implements Savable {
        public static final Action DEFAULT = new Action(0, 0, 0, 0);

        public boolean isDefault() {
            return handler == SignalNumbers.SIG_DFL;
        }

        public boolean isIgnore() {
            return handler == SignalNumbers.SIG_IGN;
        }

        public boolean has(long flag) {
            return (flags & flag) != 0;
        }
    }

    private final KernelLock lock = new KernelLock(LockClass.SIGNAL_HANDLERS);
    private final Action[] actions = new Action[SignalSet.MAX_SIGNAL + 1];

    public SignalHandlers() {
        java.util.Arrays.fill(actions, Action.DEFAULT);
    }

    public KernelLock lock() {
        return lock;
    }

    public Action actionLocked(int signal) {
        return actions[signal];
    }

    public void setActionLocked(int signal, Action action) {
        actions[signal] = action;
    }

    /** Whether a signal would have no effect at all if delivered now. */
    public boolean ignoresLocked(int signal) {
        Action action = actions[signal];
        return action.isIgnore() || action.isDefault() && SignalSet.ignoredByDefault(signal);
    }

    public SignalHandlers copy() {
        SignalHandlers copy = new SignalHandlers();
        lock.lock();
        try {
            System.arraycopy(actions, 0, copy.actions, 0, actions.length);
        } finally {
            lock.unlock();
        }
        return copy;
    }

    /** execve(2): caught signals go back to the default, ignored ones stay ignored. */
    public void resetForExec() {
        lock.lock();
        try {
            for (int signal = 1; signal < actions.length; signal++) {
                actions[signal] =
                        actions[signal].isIgnore()
                                ? new Action(SignalNumbers.SIG_IGN, 0, 0, 0)
                                : Action.DEFAULT;
            }
        } finally {
            lock.unlock();
        }
    }

    /** CLONE_CLEAR_SIGHAND: all that is caught goes to the default; ignored stays. */
    public void clearCaught() {
        resetForExec();
    }
}
