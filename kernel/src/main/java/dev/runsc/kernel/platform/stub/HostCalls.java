package dev.runsc.kernel.platform.stub;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.host.Futex;

/** Sleeping and waking across processes. */
final class HostCalls {
    private HostCalls() {}

    /** Sleeps while the word holds {@code expected}; returns early too: callers look again. */
    static void futexWait(long address, int expected, long timeoutNanos) {
        try {
            Futex.await(address, expected, timeoutNanos);
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
