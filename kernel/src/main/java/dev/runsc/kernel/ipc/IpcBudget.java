package dev.runsc.kernel.ipc;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.state.Savable;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The kernel memory that messages, semaphores and what belongs to them may take in a sandbox, in
 * all its namespaces: Linux charges it to a memory control group.
 */
final class IpcBudget implements Savable {
    private static final long MOST_BYTES = 64L << 20;

    private final AtomicLong usedBytes = new AtomicLong();

    void take(long bytes, Errno refusal) throws ErrnoException {
        if (usedBytes.addAndGet(bytes) > MOST_BYTES) {
            usedBytes.addAndGet(-bytes);
            throw refusal.error();
        }
    }

    void giveBack(long bytes) {
        usedBytes.addAndGet(-bytes);
    }
}
