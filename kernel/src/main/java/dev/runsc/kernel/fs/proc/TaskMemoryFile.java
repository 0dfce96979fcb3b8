package dev.runsc.kernel.fs.proc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.SeekWhence;
import dev.runsc.kernel.memory.MemoryManager;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.LocatedFile;
import dev.runsc.kernel.vfs.Location;
import java.lang.foreign.MemorySegment;

/**
 * An open {@code /proc/PID/mem} (fs/proc/base.c mem_rw): the position is an address, protections do
 * not count.
 */
final class TaskMemoryFile extends LocatedFile {
    private static final int PAGE = 4096;

    private final KernelLock positionLock = new KernelLock(LockClass.FILE_DESCRIPTION);

    /**
     * As it was at open: an execve later does not change what is read, which is nothing once its
     * users are gone.
     */
    private final MemoryManager memory;

    @GuardedBy("positionLock")
    private long position;

    TaskMemoryFile(Location location, int flags, MemoryManager memory) {
        super(location, flags);
        this.memory = memory;
    }

    @Override
    public boolean isSeekable() {
        return true;
    }

    @Override
    public long read(Caller caller, UserBuffer target) throws ErrnoException {
        long from = position();
        long count = readAt(caller, target, from);
        setPosition(from + count);
        return count;
    }

    @Override
    public long readAt(Caller caller, UserBuffer target, long offset) throws ErrnoException {
        if (memory.users() == 0) {
            return 0;
        }
        byte[] page = new byte[PAGE];
        long done = 0;
        while (target.remaining() > 0) {
            int length = pieceAt(offset + done, target.remaining());
            try {
                memory.forceRead(offset + done, MemorySegment.ofArray(page).asSlice(0, length));
            } catch (ErrnoException unmapped) {
                return partly(done);
            }
            long put = target.put(page, 0, length);
            done += put;
            if (put < length) {
                break;
            }
        }
        return done;
    }

    @Override
    public long write(Caller caller, UserBuffer source) throws ErrnoException {
        long from = position();
        long count = writeAt(caller, source, from);
        setPosition(from + count);
        return count;
    }

    @Override
    public long writeAt(Caller caller, UserBuffer source, long offset) throws ErrnoException {
        if (memory.users() == 0) {
            return 0;
        }
        byte[] page = new byte[PAGE];
        long done = 0;
        while (source.remaining() > 0) {
            int length = pieceAt(offset + done, source.remaining());
            long taken = source.take(page, 0, length);
            if (taken == 0) {
                break;
            }
            try {
                memory.forceWrite(offset + done, MemorySegment.ofArray(page).asSlice(0, taken));
            } catch (ErrnoException unmapped) {
                return partly(done);
            }
            done += taken;
        }
        return done;
    }

    /** Up to the end of the page: what lies beyond may not be there. */
    private static int pieceAt(long address, long remaining) {
        return (int) Math.min(remaining, PAGE - (address & PAGE - 1));
    }

    private static long partly(long done) throws ErrnoException {
        if (done == 0) {
            throw Errno.EIO.error();
        }
        return done;
    }

    @Override
    public long seek(Caller caller, long offset, int whence) throws ErrnoException {
        long target =
                switch (whence) {
                    case SeekWhence.SEEK_SET -> offset;
                    case SeekWhence.SEEK_CUR -> position() + offset;
                    default -> throw Errno.EINVAL.error();
                };
        setPosition(target);
        return target;
    }

    private long position() {
        positionLock.lock();
        try {
            return position;
        } finally {
            positionLock.unlock();
        }
    }

    private void setPosition(long changed) {
        positionLock.lock();
        try {
            position = changed;
        } finally {
            positionLock.unlock();
        }
    }
}
