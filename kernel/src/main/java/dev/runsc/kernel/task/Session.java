package dev.runsc.kernel.task;

import dev.runsc.state.Savable;
import org.jspecify.annotations.Nullable;

/**
 * A session (setsid(2)): process groups that share a controlling terminal. Guarded by the task
 * set's lock.
 */
public final class Session implements Savable {
    private final PidNumbers numbers;
    private final ThreadGroup leader;
    private int processGroupCount;
    private @Nullable ControllingTerminal terminal;

    /** Who was in the foreground when the terminal was hung up, told so when the leader ends. */
    private @Nullable ProcessGroup lostForeground;

    Session(PidNumbers numbers, ThreadGroup leader) {
        this.numbers = numbers;
        this.leader = leader;
    }

    public PidNumbers numbers() {
        return numbers;
    }

    public ThreadGroup leader() {
        return leader;
    }

    public @Nullable ControllingTerminal terminal() {
        return terminal;
    }

    public void setTerminal(@Nullable ControllingTerminal controlling) {
        terminal = controlling;
    }

    public void setLostForeground(@Nullable ProcessGroup group) {
        lostForeground = group;
    }

    @Nullable ProcessGroup takeLostForeground() {
        ProcessGroup taken = lostForeground;
        lostForeground = null;
        return taken;
    }

    void processGroupAdded() {
        processGroupCount++;
    }

    void processGroupRemoved() {
        if (--processGroupCount == 0) {
            PidNamespace.removeSession(this);
        }
    }
}
