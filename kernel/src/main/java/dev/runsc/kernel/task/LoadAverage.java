package dev.runsc.kernel.task;

import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.state.Savable;

/**
 * How many tasks ran on the average of the last one, five and fifteen minutes, where what is longer
 * ago counts less (Linux kernel/sched/loadavg.c, without its steps of five seconds).
 */
public final class LoadAverage implements Savable {
    private static final double[] SPANS_NANOS = {60e9, 300e9, 900e9};

    private final KernelLock lock = new KernelLock(LockClass.TIMER);

    /** Guarded by the lock, as is what follows. */
    private final double[] averages = new double[SPANS_NANOS.length];

    /** Up to when they hold, on the monotonic clock. */
    private long untilNanos;

    /**
     * Counts the time since the last call.
     *
     * @param running how many tasks ran in it
     */
    void count(long nowNanos, int running) {
        lock.lock();
        try {
            countLocked(nowNanos, running);
        } finally {
            lock.unlock();
        }
    }

    private void countLocked(long nowNanos, int running) {
        long passed = Math.max(0, nowNanos - untilNanos);
        untilNanos += passed;
        for (int i = 0; i < averages.length; i++) {
            double kept = Math.exp(-passed / SPANS_NANOS[i]);
            averages[i] = averages[i] * kept + running * (1 - kept);
        }
    }

    /** The three of now; nothing has run since they were counted last. */
    public double[] at(long nowNanos) {
        lock.lock();
        try {
            countLocked(nowNanos, 0);
            return averages.clone();
        } finally {
            lock.unlock();
        }
    }
}
