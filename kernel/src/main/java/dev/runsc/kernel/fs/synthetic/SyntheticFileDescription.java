package dev.runsc.kernel.fs.synthetic;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.gofer.abi.SeekWhence;
import dev.runsc.kernel.memory.MemoryManager;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.kernel.sync.WaitQueue;
import dev.runsc.kernel.sync.Waiter;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.LocatedFile;
import dev.runsc.kernel.vfs.Location;
import org.jspecify.annotations.Nullable;

/**
 * An open synthetic file. Contents are made at the first read and again when the reader starts
 * over.
 */
public final class SyntheticFileDescription extends LocatedFile {
    /** Most bytes taken from one write (a page, as proc and sys take). */
    private static final int MAX_WRITE = 4096;

    private final KernelLock positionLock = new KernelLock(LockClass.FILE_DESCRIPTION);
    private final ContentSource source;

    @GuardedBy("positionLock")
    private long position;

    @GuardedBy("positionLock")
    private byte @Nullable [] content;

    /** The version of a {@link Watchable} source that was read last. */
    private volatile long seen;

    SyntheticFileDescription(Location location, int flags, ContentSource source) {
        super(location, flags);
        this.source = source;
    }

    /** What it shows. */
    public ContentSource source() {
        return source;
    }

    @Override
    public boolean isSeekable() {
        return true;
    }

    @Override
    public long read(Caller caller, UserBuffer target) throws ErrnoException {
        refresh(caller, false, 0);
        positionLock.lock();
        try {
            long count = copyLocked(target, position);
            position += count;
            return count;
        } finally {
            positionLock.unlock();
        }
    }

    @Override
    public long readAt(Caller caller, UserBuffer target, long offset) throws ErrnoException {
        refresh(caller, true, offset);
        positionLock.lock();
        try {
            return copyLocked(target, offset);
        } finally {
            positionLock.unlock();
        }
    }

    /**
     * Makes the contents unless they are there, without a lock: sources take whatever locks they
     * need.
     */
    private void refresh(Caller caller, boolean positioned, long offset) throws ErrnoException {
        positionLock.lock();
        try {
            if (content != null && (positioned ? offset : position) != 0) {
                return;
            }
        } finally {
            positionLock.unlock();
        }
        if (source instanceof Watchable watchable) {
            seen = watchable.version();
        }
        Content made = new Content();
        source.generate(caller, made);
        byte[] bytes = made.toBytes();
        positionLock.lock();
        try {
            content = bytes;
        } finally {
            positionLock.unlock();
        }
    }

    @GuardedBy("positionLock")
    private long copyLocked(UserBuffer target, long offset) throws ErrnoException {
        byte[] bytes = content;
        if (bytes == null || offset >= bytes.length) {
            return 0;
        }
        int from = (int) offset;
        return target.put(bytes, from, (int) Math.min(bytes.length - from, target.remaining()));
    }

    @Override
    public boolean isPollable() {
        return source instanceof Watchable || super.isPollable();
    }

    /** kernfs_generic_poll. */
    @Override
    public int readiness() {
        boolean changed = source instanceof Watchable watchable && watchable.version() != seen;
        return PollEvents.POLLIN
                | PollEvents.POLLOUT
                | PollEvents.POLLRDNORM
                | PollEvents.POLLWRNORM
                | (changed ? PollEvents.POLLPRI | PollEvents.POLLERR : 0);
    }

    @Override
    public void addWaiter(Waiter waiter, int events) {
        WaitQueue queue = source instanceof Watchable watchable ? watchable.changes() : null;
        if (queue != null) {
            queue.add(waiter, events);
        }
    }

    @Override
    public void removeWaiter(Waiter waiter) {
        WaitQueue queue = source instanceof Watchable watchable ? watchable.changes() : null;
        if (queue != null) {
            queue.remove(waiter);
        }
    }

    @Override
    public long write(Caller caller, UserBuffer data) throws ErrnoException {
        long offset;
        positionLock.lock();
        try {
            offset = position;
        } finally {
            positionLock.unlock();
        }
        long count = take(caller, data, offset);
        positionLock.lock();
        try {
            position = offset + count;
        } finally {
            positionLock.unlock();
        }
        return count;
    }

    @Override
    public long writeAt(Caller caller, UserBuffer data, long offset) throws ErrnoException {
        return take(caller, data, offset);
    }

    private long take(Caller caller, UserBuffer data, long offset) throws ErrnoException {
        byte[] bytes = new byte[(int) Math.min(data.remaining(), MAX_WRITE)];
        long taken = data.take(bytes, 0, bytes.length);
        if (taken < bytes.length) {
            throw Errno.EFAULT.error();
        }
        return source.write(caller, bytes, offset);
    }

    @Override
    public long ioctl(Caller caller, MemoryManager memory, int request, long argument)
            throws ErrnoException {
        return source.ioctl(caller, memory, request, argument);
    }

    @Override
    public long seek(Caller caller, long offset, int whence) throws ErrnoException {
        positionLock.lock();
        try {
            long target =
                    switch (whence) {
                        case SeekWhence.SEEK_SET -> offset;
                        case SeekWhence.SEEK_CUR -> position + offset;
                        default -> throw Errno.EINVAL.error();
                    };
            if (target < 0) {
                throw Errno.EINVAL.error();
            }
            position = target;
            return target;
        } finally {
            positionLock.unlock();
        }
    }

    @Override
    public void truncate(Caller caller, long sizeBytes) {
        // As the inode: nothing to cut.
    }
}
