package dev.runsc.kernel.fs.tmpfs;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.memory.MemoryFile;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.state.Savable;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The pages of one file, in extents of the memory file (Linux address_space of shmem). Extents are
 * reserved ahead, in growing pieces, as offsets cost nothing; which pages the file really has is
 * kept apart, so that holes are holes for lseek, stat and the size limit.
 */
final class PageStore implements Savable {
    private static final long PAGE = TmpfsFileSystem.PAGE_SIZE;

    /** Smallest and largest piece reserved ahead when a file grows. */
    private static final long MIN_AHEAD = 16 * PAGE;

    private static final long MAX_AHEAD = 16384 * PAGE;

    /**
     * A contiguous piece.
     *
     * @param memoryOffset bytes into the memory file
     * @param lengthBytes a multiple of the page size
     */
    record Extent(long memoryOffset, long lengthBytes) implements Savable {}

    /**
     * Where bytes lie.
     *
     * @param memoryOffset bytes into the memory file, or {@link #HOLE}
     * @param lengthBytes how far it goes on like this
     */
    record Run(long memoryOffset, long lengthBytes) {}

    static final long HOLE = -1;

    private final KernelLock lock = new KernelLock(LockClass.PAGES);
    private final MemoryFile memoryFile;
    private final TmpfsFileSystem accounts;

    /** Reserved pieces by file offset. */
    @GuardedBy("lock")
    private final TreeMap<Long, Extent> extents = new TreeMap<>();

    /**
     * Ranges of pages the file has, start to end, apart from each other. All lie within extents.
     */
    @GuardedBy("lock")
    private final TreeMap<Long, Long> present = new TreeMap<>();

    @GuardedBy("lock")
    private long presentBytes;

    PageStore(MemoryFile memoryFile, TmpfsFileSystem accounts) {
        this.memoryFile = memoryFile;
        this.accounts = accounts;
    }

    static long pageDown(long offset) {
        return offset & -PAGE;
    }

    /** Rounds up; the largest multiple of the page size for what would overflow. */
    static long pageUp(long offset) {
        return offset > Long.MAX_VALUE - PAGE ? Long.MAX_VALUE & -PAGE : offset + PAGE - 1 & -PAGE;
    }

    MemorySegment segment(Run run, long limitBytes) {
        return memoryFile.segment(run.memoryOffset, Math.min(run.lengthBytes, limitBytes));
    }

    MemorySegment segment(long memoryOffset, long lengthBytes) {
        return memoryFile.segment(memoryOffset, lengthBytes);
    }

    /** Bytes in pages the file has. */
    long presentBytes() {
        lock.lock();
        try {
            return presentBytes;
        } finally {
            lock.unlock();
        }
    }

    /** Where the bytes from an offset on lie, at most {@code limitBytes}. */
    Run find(long offset, long limitBytes) {
        lock.lock();
        try {
            return findLocked(offset, limitBytes);
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private Run findLocked(long offset, long limitBytes) {
        Map.Entry<Long, Long> range = present.floorEntry(offset);
        if (range == null || range.getValue() <= offset) {
            Long next = present.higherKey(offset);
            long length = next == null ? limitBytes : Math.min(limitBytes, next - offset);
            return new Run(HOLE, length);
        }
        Map.Entry<Long, Extent> extent = extents.floorEntry(offset);
        if (extent == null) {
            throw new AssertionError("page without extent at " + offset);
        }
        long inside = offset - extent.getKey();
        long end = Math.min(range.getValue(), extent.getKey() + extent.getValue().lengthBytes);
        return new Run(extent.getValue().memoryOffset + inside, Math.min(limitBytes, end - offset));
    }

    /** First byte at or after an offset that lies in a page, or -1. */
    long nextData(long offset) {
        lock.lock();
        try {
            Map.Entry<Long, Long> range = present.floorEntry(offset);
            if (range != null && range.getValue() > offset) {
                return offset;
            }
            Long next = present.higherKey(offset);
            return next == null ? -1 : next;
        } finally {
            lock.unlock();
        }
    }

    /** First byte at or after an offset that lies in a hole. */
    long nextHole(long offset) {
        lock.lock();
        try {
            Map.Entry<Long, Long> range = present.floorEntry(offset);
            return range != null && range.getValue() > offset ? range.getValue() : offset;
        } finally {
            lock.unlock();
        }
    }

    // Filling.

    /**
     * Gives the file pages for a range, as far as the size limit allows.
     *
     * @return where {@code offset} lies, and how many bytes from there on lie in one piece; a hole
     *     when there is no room
     * @throws ErrnoException ENOMEM when the memory file is full
     */
    Run fill(long offset, long lengthBytes) throws ErrnoException {
        lock.lock();
        try {
            Run run = findLocked(offset, lengthBytes);
            if (run.memoryOffset != HOLE) {
                return run;
            }
            long from = pageDown(offset);
            long to = pageUp(offset + run.lengthBytes);
            long granted = accounts.chargePages((to - from) / PAGE) * PAGE;
            if (granted == 0) {
                return run;
            }
            try {
                reserveLocked(from, from + granted);
            } catch (ErrnoException e) {
                accounts.returnPages(granted / PAGE);
                throw e;
            }
            addPresentLocked(from, from + granted);
            return findLocked(offset, lengthBytes);
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void addPresentLocked(long from, long to) {
        long start = from;
        long end = to;
        Map.Entry<Long, Long> before = present.floorEntry(from);
        if (before != null && before.getValue() == from) {
            start = before.getKey();
        }
        Long behind = present.get(to);
        if (behind != null) {
            present.remove(to);
            end = behind;
        }
        present.put(start, end);
        presentBytes += to - from;
    }

    /** Makes sure that extents cover a range. */
    @GuardedBy("lock")
    private void reserveLocked(long from, long to) throws ErrnoException {
        long at = from;
        while (at < to) {
            Map.Entry<Long, Extent> below = extents.floorEntry(at);
            long belowEnd = below == null ? 0 : below.getKey() + below.getValue().lengthBytes;
            if (below != null && belowEnd > at) {
                at = belowEnd;
                continue;
            }
            long length = to - at;
            if (below != null && belowEnd == at) {
                length = Math.max(length, Math.min(Math.max(at, MIN_AHEAD), MAX_AHEAD));
            }
            Long next = extents.higherKey(at);
            if (next != null) {
                length = Math.min(length, next - at);
            }
            extents.put(at, new Extent(memoryFile.allocate(length), length));
            at += length;
        }
    }

    // Dropping.

    /**
     * Takes whole pages out of the file. Their memory is not given back yet, as mappings may still
     * show it.
     *
     * @return the memory, for {@link #release}
     */
    List<Extent> drop(long from, long to) {
        List<Extent> dropped = new ArrayList<>();
        lock.lock();
        try {
            dropPresentLocked(from, to);
            dropExtentsLocked(from, to, dropped);
        } finally {
            lock.unlock();
        }
        return dropped;
    }

    @GuardedBy("lock")
    private void dropPresentLocked(long from, long to) {
        long gone = 0;
        Map.Entry<Long, Long> range = present.floorEntry(to - 1);
        while (range != null && range.getValue() > from) {
            long start = range.getKey();
            long end = range.getValue();
            present.remove(start);
            if (end > to) {
                present.put(to, end);
            }
            if (start < from) {
                present.put(start, from);
            }
            gone += Math.min(end, to) - Math.max(start, from);
            range = present.lowerEntry(start);
        }
        presentBytes -= gone;
        accounts.returnPages(gone / PAGE);
    }

    @GuardedBy("lock")
    private void dropExtentsLocked(long from, long to, List<Extent> dropped) {
        Map.Entry<Long, Extent> entry = extents.floorEntry(to - 1);
        while (entry != null && entry.getKey() + entry.getValue().lengthBytes > from) {
            long start = entry.getKey();
            Extent extent = entry.getValue();
            long end = start + extent.lengthBytes;
            extents.remove(start);
            long cutStart = Math.max(start, from);
            long cutEnd = Math.min(end, to);
            if (start < cutStart) {
                extents.put(start, new Extent(extent.memoryOffset, cutStart - start));
            }
            if (cutEnd < end) {
                extents.put(
                        cutEnd, new Extent(extent.memoryOffset + (cutEnd - start), end - cutEnd));
            }
            dropped.add(new Extent(extent.memoryOffset + (cutStart - start), cutEnd - cutStart));
            entry = extents.lowerEntry(start);
        }
    }

    /** Gives memory back that no mapping shows any more. */
    void release(List<Extent> dropped) {
        for (Extent extent : dropped) {
            memoryFile.release(extent.memoryOffset, extent.lengthBytes);
        }
    }

    /** Gives everything back: nobody has the file any more. */
    void releaseAll() {
        release(drop(0, pageUp(Long.MAX_VALUE)));
    }
}
