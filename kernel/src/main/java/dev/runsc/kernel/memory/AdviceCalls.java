package dev.runsc.kernel.memory;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.MmapFlags;
import dev.runsc.gofer.abi.RLimits;
import dev.runsc.kernel.memory.PageRun.Kind;
import dev.runsc.kernel.platform.Platform;
import org.jspecify.annotations.Nullable;

/** madvise, mincore and the mlock family. */
final class AdviceCalls {
    private AdviceCalls() {}

    // madvise.

    /** madvise(2) but for MADV_REMOVE; Linux {@code do_madvise}. */
    static void advise(AddressMap map, long address, long length, int advice)
            throws ErrnoException {
        if (!isKnown(advice)) {
            throw Errno.EINVAL.error();
        }
        long end = checkedEnd(address, length);
        if (end == address) {
            return;
        }
        if (advice == MmapFlags.MADV_POPULATE_READ || advice == MmapFlags.MADV_POPULATE_WRITE) {
            populate(map, address, end, advice == MmapFlags.MADV_POPULATE_WRITE);
            return;
        }
        boolean holes = false;
        long at = address;
        while (at >= 0 && Long.compareUnsigned(at, end) < 0) {
            VmArea area = map.areas().atOrAfter(at);
            if (area == null) {
                break;
            }
            if (area.start > at) {
                holes = true;
                at = area.start;
                continue;
            }
            long stop = end < 0 ? area.end : Math.min(end, area.end);
            adviseArea(map, area, at, stop, advice);
            at = stop;
        }
        if (holes || at != end) {
            throw Errno.ENOMEM.error();
        }
    }

    /** Where an advised range ends. */
    static long checkedEnd(long address, long length) throws ErrnoException {
        long rounded = Addresses.pageUp(length);
        long end = address + rounded;
        if (!Addresses.isAligned(address)
                || length != 0 && rounded == 0
                || Long.compareUnsigned(end, address) < 0) {
            throw Errno.EINVAL.error();
        }
        return end;
    }

    private static boolean isKnown(int advice) {
        return advice >= MmapFlags.MADV_NORMAL && advice <= MmapFlags.MADV_DONTNEED
                || advice >= MmapFlags.MADV_FREE && advice <= MmapFlags.MADV_COLLAPSE;
    }

    private static void adviseArea(AddressMap map, VmArea area, long from, long to, int advice)
            throws ErrnoException {
        switch (advice) {
            case MmapFlags.MADV_DONTNEED -> {
                if (area.has(VmArea.LOCKED)) {
                    throw Errno.EINVAL.error();
                }
                dropPages(map, area, from, to);
            }
            case MmapFlags.MADV_DONTNEED_LOCKED -> dropPages(map, area, from, to);
            case MmapFlags.MADV_FREE -> {
                if (!area.isAnonymous()) {
                    throw Errno.EINVAL.error();
                }
                dropPages(map, area, from, to);
            }
            case MmapFlags.MADV_PAGEOUT, MmapFlags.MADV_COLD -> {
                if (area.has(VmArea.LOCKED)) {
                    throw Errno.EINVAL.error();
                }
            }
            case MmapFlags.MADV_COLLAPSE -> throw Errno.EINVAL.error();
            case MmapFlags.MADV_WILLNEED -> {}
            default -> changeFlags(map, area, from, to, newFlags(area, advice));
        }
    }

    private static int newFlags(VmArea area, int advice) throws ErrnoException {
        int flags = area.flags;
        return switch (advice) {
            case MmapFlags.MADV_NORMAL -> flags & ~(VmArea.SEQUENTIAL | VmArea.RANDOM);
            case MmapFlags.MADV_SEQUENTIAL -> flags & ~VmArea.RANDOM | VmArea.SEQUENTIAL;
            case MmapFlags.MADV_RANDOM -> flags & ~VmArea.SEQUENTIAL | VmArea.RANDOM;
            case MmapFlags.MADV_DONTFORK -> flags | VmArea.DONT_FORK;
            case MmapFlags.MADV_DOFORK -> flags & ~VmArea.DONT_FORK;
            case MmapFlags.MADV_WIPEONFORK -> {
                if (!area.isAnonymous()) {
                    throw Errno.EINVAL.error();
                }
                yield flags | VmArea.WIPE_ON_FORK;
            }
            case MmapFlags.MADV_KEEPONFORK -> flags & ~VmArea.WIPE_ON_FORK;
            case MmapFlags.MADV_DONTDUMP -> flags | VmArea.DONT_DUMP;
            case MmapFlags.MADV_DODUMP -> {
                if (area.has(VmArea.DONT_EXPAND)) {
                    throw Errno.EINVAL.error();
                }
                yield flags & ~VmArea.DONT_DUMP;
            }
            case MmapFlags.MADV_HUGEPAGE -> flags & ~VmArea.NO_HUGE_PAGES | VmArea.HUGE_PAGES;
            case MmapFlags.MADV_NOHUGEPAGE -> flags & ~VmArea.HUGE_PAGES | VmArea.NO_HUGE_PAGES;
            case MmapFlags.MADV_MERGEABLE -> area.isShared() ? flags : flags | VmArea.MERGEABLE;
            case MmapFlags.MADV_UNMERGEABLE -> flags & ~VmArea.MERGEABLE;
            default -> throw Errno.EINVAL.error();
        };
    }

    private static void changeFlags(AddressMap map, VmArea area, long from, long to, int flags)
            throws ErrnoException {
        if (flags == area.flags) {
            return;
        }
        boolean split = area.start < from || area.end > to;
        if (split && map.areas().size() >= AddressMap.MAX_AREAS) {
            throw Errno.ENOMEM.error();
        }
        map.setFlags(map.isolate(area, from, to), flags);
        map.joinWithin(from, to);
    }

    /** The private pages of a range read as zeros, or as the file, again. */
    private static void dropPages(AddressMap map, VmArea area, long from, long to)
            throws ErrnoException {
        PageMap pages = map.pages();
        if (area.isShared()) {
            return; // the object keeps its bytes
        }
        long at = from;
        while (at < to) {
            PageRun run = pages.runs().atOrAfter(at);
            if (run == null || run.start >= to) {
                return;
            }
            at = Math.max(at, run.start);
            long stop = Math.min(to, run.end);
            if (run.kind != Kind.PRIVATE) {
                at = stop;
            } else if (area.isAnonymous()) {
                at = dropZeroed(pages, run, at, stop);
            } else {
                pages.removeRange(at, stop);
                at = stop;
            }
        }
    }

    private static long dropZeroed(PageMap pages, PageRun run, long from, long to)
            throws ErrnoException {
        MemoryFile memory = pages.memoryFile();
        long offset = run.offsetOf(from);
        long sole = memory.soleLength(offset);
        long stop = Math.min(to, from + Math.abs(sole));
        if (sole > 0) {
            memory.discard(offset, stop - from);
        } else {
            pages.replaceByZeros(from, stop);
        }
        return stop;
    }

    private static void populate(AddressMap map, long from, long to, boolean write)
            throws ErrnoException {
        long at = from;
        while (at < to) {
            VmArea area = map.areas().find(at);
            if (area == null) {
                throw Errno.ENOMEM.error();
            }
            if (write ? !area.allows(Accesses.WRITE) : !area.allows(Accesses.READ)) {
                throw Errno.EINVAL.error();
            }
            try {
                at = FaultCalls.populateArea(map, area, at, Math.min(to, area.end), write);
            } catch (ErrnoException e) {
                throw (e.is(Errno.ENOMEM) ? Errno.ENOMEM : Errno.EFAULT).error();
            }
        }
    }

    /** prctl(PR_SET_VMA_ANON_NAME); Linux {@code madvise_set_anon_name}. */
    static void setName(AddressMap map, long address, long length, @Nullable String name)
            throws ErrnoException {
        long end = checkedEnd(address, length);
        String shown = name == null ? null : "[anon:" + name + "]";
        long at = address;
        while (at >= 0 && Long.compareUnsigned(at, end) < 0) {
            VmArea area = map.areas().find(at);
            if (area == null) {
                throw Errno.ENOMEM.error();
            }
            if (!area.isAnonymous()) {
                throw Errno.EBADF.error();
            }
            long stop = end < 0 ? area.end : Math.min(end, area.end);
            map.isolate(area, at, stop).name = shown;
            map.joinWithin(at, stop);
            at = stop;
        }
    }

    // mincore.

    /** mincore(2): bit 0 of a byte per page. */
    static byte[] residency(AddressMap map, long address, long length) throws ErrnoException {
        if (!Addresses.isAligned(address)) {
            throw Errno.EINVAL.error();
        }
        if (!Addresses.isUserRange(address, length)) {
            throw Errno.ENOMEM.error();
        }
        long end = address + Addresses.pageUp(length);
        byte[] result = new byte[(int) ((end - address) / Addresses.PAGE_SIZE)];
        for (long at = address; at < end; ) {
            VmArea area = map.areas().find(at);
            if (area == null) {
                throw Errno.ENOMEM.error();
            }
            long stop = Math.min(end, area.end);
            markResident(map, at, stop, address, result);
            at = stop;
        }
        return result;
    }

    private static void markResident(AddressMap map, long from, long to, long base, byte[] result)
            throws ErrnoException {
        for (PageRun run = map.pages().runs().atOrAfter(from);
                run != null && run.start < to;
                run = map.pages().runs().next(run)) {
            long start = Math.max(from, run.start);
            long end = Math.min(to, run.end);
            if (!run.inMemory()) {
                mark(result, start - base, end - base);
                continue;
            }
            RangeList committed = new RangeList();
            map.pages().memoryFile().committedIn(run.offsetOf(start), run.offsetOf(end), committed);
            long[] ranges = committed.toArray();
            for (int i = 0; i < ranges.length; i += 2) {
                long first = ranges[i] - run.offset + run.start - base;
                mark(result, first, first + ranges[i + 1]);
            }
        }
    }

    private static void mark(byte[] result, long from, long to) {
        for (long at = from; at < to; at += Addresses.PAGE_SIZE) {
            result[(int) (at / Addresses.PAGE_SIZE)] = 1;
        }
    }

    // mlock.

    /** mlock2(2); Linux {@code do_mlock}. */
    static void lock(AddressMap map, long address, long length, int flags) throws ErrnoException {
        if ((flags & ~MmapFlags.MLOCK_ONFAULT) != 0) {
            throw Errno.EINVAL.error();
        }
        if (!canLock(map)) {
            throw Errno.EPERM.error();
        }
        long start = Addresses.pageDown(address);
        long bytes = Addresses.pageUp(length + (address - start));
        if (!map.limits.mayLockAnyAmount()
                && map.exceeds(map.lockedBytes() + bytes, RLimits.RLIMIT_MEMLOCK)
                && map.exceeds(
                        map.lockedBytes() + bytes - lockedIn(map, start, bytes),
                        RLimits.RLIMIT_MEMLOCK)) {
            throw Errno.ENOMEM.error();
        }
        boolean onFault = (flags & MmapFlags.MLOCK_ONFAULT) != 0;
        setLocked(map, start, bytes, VmArea.LOCKED | (onFault ? VmArea.LOCK_ON_FAULT : 0));
        if (!onFault) {
            populateLocked(map, start, start + bytes);
        }
    }

    private static boolean canLock(AddressMap map) {
        return map.limits.mayLockAnyAmount() || map.limits.softLimit(RLimits.RLIMIT_MEMLOCK) != 0;
    }

    private static long lockedIn(AddressMap map, long start, long bytes) {
        long locked = 0;
        long end = start + bytes;
        for (VmArea area = map.areas().atOrAfter(start);
                area != null && area.start < end;
                area = map.areas().next(area)) {
            if (area.has(VmArea.LOCKED)) {
                locked += Math.min(end, area.end) - Math.max(start, area.start);
            }
        }
        return locked;
    }

    /** A locked area without access, or beyond its file, is ENOMEM or EAGAIN after the fact. */
    private static void populateLocked(AddressMap map, long from, long to) throws ErrnoException {
        long at = from;
        while (at < to) {
            VmArea area = map.areas().find(at);
            if (area == null || area.protection == 0) {
                throw Errno.ENOMEM.error();
            }
            boolean write = area.allows(Accesses.WRITE) && !area.isShared();
            try {
                at = FaultCalls.populateArea(map, area, at, Math.min(to, area.end), write);
            } catch (ErrnoException e) {
                throw (e.is(Errno.EFAULT) ? Errno.ENOMEM : Errno.EAGAIN).error();
            }
        }
    }

    /** munlock(2). */
    static void unlock(AddressMap map, long address, long length) throws ErrnoException {
        long start = Addresses.pageDown(address);
        setLocked(map, start, Addresses.pageUp(length + (address - start)), 0);
    }

    /** Linux {@code apply_vma_lock_flags}. */
    private static void setLocked(AddressMap map, long start, long bytes, int lock)
            throws ErrnoException {
        long end = start + bytes;
        if (Long.compareUnsigned(end, start) < 0) {
            throw Errno.EINVAL.error();
        }
        for (long at = start; at != end; ) {
            VmArea area = at < 0 ? null : map.areas().find(at);
            if (area == null) {
                throw Errno.ENOMEM.error();
            }
            long stop = end < 0 ? area.end : Math.min(end, area.end);
            changeFlags(map, area, at, stop, area.flags & ~VmArea.ALL_LOCKED | lock);
            at = stop;
        }
    }

    /** mlockall(2). */
    static void lockAll(AddressMap map, int flags) throws ErrnoException {
        int known = MmapFlags.MCL_CURRENT | MmapFlags.MCL_FUTURE | MmapFlags.MCL_ONFAULT;
        if (flags == 0 || (flags & ~known) != 0 || flags == MmapFlags.MCL_ONFAULT) {
            throw Errno.EINVAL.error();
        }
        if (!canLock(map)) {
            throw Errno.EPERM.error();
        }
        boolean current = (flags & MmapFlags.MCL_CURRENT) != 0;
        if (current
                && !map.limits.mayLockAnyAmount()
                && map.exceeds(map.totalBytes(), RLimits.RLIMIT_MEMLOCK)) {
            throw Errno.ENOMEM.error();
        }
        int lock =
                VmArea.LOCKED | ((flags & MmapFlags.MCL_ONFAULT) != 0 ? VmArea.LOCK_ON_FAULT : 0);
        map.lockFuture = (flags & MmapFlags.MCL_FUTURE) != 0 ? lock : 0;
        if (current) {
            setAllLocked(map, lock);
            if ((flags & MmapFlags.MCL_ONFAULT) == 0) {
                for (VmArea area = map.areas().first();
                        area != null;
                        area = map.areas().next(area)) {
                    FaultCalls.populate(map, area.start, area.end);
                }
            }
        }
    }

    /** munlockall(2). */
    static void unlockAll(AddressMap map) {
        map.lockFuture = 0;
        setAllLocked(map, 0);
    }

    private static void setAllLocked(AddressMap map, int lock) {
        for (VmArea area = map.areas().first(); area != null; area = map.areas().next(area)) {
            map.setFlags(area, area.flags & ~VmArea.ALL_LOCKED | lock);
        }
        map.joinWithin(0, Platform.MAX_USER_ADDRESS);
    }
}
