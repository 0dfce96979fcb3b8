package dev.runsc.kernel.fs.tmpfs;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FallocateModes;
import dev.runsc.gofer.abi.FcntlCommands;
import dev.runsc.kernel.memory.Mappable;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.NewInode;
import dev.runsc.kernel.vfs.RegularFile;
import dev.runsc.kernel.vfs.Sealable;
import dev.runsc.state.AfterRestore;
import dev.runsc.state.RestoreContext;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Cleaner;
import java.util.List;

/** A regular file. Its pages are shared with whoever maps it. */
public final class TmpfsFile extends TmpfsInode implements Mappable, Sealable, AfterRestore {
    private static final int ALL_SEALS =
            FcntlCommands.F_SEAL_SEAL
                    | FcntlCommands.F_SEAL_SHRINK
                    | FcntlCommands.F_SEAL_GROW
                    | FcntlCommands.F_SEAL_WRITE
                    | FcntlCommands.F_SEAL_FUTURE_WRITE;
    private static final int NO_WRITE =
            FcntlCommands.F_SEAL_WRITE | FcntlCommands.F_SEAL_FUTURE_WRITE;

    /** Most bytes asked of a reader at once. */
    private static final long MAX_FILL = 1 << 20;

    /**
     * Pages of files that vanish with their whole file system, when nobody is left to unlink them.
     */
    private static final Cleaner CLEANER = Cleaner.create();

    private final PageStore pages;
    private volatile long size;

    /** Files take no seals unless memfd_create(2) says so. */
    private volatile int seals = FcntlCommands.F_SEAL_SEAL;

    private final FileUsers users;

    TmpfsFile(TmpfsFileSystem fileSystem, NewInode attributes, int links) {
        super(fileSystem, attributes, links);
        this.pages = new PageStore(fileSystem.memoryFile(), fileSystem);
        this.users = new FileUsers(links > 0);
        CLEANER.register(this, pages::releaseAll);
    }

    @Override
    public void afterRestore(RestoreContext context) {
        CLEANER.register(this, pages::releaseAll);
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    protected long blocks() {
        return pages.presentBytes() / 512;
    }

    @Override
    public FileDescription open(Caller caller, Location location, int flags) throws ErrnoException {
        return new RegularFile(location, flags);
    }

    // Life.

    @Override
    public void opened() throws ErrnoException {
        users.open();
    }

    @Override
    public void closed() {
        freeIf(users.close());
    }

    @Override
    public boolean mayGetName() {
        return users.isUnborn();
    }

    @Override
    void nameless() {
        freeIf(users.unname());
    }

    @Override
    void linked() throws ErrnoException {
        users.name();
        super.linked();
    }

    private void freeIf(boolean unused) {
        if (unused) {
            pages.releaseAll();
            tmpfs().returnInode();
        }
    }

    // Contents.

    @Override
    public long readAt(Caller caller, UserBuffer target, long offset) throws ErrnoException {
        lock.lock();
        try {
            long done = 0;
            long end = size;
            while (offset + done < end && target.remaining() > 0) {
                long at = offset + done;
                long wanted = Math.min(end - at, target.remaining());
                PageStore.Run run = pages.find(at, wanted);
                long count;
                try {
                    count =
                            run.memoryOffset() == PageStore.HOLE
                                    ? target.putZeros(run.lengthBytes())
                                    : target.put(pages.segment(run, wanted));
                } catch (ErrnoException e) {
                    return partial(done, e);
                }
                done += count;
                if (count < run.lengthBytes()) {
                    break;
                }
            }
            return done;
        } finally {
            lock.unlock();
        }
    }

    /** A fault behind the first byte ends a transfer early. */
    private static long partial(long done, ErrnoException e) throws ErrnoException {
        if (done > 0) {
            return done;
        }
        throw e;
    }

    @Override
    public long writeAt(Caller caller, UserBuffer source, long offset) throws ErrnoException {
        lock.lock();
        try {
            return writeLocked(source, offset);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public Appended append(Caller caller, UserBuffer source) throws ErrnoException {
        lock.lock();
        try {
            long count = writeLocked(source, size);
            return new Appended(count, size);
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private long writeLocked(UserBuffer source, long offset) throws ErrnoException {
        if (users.isDead()) {
            throw Errno.EBADF.error();
        }
        if ((seals & NO_WRITE) != 0) {
            throw Errno.EPERM.error();
        }
        long total = source.remaining();
        if ((seals & FcntlCommands.F_SEAL_GROW) != 0 && offset + total > size) {
            throw Errno.EPERM.error();
        }
        long done = 0;
        while (done < total) {
            long at = offset + done;
            long count;
            try {
                PageStore.Run run = pages.fill(at, total - done);
                if (run.memoryOffset() == PageStore.HOLE) {
                    throw Errno.ENOSPC.error();
                }
                count = source.take(pages.segment(run, total - done));
                done += count;
                if (count < Math.min(run.lengthBytes(), total - done + count)) {
                    break;
                }
            } catch (ErrnoException e) {
                finishWriteLocked(offset, done);
                return partial(done, e);
            }
        }
        finishWriteLocked(offset, done);
        return done;
    }

    @GuardedBy("lock")
    private void finishWriteLocked(long offset, long done) {
        if (done > 0) {
            if (offset + done > size) {
                size = offset + done;
            }
            touchModified();
        }
    }

    /** Where contents come from when a file is filled by the kernel. */
    public interface ContentReader {
        /** Fills a native segment from an offset on; returns bytes, fewer only at the end. */
        int read(long offset, MemorySegment target) throws ErrnoException;
    }

    /** Fills a range from a reader, past every check: copies the kernel makes. ENOSPC, ENOMEM. */
    public void fillFrom(long from, long to, ContentReader reader) throws ErrnoException {
        lock.lock();
        try {
            long at = from;
            while (at < to) {
                PageStore.Run run = pages.fill(at, to - at);
                if (run.memoryOffset() == PageStore.HOLE) {
                    throw Errno.ENOSPC.error();
                }
                int count = reader.read(at, pages.segment(run, Math.min(to - at, MAX_FILL)));
                if (count == 0) {
                    break;
                }
                at += count;
            }
            size = Math.max(size, at);
        } finally {
            lock.unlock();
        }
    }

    /** Makes it longer, if it is not that long yet: by a hole. */
    public void grow(long sizeBytes) {
        lock.lock();
        try {
            size = Math.max(size, sizeBytes);
        } finally {
            lock.unlock();
        }
    }

    /** Takes pieces of a file that lie together, in order. */
    interface PieceSink {
        /**
         * @param offset in the file, a multiple of the page size like all three
         * @param memoryOffset in the memory file
         */
        void piece(long offset, long memoryOffset, long lengthBytes) throws IOException;
    }

    /** Tells where the pages lie that the file has, as far as its size goes. */
    void tellPieces(PieceSink sink) throws IOException {
        long end = PageStore.pageUp(size);
        long at = pages.nextData(0);
        while (at >= 0 && at < end) {
            PageStore.Run run = pages.find(at, end - at);
            sink.piece(at, run.memoryOffset(), run.lengthBytes());
            at = pages.nextData(at + run.lengthBytes());
        }
    }

    @Override
    public void truncate(Caller caller, long sizeBytes) throws ErrnoException {
        lock.lock();
        try {
            long old = size;
            if (sizeBytes < old && (seals & FcntlCommands.F_SEAL_SHRINK) != 0
                    || sizeBytes > old && (seals & FcntlCommands.F_SEAL_GROW) != 0) {
                throw Errno.EPERM.error();
            }
            size = sizeBytes;
            if (sizeBytes < old) {
                dropLocked(sizeBytes, Long.MAX_VALUE);
            }
            touchModified();
        } finally {
            lock.unlock();
        }
    }

    /** Makes a range read as zeros and frees the whole pages in it. Linux shmem_truncate_range. */
    @GuardedBy("lock")
    private void dropLocked(long from, long to) {
        long firstPage = PageStore.pageUp(from);
        long lastPage = to == Long.MAX_VALUE ? PageStore.pageUp(to) : PageStore.pageDown(to);
        if (firstPage > lastPage) {
            zeroLocked(from, to);
            return;
        }
        zeroLocked(from, firstPage);
        if (to > lastPage) {
            zeroLocked(lastPage, to);
        }
        if (firstPage < lastPage) {
            List<PageStore.Extent> dropped = pages.drop(firstPage, lastPage);
            for (MappingObserver observer : users.observers()) {
                if (to == Long.MAX_VALUE) {
                    observer.truncated(firstPage);
                } else {
                    observer.invalidate(firstPage, lastPage - firstPage);
                }
            }
            pages.release(dropped);
        }
    }

    /** Zeroes a range within a page, if the file has the page. */
    @GuardedBy("lock")
    private void zeroLocked(long from, long to) {
        if (from >= to) {
            return;
        }
        PageStore.Run run = pages.find(from, to - from);
        if (run.memoryOffset() != PageStore.HOLE) {
            pages.segment(run, to - from).fill((byte) 0);
        }
    }

    @Override
    public void allocate(Caller caller, int mode, long offset, long lengthBytes)
            throws ErrnoException {
        if ((mode & ~(FallocateModes.FALLOC_FL_KEEP_SIZE | FallocateModes.FALLOC_FL_PUNCH_HOLE))
                != 0) {
            // As Linux tmpfs: no zeroing of ranges, no moving.
            throw Errno.EOPNOTSUPP.error();
        }
        lock.lock();
        try {
            if ((mode & FallocateModes.FALLOC_FL_PUNCH_HOLE) != 0) {
                if ((seals & NO_WRITE) != 0) {
                    throw Errno.EPERM.error();
                }
                dropLocked(offset, offset + lengthBytes);
            } else {
                allocateLocked(
                        (mode & FallocateModes.FALLOC_FL_KEEP_SIZE) != 0,
                        offset,
                        offset + lengthBytes);
            }
            touchModified();
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void allocateLocked(boolean keepSize, long offset, long end) throws ErrnoException {
        if (!keepSize && end > size && (seals & FcntlCommands.F_SEAL_GROW) != 0) {
            throw Errno.EPERM.error();
        }
        long at = PageStore.pageDown(offset);
        while (at < end) {
            PageStore.Run run = pages.fill(at, end - at);
            if (run.memoryOffset() == PageStore.HOLE) {
                throw Errno.ENOSPC.error();
            }
            at += run.lengthBytes();
        }
        if (!keepSize && end > size) {
            size = end;
        }
    }

    @Override
    public long seekData(long offset) throws ErrnoException {
        lock.lock();
        try {
            long data = pages.nextData(offset);
            if (data < 0 || data >= size) {
                throw Errno.ENXIO.error();
            }
            return data;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long seekHole(long offset) {
        lock.lock();
        try {
            return Math.min(pages.nextHole(offset), size);
        } finally {
            lock.unlock();
        }
    }

    // Mapping.

    @Override
    public Mappable mappable() {
        return this;
    }

    @Override
    public Backing translate(long offset, long lengthBytes, boolean forWrite)
            throws ErrnoException {
        long end = PageStore.pageUp(size);
        if (offset < 0 || offset >= end) {
            throw Errno.EFAULT.error();
        }
        PageStore.Run run = pages.fill(offset, Math.min(lengthBytes, end - offset));
        if (run.memoryOffset() == PageStore.HOLE) {
            throw Errno.EFAULT.error();
        }
        if (offset >= PageStore.pageUp(size)) {
            // The file shrank meanwhile and its end is being dropped: what was filled goes with it.
            throw Errno.EFAULT.error();
        }
        if (forWrite) {
            users.noteMappedForWrite();
        }
        return new InMemory(run.memoryOffset(), run.lengthBytes());
    }

    @Override
    public int readInto(long offset, MemorySegment target) {
        long end = Math.min(size, offset + target.byteSize());
        long at = offset;
        while (at < end) {
            PageStore.Run run = pages.find(at, end - at);
            MemorySegment part = target.asSlice(at - offset, run.lengthBytes());
            if (run.memoryOffset() == PageStore.HOLE) {
                part.fill((byte) 0);
            } else {
                part.copyFrom(pages.segment(run, run.lengthBytes()));
            }
            at += run.lengthBytes();
        }
        return (int) Math.max(0, at - offset);
    }

    @Override
    public void addMapping(MappingObserver observer) {
        users.map(observer);
    }

    @Override
    public void removeMapping(MappingObserver observer) {
        freeIf(users.unmap(observer));
    }

    @Override
    public void punchHole(long offset, long lengthBytes) throws ErrnoException {
        lock.lock();
        try {
            if ((seals & NO_WRITE) != 0) {
                throw Errno.EPERM.error();
            }
            dropLocked(offset, offset + lengthBytes);
            touchModified();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public String mappedName() {
        return mappedPath();
    }

    @Override
    public long deviceId() {
        return fileSystem().deviceId();
    }

    @Override
    public long inodeNumber() {
        return number();
    }

    // Seals.

    /** memfd_create(2) with MFD_ALLOW_SEALING. */
    void allowSealing() {
        seals = 0;
    }

    @Override
    public int seals() {
        return seals;
    }

    @Override
    public void addSeals(int added) throws ErrnoException {
        if ((added & ~ALL_SEALS) != 0) {
            throw Errno.EINVAL.error();
        }
        lock.lock();
        try {
            if ((seals & FcntlCommands.F_SEAL_SEAL) != 0) {
                throw Errno.EPERM.error();
            }
            boolean newlyUnwritable =
                    (added & FcntlCommands.F_SEAL_WRITE) != 0
                            && (seals & FcntlCommands.F_SEAL_WRITE) == 0;
            if (newlyUnwritable && users.isMappedForWrite()) {
                throw Errno.EBUSY.error();
            }
            seals |= added;
        } finally {
            lock.unlock();
        }
    }
}
