package dev.runsc.kernel.time;

import dev.runsc.state.AfterRestore;
import dev.runsc.state.RestoreContext;
import dev.runsc.state.Savable;

/**
 * A one-shot or periodic timer on the monotonic clock (Linux {@code struct hrtimer}). Saved with
 * its absolute expiry; a timer that ran out while the image lay on disk fires once after the
 * restore.
 */
public final class KernelTimer implements Savable, AfterRestore {
    private final TimerQueue queue;
    private final TimerListener listener;

    /** Guarded by the queue's lock: monotonic nanoseconds, 0 when disarmed. */
    private long expiryNanos;

    /** Guarded by the queue's lock: 0 for one shot. */
    private long periodNanos;

    public KernelTimer(TimerQueue queue, TimerListener listener) {
        this.queue = queue;
        this.listener = listener;
    }

    /**
     * What is set.
     *
     * @param remainingNanos until the next expiry, 0 when disarmed, at least 1 when armed
     * @param periodNanos 0 for one shot
     */
    public record Setting(long remainingNanos, long periodNanos) {}

    /**
     * Arms or disarms.
     *
     * @param newExpiryNanos absolute monotonic time, 0 to disarm
     * @return what was set before
     */
    public Setting set(long newExpiryNanos, long newPeriodNanos) {
        queue.lock().lock();
        try {
            Setting old = settingLocked();
            queue.removeLocked(this);
            expiryNanos = newExpiryNanos;
            periodNanos = newPeriodNanos;
            if (newExpiryNanos != 0) {
                queue.addLocked(this);
            }
            return old;
        } finally {
            queue.lock().unlock();
        }
    }

    /**
     * Arms. When that time is over already, its expirations are taken at once and the listener is
     * not told of them: who has set it finds it expired.
     *
     * @param newExpiryNanos as in {@link #set}
     * @return how many
     */
    public long arm(long newExpiryNanos, long newPeriodNanos) {
        queue.lock().lock();
        try {
            queue.removeLocked(this);
            expiryNanos = newExpiryNanos;
            periodNanos = newPeriodNanos;
            if (newExpiryNanos == 0) {
                return 0;
            }
            long now = queue.nowNanos();
            if (newExpiryNanos <= now) {
                return takeExpirationsLocked(now);
            }
            queue.addLocked(this);
            return 0;
        } finally {
            queue.lock().unlock();
        }
    }

    public Setting setting() {
        queue.lock().lock();
        try {
            return settingLocked();
        } finally {
            queue.lock().unlock();
        }
    }

    private Setting settingLocked() {
        long left = expiryNanos == 0 ? 0 : Math.max(1, expiryNanos - queue.nowNanos());
        return new Setting(left, periodNanos);
    }

    long expiryNanosLocked() {
        return expiryNanos;
    }

    /** Takes the expirations up to now and re-arms if periodic; returns how many. */
    long takeExpirationsLocked(long nowNanos) {
        if (periodNanos == 0) {
            expiryNanos = 0;
            return 1;
        }
        long count = 1 + (nowNanos - expiryNanos) / periodNanos;
        expiryNanos += count * periodNanos;
        queue.addLocked(this);
        return count;
    }

    TimerListener listener() {
        return listener;
    }

    @Override
    public void afterRestore(RestoreContext context) {
        queue.lock().lock();
        try {
            if (expiryNanos != 0) {
                queue.addLocked(this);
            }
        } finally {
            queue.lock().unlock();
        }
    }
}
