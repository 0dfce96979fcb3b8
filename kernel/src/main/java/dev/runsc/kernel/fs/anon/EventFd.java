package dev.runsc.kernel.fs.anon;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.kernel.vfs.Caller;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A counter that can be waited for (eventfd(2)). */
public final class EventFd extends AnonymousFile {
    /** The largest value; adding beyond it waits. */
    private static final long MAXIMUM = -2L;

    private final KernelLock lock = new KernelLock(LockClass.CHANNEL);
    private final boolean semaphore;

    @GuardedBy("lock")
    private long value;

    public EventFd(long initial, boolean semaphore, int statusFlags) {
        super(OpenFlags.O_RDWR | statusFlags);
        this.value = initial;
        this.semaphore = semaphore;
    }

    @Override
    public long read(Caller caller, UserBuffer target) throws ErrnoException {
        if (target.remaining() < Long.BYTES) {
            throw Errno.EINVAL.error();
        }
        long taken;
        lock.lock();
        try {
            if (value == 0) {
                return WOULD_BLOCK;
            }
            taken = semaphore ? 1 : value;
            value -= taken;
        } finally {
            lock.unlock();
        }
        queue().notify(PollEvents.POLLOUT);
        byte[] out = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(taken).array();
        return target.put(out, 0, out.length);
    }

    @Override
    public long write(Caller caller, UserBuffer source) throws ErrnoException {
        if (source.remaining() < Long.BYTES) {
            throw Errno.EINVAL.error();
        }
        byte[] in = new byte[Long.BYTES];
        if (source.take(in, 0, in.length) < in.length) {
            throw Errno.EFAULT.error();
        }
        long more = ByteBuffer.wrap(in).order(ByteOrder.LITTLE_ENDIAN).getLong();
        if (more == -1) {
            throw Errno.EINVAL.error();
        }
        lock.lock();
        try {
            if (Long.compareUnsigned(MAXIMUM - value, more) < 0) {
                source.rewind(in.length);
                return WOULD_BLOCK;
            }
            value += more;
        } finally {
            lock.unlock();
        }
        queue().notify(PollEvents.POLLIN);
        return in.length;
    }

    @Override
    public int readiness() {
        lock.lock();
        try {
            return (value != 0 ? PollEvents.POLLIN : 0)
                    | (Long.compareUnsigned(value, MAXIMUM) < 0 ? PollEvents.POLLOUT : 0);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String details() {
        lock.lock();
        try {
            return String.format("eventfd-count: %16x%n", value);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String anonymousName() {
        return "anon_inode:[eventfd]";
    }
}
