package dev.runsc.kernel.task.seccomp;

import dev.runsc.kernel.sync.WaitQueue;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.state.Savable;

/**
 * A call that waits for a supervisor's answer (Linux struct seccomp_knotif). All but what it is
 * made of is under the lock of its {@link Notifications}.
 */
public final class Notification implements Savable {
    /** How far it has come. */
    enum State implements Savable {
        NEW,
        /** The supervisor has read it. */
        TAKEN,
        /** The supervisor puts a descriptor in place whose number is the answer. */
        ADDING,
        ANSWERED
    }

    final long id;
    private final Caller target;
    private final CallData call;

    /** Wakes the target. */
    private final WaitQueue answers = new WaitQueue();

    State state = State.NEW;
    boolean goesOn;
    long value;
    int error;

    Notification(long id, Caller target, CallData call) {
        this.id = id;
        this.target = target;
        this.call = call;
    }

    /** Who makes the call. */
    public Caller target() {
        return target;
    }

    public CallData call() {
        return call;
    }

    public long id() {
        return id;
    }

    public WaitQueue answers() {
        return answers;
    }
}
