package dev.runsc.kernel.sync;

import java.util.concurrent.locks.LockSupport;

/**
 * A thread that sleeps until it is notified. Notifications are sticky: one that comes before the
 * sleep ends it at once.
 */
public final class ThreadWaiter implements Waiter {
    private final Thread thread = Thread.currentThread();
    private volatile boolean fired;

    @Override
    public void notified(int events) {
        fired = true;
        LockSupport.unpark(thread);
    }

    /** Whether a notification came since the last call; clears it. */
    public boolean take() {
        if (!fired) {
            return false;
        }
        fired = false;
        return true;
    }
}
