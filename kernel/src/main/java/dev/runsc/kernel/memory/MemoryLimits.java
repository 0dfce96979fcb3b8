package dev.runsc.kernel.memory;

import dev.runsc.state.Savable;

/**
 * The resource limits that bound an address space, asked for each time they matter. Implemented by
 * the process that owns it.
 */
public interface MemoryLimits extends Savable {
    /** "No limit", as getrlimit(2) has it. Limits are compared unsigned. */
    long UNLIMITED = -1L;

    /**
     * The soft limit.
     *
     * @param resource {@code RLIMIT_AS}, {@code RLIMIT_DATA}, {@code RLIMIT_STACK} or {@code
     *     RLIMIT_MEMLOCK}
     * @return bytes, or {@link #UNLIMITED}
     */
    long softLimit(int resource);

    /** Whether RLIMIT_MEMLOCK does not apply (CAP_IPC_LOCK). */
    boolean mayLockAnyAmount();

    /** No limits at all: for address spaces that no process owns yet. */
    enum None implements MemoryLimits {
        INSTANCE;

        @Override
        public long softLimit(int resource) {
            return UNLIMITED;
        }

        @Override
        public boolean mayLockAnyAmount() {
            return true;
        }
    }
}
