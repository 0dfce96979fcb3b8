package dev.runsc.kernel.sync;

/**
 * Who may sleep in the kernel: a task. Sleep ends when the waiter is notified, the deadline passes,
 * or the task is interrupted by a signal or by an external stop (pause, checkpoint).
 */
public interface Interruptible {
    /** No deadline. */
    long FOREVER = Long.MAX_VALUE;

    /** Why a sleep ended. */
    enum Wake {
        NOTIFIED,
        TIMED_OUT,
        INTERRUPTED
    }

    /**
     * Sleeps. The caller must hold no lock and must have the waiter registered, tried again, and
     * remove it afterwards.
     *
     * @param waiter what to wait for, made by the calling thread
     * @param deadlineNanos on the sandbox's monotonic clock ({@code Timekeeper.monotonicNanos()}),
     *     or {@link #FOREVER}
     */
    Wake sleep(ThreadWaiter waiter, long deadlineNanos);
}
