package dev.runsc.gofer.host;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;

/** The door to the host: calls by number, errors as {@link ErrnoException}. */
final class Syscall {
    private static final int EINTR = 4;

    private Syscall() {}

    /** The result, or the negated error number. */
    static long raw(long number, long a, long b, long c, long d, long e, long f) {
        return JniLibc.AVAILABLE
                ? JniLibc.syscall(number, a, b, c, d, e, f)
                : JnaLibc.call(number, a, b, c, d, e, f);
    }

    /**
     * As {@link #raw}, for hot calls: without our own library, over the binding that costs less for
     * each call.
     */
    static long fast(long number, long a, long b, long c, long d, long e, long f) {
        return JniLibc.AVAILABLE
                ? JniLibc.syscall(number, a, b, c, d, e, f)
                : ForeignLibc.call(number, a, b, c, d, e, f);
    }

    /** The result of a call; interrupted ones are repeated. */
    static long call(long number, long a, long b, long c, long d, long e, long f)
            throws ErrnoException {
        long result;
        do {
            result = raw(number, a, b, c, d, e, f);
        } while (result == -EINTR);
        return check(result);
    }

    static long call(long number, long a, long b, long c, long d, long e) throws ErrnoException {
        return call(number, a, b, c, d, e, 0);
    }

    static long call(long number, long a, long b, long c, long d) throws ErrnoException {
        return call(number, a, b, c, d, 0, 0);
    }

    static long call(long number, long a, long b, long c) throws ErrnoException {
        return call(number, a, b, c, 0, 0, 0);
    }

    static long call(long number, long a, long b) throws ErrnoException {
        return call(number, a, b, 0, 0, 0, 0);
    }

    static long call(long number, long a) throws ErrnoException {
        return call(number, a, 0, 0, 0, 0, 0);
    }

    static long fastCall(long number, long a, long b, long c, long d) throws ErrnoException {
        long result;
        do {
            result = fast(number, a, b, c, d, 0, 0);
        } while (result == -EINTR);
        return check(result);
    }

    /** Passes a result, throws a negated error number. */
    static long check(long result) throws ErrnoException {
        if (result < 0 && result >= -Errno.MAX_ERRNO) {
            throw failure((int) -result);
        }
        return result;
    }

    /** The exception of an error number of the host; one that Linux does not list becomes EIO. */
    static ErrnoException failure(int number) {
        Errno errno = Errno.find(number);
        return (errno == null ? Errno.EIO : errno).error();
    }
}
