package dev.runsc.gofer.abi;

/**
 * A failure that has an error number: the one way an error travels towards a guest or away from the
 * host. Made by {@link Errno#error()}; a subclass carries more than the number.
 */
public class ErrnoException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Errno errno;

    ErrnoException(Errno errno, boolean traced) {
        super(null, null, false, traced);
        this.errno = errno;
    }

    /** For errors that carry more than their number; without a stack trace. */
    protected ErrnoException(Errno errno) {
        this(errno, false);
    }

    /** The name of the error and its text; never null. */
    @Override
    public String getMessage() {
        return errno.name() + ": " + errno.message();
    }

    public Errno errno() {
        return errno;
    }

    /** True when the error is {@code other}: for the {@code catch} that handles one case. */
    public boolean is(Errno other) {
        return errno == other;
    }
}
