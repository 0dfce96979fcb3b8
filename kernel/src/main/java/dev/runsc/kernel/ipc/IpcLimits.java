package dev.runsc.kernel.ipc;

import dev.runsc.gofer.abi.SystemVIpc;
import dev.runsc.state.Savable;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The limits of a namespace, as {@code /proc/sys/kernel} has them (proc_sys_kernel(5)). Numbers
 * that may change while they are read.
 */
public final class IpcLimits implements Savable {
    /** ULONG_MAX - (1 << 24). */
    private static final long SHM_MOST = -1L - (1L << 24);

    /** Each of the limits. */
    public enum Limit {
        SHMMAX,
        SHMALL,
        SHMMNI,
        MSGMAX,
        MSGMNB,
        MSGMNI,
        SEMMSL,
        SEMMNS,
        SEMOPM,
        SEMMNI
    }

    private final AtomicLong[] values = {
        of(SHM_MOST),
        of(SHM_MOST),
        of(SystemVIpc.SHMMNI),
        of(SystemVIpc.MSGMAX),
        of(SystemVIpc.MSGMNB),
        of(SystemVIpc.MSGMNI),
        of(SystemVIpc.SEMMSL),
        of(SystemVIpc.SEMMNS),
        of(SystemVIpc.SEMOPM),
        of(SystemVIpc.SEMMNI)
    };

    private static AtomicLong of(long value) {
        return new AtomicLong(value);
    }

    public long get(Limit limit) {
        return values[limit.ordinal()].get();
    }

    public void set(Limit limit, long value) {
        values[limit.ordinal()].set(value);
    }
}
