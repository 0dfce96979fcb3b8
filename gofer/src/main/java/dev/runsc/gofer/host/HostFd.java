package dev.runsc.gofer.host;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FcntlCommands;
import dev.runsc.gofer.abi.SyscallNumbers;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The owner of a descriptor of this process. Closing is final and happens once; whoever closes must
 * know that no other thread is still in a call with the number.
 */
public final class HostFd implements AutoCloseable {
    private static final int CLOSED = -1;

    private final AtomicInteger number;

    private HostFd(int number) {
        this.number = new AtomicInteger(number);
    }

    /** Takes over a descriptor that nobody else will close. */
    public static HostFd own(int number) {
        if (number < 0) {
            throw new IllegalArgumentException("no descriptor: " + number);
        }
        return new HostFd(number);
    }

    /**
     * The number, for a call.
     *
     * @throws IllegalStateException after {@link #close} or {@link #release}
     */
    public int number() {
        int value = number.get();
        if (value == CLOSED) {
            throw new IllegalStateException("descriptor is closed");
        }
        return value;
    }

    public boolean isOpen() {
        return number.get() != CLOSED;
    }

    /** Gives the descriptor away: from now on the caller has to close the number. */
    public int release() {
        int value = number.getAndSet(CLOSED);
        if (value == CLOSED) {
            throw new IllegalStateException("descriptor is closed");
        }
        return value;
    }

    /** A second descriptor for the same open file, close-on-exec. */
    public HostFd duplicate() throws ErrnoException {
        return duplicate(number());
    }

    /** As {@link #duplicate()} for a descriptor that somebody else owns. */
    public static HostFd duplicate(int fd) throws ErrnoException {
        return new HostFd(
                (int) Syscall.call(SyscallNumbers.SYS_fcntl, fd, FcntlCommands.F_DUPFD_CLOEXEC, 0));
    }

    /**
     * Closes the descriptor; does nothing the second time. Linux frees the number even on errors.
     */
    @Override
    public void close() {
        int value = number.getAndSet(CLOSED);
        if (value != CLOSED) {
            Syscall.raw(SyscallNumbers.SYS_close, value, 0, 0, 0, 0, 0);
        }
    }

    @Override
    public String toString() {
        return "fd " + number.get();
    }
}
