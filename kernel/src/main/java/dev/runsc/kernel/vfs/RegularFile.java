package dev.runsc.kernel.vfs;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FallocateModes;
import dev.runsc.gofer.abi.FcntlCommands;
import dev.runsc.gofer.abi.InotifyFlags;
import dev.runsc.gofer.abi.Ioctls;
import dev.runsc.gofer.abi.MmapFlags;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.SeekWhence;
import dev.runsc.kernel.memory.Mappable;
import dev.runsc.kernel.memory.MemoryManager;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;

/**
 * An open regular file: a position over an inode's contents (Linux mm/filemap.c, fs/read_write.c).
 */
public class RegularFile extends LocatedFile {
    private static final int KNOWN_MODES =
            FallocateModes.FALLOC_FL_KEEP_SIZE
                    | FallocateModes.FALLOC_FL_PUNCH_HOLE
                    | FallocateModes.FALLOC_FL_ZERO_RANGE
                    | FallocateModes.FALLOC_FL_COLLAPSE_RANGE
                    | FallocateModes.FALLOC_FL_INSERT_RANGE
                    | FallocateModes.FALLOC_FL_UNSHARE_RANGE;

    private final KernelLock positionLock = new KernelLock(LockClass.FILE_DESCRIPTION);

    @GuardedBy("positionLock")
    private long position;

    /** ETXTBSY when it is opened for writing while it runs. */
    public RegularFile(Location location, int flags) throws ErrnoException {
        super(location, flags);
        Inode inode = location.inode();
        if (isWritable()) {
            inode.beginWriting();
        }
        try {
            inode.opened();
        } catch (ErrnoException e) {
            if (isWritable()) {
                inode.endWriting();
            }
            throw e;
        }
    }

    @Override
    protected void closed() {
        Inode inode = inode();
        if (isWritable()) {
            inode.endWriting();
        }
        inode.closed();
    }

    @Override
    public boolean isSeekable() {
        return true;
    }

    @Override
    public long read(Caller caller, UserBuffer target) throws ErrnoException {
        positionLock.lock();
        try {
            long count = readAt(caller, target, position);
            position += count;
            return count;
        } finally {
            positionLock.unlock();
        }
    }

    @Override
    public long readAt(Caller caller, UserBuffer target, long offset) throws ErrnoException {
        long count = inode().readAt(caller, target, offset);
        accessed();
        if (count > 0) {
            FsEvents.at(location(), InotifyFlags.IN_ACCESS);
        }
        return count;
    }

    @Override
    public long write(Caller caller, UserBuffer source) throws ErrnoException {
        positionLock.lock();
        try {
            if ((statusFlags() & OpenFlags.O_APPEND) != 0) {
                Inode.Appended appended = append(caller, source);
                if (appended.count() > 0) {
                    position = appended.end();
                }
                return appended.count();
            }
            long count = writeAtOffset(caller, source, position);
            position += count;
            return count;
        } finally {
            positionLock.unlock();
        }
    }

    /** pwrite(2); with O_APPEND Linux appends whatever the offset says. */
    @Override
    public long writeAt(Caller caller, UserBuffer source, long offset) throws ErrnoException {
        if ((statusFlags() & OpenFlags.O_APPEND) != 0) {
            return append(caller, source).count();
        }
        return writeAtOffset(caller, source, offset);
    }

    private long writeAtOffset(Caller caller, UserBuffer source, long offset)
            throws ErrnoException {
        if (source.remaining() == 0) {
            return 0;
        }
        UserBuffer limited = limit(caller, source, offset);
        AttributeOperations.removePrivileges(caller, inode());
        long count = inode().writeAt(caller, limited, offset);
        syncIfAsked(caller);
        FsEvents.at(location(), InotifyFlags.IN_MODIFY);
        return count;
    }

    private Inode.Appended append(Caller caller, UserBuffer source) throws ErrnoException {
        if (source.remaining() == 0) {
            return new Inode.Appended(0, 0);
        }
        UserBuffer limited = limit(caller, source, inode().size());
        AttributeOperations.removePrivileges(caller, inode());
        Inode.Appended appended = inode().append(caller, limited);
        syncIfAsked(caller);
        FsEvents.at(location(), InotifyFlags.IN_MODIFY);
        return appended;
    }

    private void syncIfAsked(Caller caller) throws ErrnoException {
        if ((statusFlags() & OpenFlags.O_DSYNC) != 0) {
            inode().sync(caller, (statusFlags() & OpenFlags.O_SYNC) != OpenFlags.O_SYNC);
        }
    }

    /** generic_write_checks: RLIMIT_FSIZE and the largest offset. */
    private static UserBuffer limit(Caller caller, UserBuffer source, long offset)
            throws ErrnoException {
        long limit = caller.fileSizeLimit();
        if (Long.compareUnsigned(limit, Long.MAX_VALUE) < 0 && offset >= limit) {
            caller.fileSizeExceeded();
            throw Errno.EFBIG.error();
        }
        long room = (limit < 0 ? Long.MAX_VALUE : limit) - offset;
        if (room <= 0) {
            throw Errno.EFBIG.error();
        }
        return source.remaining() <= room ? source : new LimitedBuffer(source, room);
    }

    @Override
    public long seek(Caller caller, long offset, int whence) throws ErrnoException {
        positionLock.lock();
        try {
            long target =
                    switch (whence) {
                        case SeekWhence.SEEK_SET -> offset;
                        case SeekWhence.SEEK_CUR -> position + offset;
                        case SeekWhence.SEEK_END -> inode().size() + offset;
                        case SeekWhence.SEEK_DATA, SeekWhence.SEEK_HOLE ->
                                seekContents(offset, whence);
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

    private long seekContents(long offset, int whence) throws ErrnoException {
        if (offset < 0 || offset >= inode().size()) {
            throw Errno.ENXIO.error();
        }
        return whence == SeekWhence.SEEK_DATA ? inode().seekData(offset) : inode().seekHole(offset);
    }

    @Override
    public long ioctl(Caller caller, MemoryManager memory, int request, long argument)
            throws ErrnoException {
        if (request != Ioctls.FIONREAD) {
            throw Errno.ENOTTY.error();
        }
        long left;
        positionLock.lock();
        try {
            left = inode().size() - position;
        } finally {
            positionLock.unlock();
        }
        memory.writeInt(argument, (int) left);
        return 0;
    }

    @Override
    public void truncate(Caller caller, long sizeBytes) throws ErrnoException {
        if (!isWritable()) {
            throw Errno.EINVAL.error();
        }
        AttributeOperations.truncate(caller, inode(), sizeBytes);
        FsEvents.at(location(), InotifyFlags.IN_MODIFY);
    }

    @Override
    public void allocate(Caller caller, int mode, long offset, long lengthBytes)
            throws ErrnoException {
        if (offset < 0 || lengthBytes <= 0) {
            throw Errno.EINVAL.error();
        }
        boolean punch = (mode & FallocateModes.FALLOC_FL_PUNCH_HOLE) != 0;
        boolean keep = (mode & FallocateModes.FALLOC_FL_KEEP_SIZE) != 0;
        boolean moves =
                (mode
                                & (FallocateModes.FALLOC_FL_COLLAPSE_RANGE
                                        | FallocateModes.FALLOC_FL_INSERT_RANGE))
                        != 0;
        if ((mode & ~KNOWN_MODES) != 0 || punch && !keep || moves) {
            throw Errno.EOPNOTSUPP.error();
        }
        if (!isWritable()) {
            throw Errno.EBADF.error();
        }
        long end = offset + lengthBytes;
        if (end < 0) {
            throw Errno.EFBIG.error();
        }
        long limit = caller.fileSizeLimit();
        if (!keep && limit >= 0 && end > limit && end > inode().size()) {
            caller.fileSizeExceeded();
            throw Errno.EFBIG.error();
        }
        AttributeOperations.removePrivileges(caller, inode());
        inode().allocate(caller, mode, offset, lengthBytes);
        FsEvents.at(location(), InotifyFlags.IN_MODIFY);
    }

    @Override
    public void sync(Caller caller, boolean dataOnly) throws ErrnoException {
        inode().sync(caller, dataOnly);
    }

    @Override
    public int checkMapping(Caller caller, boolean shared, int protection) throws ErrnoException {
        int allowed = super.checkMapping(caller, shared, protection);
        if (!shared || !isWritable()) {
            return allowed;
        }
        if (!inode().allowsSharedWrites()) {
            if ((protection & MmapFlags.PROT_WRITE) != 0) {
                throw Errno.ENODEV.error();
            }
            return allowed & ~MmapFlags.PROT_WRITE;
        }
        int sealed = FcntlCommands.F_SEAL_WRITE | FcntlCommands.F_SEAL_FUTURE_WRITE;
        if (inode() instanceof Sealable file && (file.seals() & sealed) != 0) {
            if ((protection & MmapFlags.PROT_WRITE) != 0) {
                throw Errno.EPERM.error();
            }
            allowed &= ~MmapFlags.PROT_WRITE;
        }
        return allowed;
    }

    @Override
    public Mappable mappable(Caller caller) throws ErrnoException {
        inode().noteMapping(location());
        return inode().mappable();
    }
}
