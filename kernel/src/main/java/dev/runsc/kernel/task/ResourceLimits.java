package dev.runsc.kernel.task;

import dev.runsc.gofer.abi.RLimits;
import dev.runsc.kernel.memory.MemoryLimits;

/**
 * The soft and hard limits of a process by RLIMIT_* number (getrlimit(2)); -1 is unlimited,
 * compared unsigned.
 */
public final class ResourceLimits implements MemoryLimits {
    private final long[] soft = new long[RLimits.RLIM_NLIMITS];
    private final long[] hard = new long[RLimits.RLIM_NLIMITS];

    public ResourceLimits() {
        java.util.Arrays.fill(soft, RLimits.RLIM_INFINITY);
        java.util.Arrays.fill(hard, RLimits.RLIM_INFINITY);
        set(RLimits.RLIMIT_STACK, 8L << 20, RLimits.RLIM_INFINITY);
        set(RLimits.RLIMIT_CORE, 0, RLimits.RLIM_INFINITY);
        set(RLimits.RLIMIT_NOFILE, 1024, 1 << 20);
        set(RLimits.RLIMIT_MEMLOCK, 8L << 20, 8L << 20);
        set(RLimits.RLIMIT_SIGPENDING, 95000, 95000);
        set(RLimits.RLIMIT_MSGQUEUE, 819200, 819200);
        set(RLimits.RLIMIT_NICE, 0, 0);
        set(RLimits.RLIMIT_RTPRIO, 0, 0);
    }

    public ResourceLimits copy() {
        ResourceLimits copy = new ResourceLimits();
        System.arraycopy(soft, 0, copy.soft, 0, soft.length);
        System.arraycopy(hard, 0, copy.hard, 0, hard.length);
        return copy;
    }

    public synchronized void set(int resource, long softLimit, long hardLimit) {
        soft[resource] = softLimit;
        hard[resource] = hardLimit;
    }

    public synchronized long soft(int resource) {
        return soft[resource];
    }

    public synchronized long hard(int resource) {
        return hard[resource];
    }

    @Override
    public long softLimit(int resource) {
        return soft(resource);
    }

    @Override
    public boolean mayLockAnyAmount() {
        return true;
    }

    /** The soft limit, unlimited as {@link Long#MAX_VALUE}. */
    public long softOrMax(int resource) {
        long value = soft(resource);
        return value < 0 ? Long.MAX_VALUE : value;
    }
}
