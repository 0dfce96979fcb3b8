package dev.runsc.kernel.platform.stub;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.host.Futex;

/**
 * Sleeping and waking across processes. A binding of its own, without errno, would save some
 * nanoseconds of several microseconds and cost 10 ms at each start of a sandbox.
 */
final class HostCalls {
    private HostCalls() {}

    /**
     * Sleeps while the word, in memory shared with another process, holds {@code expected}. Returns
     * for other reasons too: callers look again.
     */
    static void futexWait(long address, int expected) {
        try {
            Futex.await(address, expected);
        } catch (ErrnoException e) {
            throw new AssertionError("a futex in mapped memory cannot fail", e);
        }
    }

    /** Wakes one who sleeps on the word. */
    static void futexWake(long address) {
        try {
            Futex.wake(address, 1);
        } catch (ErrnoException e) {
            throw new AssertionError("a futex in mapped memory cannot fail", e);
        }
    }
}
