package dev.runsc.kernel.memory;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.MmapFlags;
import org.jspecify.annotations.Nullable;

/**
 * msync and madvise(MADV_REMOVE): calls to the files behind a range. Files may wait and take locks
 * that come before an address space's, so they are called without it, one area after the other.
 */
final class FileRanges {
    private record Range(Mappable file, long offset, long lengthBytes) {}

    /** Whether an area's file is to be called; or why the whole call fails there. */
    private interface Check {
        boolean wants(VmArea area) throws ErrnoException;
    }

    private interface Action {
        void apply(Mappable file, long offset, long lengthBytes) throws ErrnoException;
    }

    private final UserMemory memory;
    private final long end;
    private final Check check;
    private final Action action;
    private long at;
    private boolean holes;

    private FileRanges(UserMemory memory, long from, long end, Check check, Action action) {
        this.memory = memory;
        this.end = end;
        this.check = check;
        this.action = action;
        at = from;
    }

    /** msync(2). */
    static void sync(UserMemory memory, long address, long length, int flags)
            throws ErrnoException {
        int known = MmapFlags.MS_ASYNC | MmapFlags.MS_INVALIDATE | MmapFlags.MS_SYNC;
        int both = MmapFlags.MS_ASYNC | MmapFlags.MS_SYNC;
        if ((flags & ~known) != 0 || !Addresses.isAligned(address) || (flags & both) == both) {
            throw Errno.EINVAL.error();
        }
        long end = address + Addresses.pageUp(length);
        if (Long.compareUnsigned(end, address) < 0) {
            throw Errno.ENOMEM.error();
        }
        boolean invalidate = (flags & MmapFlags.MS_INVALIDATE) != 0;
        boolean wait = (flags & MmapFlags.MS_SYNC) != 0;
        Check check =
                area -> {
                    if (invalidate && area.has(VmArea.LOCKED)) {
                        throw Errno.EBUSY.error();
                    }
                    return wait && area.isShared() && !area.isAnonymous();
                };
        new FileRanges(memory, address, end, check, Mappable::sync).run();
    }

    /** madvise(2) with MADV_REMOVE. */
    static void remove(UserMemory memory, long address, long length) throws ErrnoException {
        long end = AdviceCalls.checkedEnd(address, length);
        Check check =
                area -> {
                    if (area.has(VmArea.LOCKED) || area.isAnonymous()) {
                        throw Errno.EINVAL.error();
                    }
                    if (!area.isShared() || (area.maxProtection & Accesses.WRITE) == 0) {
                        throw Errno.EACCES.error();
                    }
                    return true;
                };
        new FileRanges(memory, address, end, check, Mappable::punchHole).run();
    }

    private void run() throws ErrnoException {
        while (at >= 0 && Long.compareUnsigned(at, end) < 0) {
            long before = at;
            Range range = next();
            if (range != null) {
                action.apply(range.file, range.offset, range.lengthBytes);
            } else if (at == before) {
                break;
            }
        }
        if (holes || at != end) {
            throw Errno.ENOMEM.error();
        }
    }

    /** Moves behind the next area; its range, when the file is to be called. */
    private @Nullable Range next() throws ErrnoException {
        memory.lock.lock();
        try {
            VmArea area = memory.map.areas().atOrAfter(at);
            if (area == null) {
                return null;
            }
            if (area.start > at) {
                holes = true;
                at = area.start;
                return null;
            }
            long from = at;
            at = end < 0 ? area.end : Math.min(end, area.end);
            return check.wants(area)
                    ? new Range(PageMap.requireFile(area).file, area.offsetOf(from), at - from)
                    : null;
        } finally {
            memory.lock.unlock();
        }
    }
}
