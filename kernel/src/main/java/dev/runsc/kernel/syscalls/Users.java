package dev.runsc.kernel.syscalls;

import dev.runsc.gofer.abi.AbiStruct;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.Timespec;
import dev.runsc.gofer.abi.Timeval;
import dev.runsc.kernel.sync.Interruptible;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.vfs.RawName;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Reading and writing the structs and strings that calls pass by address. */
final class Users {
    static final int PATH_MAX = 4096;
    static final long NANOS_PER_SECOND = 1_000_000_000L;

    /** Longest time a timespec may hold without overflowing nanoseconds (KTIME_SEC_MAX). */
    private static final long MAX_SECONDS = Long.MAX_VALUE / NANOS_PER_SECOND;

    private Users() {}

    static ByteBuffer read(Task task, long address, int bytes) throws ErrnoException {
        byte[] data = new byte[bytes];
        task.memory().copyIn(address, data);
        return ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
    }

    static void write(Task task, long address, AbiStruct struct) throws ErrnoException {
        task.memory().copyOut(address, struct.toBytes());
    }

    /** A path name, one char per byte. */
    static String path(Task task, long address) throws ErrnoException {
        return RawName.of(task.memory().readCString(address, PATH_MAX));
    }

    /** A timespec as nanoseconds, saturating; EINVAL when it is not normal. */
    static long readTimespec(Task task, long address) throws ErrnoException {
        return nanos(Timespec.readFrom(read(task, address, Timespec.BYTES)));
    }

    static long nanos(Timespec time) throws ErrnoException {
        if (time.seconds() < 0 || time.nanos() < 0 || time.nanos() >= NANOS_PER_SECOND) {
            throw Errno.EINVAL.error();
        }
        return time.seconds() >= MAX_SECONDS
                ? Interruptible.FOREVER
                : time.seconds() * NANOS_PER_SECOND + time.nanos();
    }

    /** A relative timeout behind a pointer; {@link Interruptible#FOREVER} for NULL. */
    static long readTimeout(Task task, long address) throws ErrnoException {
        return address == 0 ? Interruptible.FOREVER : readTimespec(task, address);
    }

    static Timespec timespec(long nanos) {
        return new Timespec(
                Math.floorDiv(nanos, NANOS_PER_SECOND), Math.floorMod(nanos, NANOS_PER_SECOND));
    }

    static Timeval timeval(long nanos) {
        return new Timeval(
                Math.floorDiv(nanos, NANOS_PER_SECOND),
                Math.floorMod(nanos, NANOS_PER_SECOND) / 1000);
    }

    static long readTimeval(Task task, long address) throws ErrnoException {
        Timeval time = Timeval.readFrom(read(task, address, Timeval.BYTES));
        return nanos(time);
    }

    static long nanos(Timeval time) throws ErrnoException {
        if (time.seconds() < 0 || time.micros() < 0 || time.micros() >= 1_000_000) {
            throw Errno.EINVAL.error();
        }
        return time.seconds() >= MAX_SECONDS
                ? Interruptible.FOREVER
                : time.seconds() * NANOS_PER_SECOND + time.micros() * 1000;
    }

    /** Adds without wrapping. */
    static long plus(long base, long more) {
        long sum = base + more;
        return sum < base ? Interruptible.FOREVER : sum;
    }
}
