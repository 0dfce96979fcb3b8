package dev.runsc.kernel.time;

import dev.runsc.state.AfterRestore;
import dev.runsc.state.RestoreContext;
import dev.runsc.state.Savable;
import java.time.Instant;

/**
 * The sandbox's clocks. Real time is the host's. Monotonic time never goes back: after a restore it
 * goes on from where it was plus the real time that passed since, so that absolute deadlines in an
 * image keep their meaning.
 */
public final class Timekeeper implements Savable, AfterRestore {
    private long savedMonotonicNanos;
    private long savedRealNanos;

    /** Added to the host's monotonic clock. */
    private transient volatile long monotonicOffsetNanos;

    public Timekeeper() {
        monotonicOffsetNanos = -System.nanoTime();
    }

    /** CLOCK_MONOTONIC and CLOCK_BOOTTIME, nanoseconds since the sandbox started. */
    public long monotonicNanos() {
        return System.nanoTime() + monotonicOffsetNanos;
    }

    /** CLOCK_REALTIME, nanoseconds since 1970. */
    public long realNanos() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }

    /** Notes the clocks for an image. Called while everything is stopped. */
    public void beforeSave() {
        savedMonotonicNanos = monotonicNanos();
        savedRealNanos = realNanos();
    }

    @Override
    public void afterRestore(RestoreContext context) {
        long passed = Math.max(0, realNanos() - savedRealNanos);
        monotonicOffsetNanos = savedMonotonicNanos + passed - System.nanoTime();
    }
}
