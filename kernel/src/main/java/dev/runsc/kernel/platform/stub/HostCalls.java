package dev.runsc.kernel.platform.stub;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.host.Futex;

/** Waking across processes. */
final class HostCalls {
    private HostCalls() {}

    /** Wakes one who sleeps on the word. */
    static void futexWake(long address) {
        try {
            Futex.wake(address, 1);
        } catch (ErrnoException e) {
            throw new AssertionError("a futex in mapped memory cannot fail", e);
        }
    }
}
