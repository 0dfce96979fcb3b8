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

    void processGroupAdded() {
        processGroupCount++;
    }

    void processGroupRemoved() {
        if (--processGroupCount == 0) {
            PidNamespace.removeSession(this);
        }
    }
}
