package dev.runsc.gofer.host;

import static dev.runsc.gofer.abi.FutexOps.FUTEX_WAIT;
import static dev.runsc.gofer.abi.FutexOps.FUTEX_WAKE;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_futex;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.Timespec;
import java.util.concurrent.TimeUnit;

/**
 * futex(2) on memory shared with another process, hence without FUTEX_PRIVATE_FLAG. Waiting has
 * four ordinary ends, none of which is an exception: callers look at the word again in each case.
 */
public final class Futex {
    /** Why a wait ended. */
    public enum Wakeup {
        /** Somebody woke us, or nobody did and it was spurious. */
        WOKEN,
        /** The word did not hold the expected value any more. */
        CHANGED,
        TIMED_OUT,
        INTERRUPTED
    }

    private static final long NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    private Futex() {}

    /** Sleeps while the word at {@code address} holds {@code expected}. */
    public static Wakeup await(long address, int expected) throws ErrnoException {
        return ended(Syscall.fast(SYS_futex, address, FUTEX_WAIT, expected, 0, 0, 0));
    }

    /** As {@link #await(long, int)}, for at most {@code timeoutNanos} (at least 0). */
    public static Wakeup await(long address, int expected, long timeoutNanos)
            throws ErrnoException {
        Scratch scratch = Scratch.get();
        new Timespec(timeoutNanos / NANOS_PER_SECOND, timeoutNanos % NANOS_PER_SECOND)
                .writeTo(scratch.data());
        long timeout = scratch.dataAddress();
        return ended(Syscall.fast(SYS_futex, address, FUTEX_WAIT, expected, timeout, 0, 0));
    }

    /** Wakes at most {@code count} waiters; returns how many there were. */
    public static int wake(long address, int count) throws ErrnoException {
        return (int) Syscall.check(Syscall.fast(SYS_futex, address, FUTEX_WAKE, count, 0, 0, 0));
    }

    private static Wakeup ended(long result) throws ErrnoException {
        if (result == 0) {
            return Wakeup.WOKEN;
        }
        if (result == Errno.EAGAIN.result()) {
            return Wakeup.CHANGED;
        }
        if (result == Errno.ETIMEDOUT.result()) {
            return Wakeup.TIMED_OUT;
        }
        if (result == Errno.EINTR.result()) {
            return Wakeup.INTERRUPTED;
        }
        throw Syscall.failure((int) -result);
    }
}
