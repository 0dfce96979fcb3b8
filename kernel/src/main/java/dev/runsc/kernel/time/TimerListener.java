package dev.runsc.kernel.time;

import dev.runsc.state.Savable;

/** What a timer tells when it runs out. A type, not a lambda: it is saved with the timer. */
public interface TimerListener extends Savable {
    /**
     * Called on the timer thread without a lock held; must not sleep.
     *
     * @param expirations how often the period ran out since the last call, at least 1
     */
    void expired(KernelTimer timer, long expirations);
}
