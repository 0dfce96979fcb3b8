package dev.runsc.kernel.fs.erofs;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.fs.erofs.BlockMap.Extent;
import dev.runsc.kernel.memory.Mappable;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.RegularFile;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** A regular file. Pages that lie in the image as such are mapped from there. */
final class ErofsFile extends ErofsInode implements Mappable {
    private static final long PAGE = 4096;

    /** Most that is copied at once for a mapping. */
    private static final long COPY_BYTES = 16 * PAGE;

    /** Most of a hole that is set aside at once, which costs nothing until it is touched. */
    private static final long HOLE_BYTES = 1 << 30;

    private final KernelLock lock = new KernelLock(LockClass.GOFER);

    /** Made when first needed. */
    @GuardedBy("lock")
    private @Nullable CopiedPages copies;

    /** How many address spaces map it. */
    @GuardedBy("lock")
    private int mappings;

    ErofsFile(ErofsFileSystem fileSystem, InodeFacts facts) {
        super(fileSystem, facts);
    }

    @Override
    public FileDescription open(Caller caller, Location location, int flags) throws ErrnoException {
        return new RegularFile(location, flags);
    }

    @Override
    public long readAt(Caller caller, UserBuffer target, long offset) throws ErrnoException {
        long done = 0;
        while (target.remaining() > 0 && offset + done < size()) {
            long count;
            long wanted;
            try {
                Extent extent = contents().find(offset + done);
                wanted = Math.min(extent.lengthBytes(), target.remaining());
                count =
                        extent.imageOffset() == BlockMap.HOLE
                                ? target.putZeros(wanted)
                                : fileSystem().image().read(extent.imageOffset(), wanted, target);
            } catch (ErrnoException e) {
                if (done > 0) {
                    return done;
                }
                throw e;
            }
            done += count;
            if (count < wanted) {
                break;
            }
        }
        return done;
    }

    @Override
    public long seekData(long offset) throws ErrnoException {
        long at = offset;
        while (at < size()) {
            Extent extent = contents().find(at);
            if (extent.imageOffset() != BlockMap.HOLE) {
                return at;
            }
            at += extent.lengthBytes();
        }
        throw Errno.ENXIO.error();
    }

    @Override
    public long seekHole(long offset) throws ErrnoException {
        long at = offset;
        while (at < size()) {
            Extent extent = contents().find(at);
            if (extent.imageOffset() == BlockMap.HOLE) {
                return at;
            }
            at += extent.lengthBytes();
        }
        return size();
    }

    // Mapping.

    @Override
    public boolean allowsSharedWrites() {
        return false;
    }

    @Override
    public Mappable mappable() {
        return this;
    }

    private static long pageUp(long offset) {
        return offset > Long.MAX_VALUE - PAGE ? Long.MAX_VALUE & -PAGE : offset + PAGE - 1 & -PAGE;
    }

    @Override
    public Backing translate(long offset, long lengthBytes, boolean forWrite)
            throws ErrnoException {
        long end = pageUp(size());
        if (forWrite || offset < 0 || offset >= end) {
            throw Errno.EFAULT.error();
        }
        long most = Math.min(lengthBytes, end - offset);
        try {
            Extent extent = contents().find(offset);
            long mapped = Math.min(most, wholePages(offset, extent));
            if (extent.imageOffset() == BlockMap.HOLE) {
                return mapped > 0
                        ? copies().find(offset, Math.min(mapped, HOLE_BYTES), null)
                        : copy(offset, most);
            }
            return mapped > 0 && (extent.imageOffset() & PAGE - 1) == 0
                    ? new InHostFile(fileSystem().image().mapping(), extent.imageOffset(), mapped)
                    : copy(offset, most);
        } catch (ErrnoException e) {
            throw (e.is(Errno.ENOMEM) ? Errno.ENOMEM : Errno.EFAULT).error();
        }
    }

    /**
     * The pages that an extent fills, or all but fills: behind the end of a file comes the rest of
     * its own block, if blocks are pages.
     */
    private long wholePages(long offset, Extent extent) {
        boolean toEnd = offset + extent.lengthBytes() == size();
        boolean own = fileSystem().superblock().blockBytes() == PAGE;
        return toEnd && (own || extent.imageOffset() == BlockMap.HOLE)
                ? pageUp(extent.lengthBytes())
                : extent.lengthBytes() & -PAGE;
    }

    private CopiedPages copies() {
        lock.lock();
        try {
            CopiedPages known = copies;
            if (known == null) {
                known = new CopiedPages(fileSystem().memoryFile());
                copies = known;
            }
            return known;
        } finally {
            lock.unlock();
        }
    }

    private Backing copy(long offset, long most) throws ErrnoException {
        return copies().find(
                        offset,
                        Math.min(most, COPY_BYTES),
                        target -> {
                            int count = readInto(offset, target);
                            target.asSlice(count).fill((byte) 0);
                        });
    }

    @Override
    public int readInto(long offset, MemorySegment target) throws ErrnoException {
        long end = Math.min(target.byteSize(), Math.max(0, size() - offset));
        long done = 0;
        while (done < end) {
            Extent extent = contents().find(offset + done);
            long count = Math.min(extent.lengthBytes(), end - done);
            MemorySegment part = target.asSlice(done, count);
            if (extent.imageOffset() == BlockMap.HOLE) {
                part.fill((byte) 0);
            } else {
                fileSystem().image().readInto(extent.imageOffset(), part);
            }
            done += count;
        }
        return (int) done;
    }

    @Override
    public void addMapping(MappingObserver observer) {
        lock.lock();
        try {
            mappings++;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void removeMapping(MappingObserver observer) {
        CopiedPages unused = null;
        lock.lock();
        try {
            mappings--;
            if (mappings == 0) {
                unused = copies;
                copies = null;
            }
        } finally {
            lock.unlock();
        }
        if (unused != null) {
            unused.release();
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
}
