package dev.runsc.kernel.memory;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.MmapFlags;
import dev.runsc.gofer.abi.RLimits;
import dev.runsc.kernel.platform.Platform;

/** mmap, munmap, mprotect and brk, as Linux mm/mmap.c and mm/mprotect.c have them. */
final class MmapCalls {
    private static final int KNOWN_WITH_VALIDATE =
            MmapFlags.MAP_TYPE
                    | MmapFlags.MAP_FIXED
                    | MmapFlags.MAP_ANONYMOUS
                    | MmapFlags.MAP_32BIT
                    | MmapFlags.MAP_GROWSDOWN
                    | MmapFlags.MAP_DENYWRITE
                    | MmapFlags.MAP_EXECUTABLE
                    | MmapFlags.MAP_LOCKED
                    | MmapFlags.MAP_NORESERVE
                    | MmapFlags.MAP_POPULATE
                    | MmapFlags.MAP_NONBLOCK
                    | MmapFlags.MAP_STACK
                    | MmapFlags.MAP_HUGETLB
                    | MmapFlags.MAP_FIXED_NOREPLACE;
    private static final int PROTECTION_BITS =
            MmapFlags.PROT_READ | MmapFlags.PROT_WRITE | MmapFlags.PROT_EXEC;
    private static final String HEAP = "[heap]";

    private MmapCalls() {}

    /** mmap(2); Linux {@code do_mmap}. */
    static long map(AddressMap map, MapRequest request) throws ErrnoException {
        int flags = request.flags();
        if ((flags & MmapFlags.MAP_FIXED_NOREPLACE) != 0) {
            flags |= MmapFlags.MAP_FIXED;
        }
        if (!Addresses.isAligned(request.fileOffset())) {
            throw Errno.EINVAL.error();
        }
        if ((flags & MmapFlags.MAP_HUGETLB) != 0) {
            throw (request.file() != null ? Errno.EINVAL : Errno.ENOMEM).error();
        }
        if (request.length() == 0) {
            throw Errno.EINVAL.error();
        }
        long hint = request.address();
        if ((flags & MmapFlags.MAP_FIXED) == 0) {
            hint = Addresses.pageDown(hint);
            if (hint != 0 && Long.compareUnsigned(hint, Placement.MIN_ADDRESS) < 0) {
                hint = Placement.MIN_ADDRESS;
            }
        }
        long length = Addresses.pageUp(request.length());
        if (length == 0) {
            throw Errno.ENOMEM.error();
        }
        if (hint != 0) {
            map.callSites().makeRoom(map, hint, length);
        }
        map.checkAreaCount();
        long address = Placement.find(map, hint, length, flags);
        boolean covers = !map.isFree(address, address + length);
        if (covers && (flags & MmapFlags.MAP_FIXED_NOREPLACE) != 0) {
            throw Errno.EEXIST.error();
        }
        int areaFlags = areaFlags(map, flags);
        checkLocking(map, flags, areaFlags, length);
        checkType(request, flags);
        if ((flags & MmapFlags.MAP_TYPE) != MmapFlags.MAP_PRIVATE) {
            areaFlags |= VmArea.SHARED;
        }
        place(map, request, address, length, areaFlags, covers);
        if ((areaFlags & VmArea.LOCKED) != 0 && (areaFlags & VmArea.LOCK_ON_FAULT) == 0
                || (flags & (MmapFlags.MAP_POPULATE | MmapFlags.MAP_NONBLOCK))
                        == MmapFlags.MAP_POPULATE) {
            FaultCalls.populate(map, address, address + length);
        }
        return address;
    }

    private static int areaFlags(AddressMap map, int flags) {
        int result = map.lockFuture;
        if ((flags & MmapFlags.MAP_GROWSDOWN) != 0) {
            result |= VmArea.GROWS_DOWN;
        }
        if ((flags & MmapFlags.MAP_LOCKED) != 0) {
            result |= VmArea.LOCKED;
        }
        if ((flags & MmapFlags.MAP_STACK) != 0) {
            result |= VmArea.NO_HUGE_PAGES;
        }
        if ((flags & MmapFlags.MAP_NORESERVE) != 0) {
            result |= VmArea.NO_RESERVE;
        }
        return result;
    }

    private static void checkLocking(AddressMap map, int flags, int areaFlags, long length)
            throws ErrnoException {
        if ((flags & MmapFlags.MAP_LOCKED) != 0
                && !map.limits.mayLockAnyAmount()
                && map.limits.softLimit(RLimits.RLIMIT_MEMLOCK) == 0) {
            throw Errno.EPERM.error();
        }
        if ((areaFlags & VmArea.LOCKED) != 0 && !map.mayLock(length)) {
            throw Errno.EAGAIN.error();
        }
    }

    private static void checkType(MapRequest request, int flags) throws ErrnoException {
        boolean growsDown = (flags & MmapFlags.MAP_GROWSDOWN) != 0;
        int type = flags & MmapFlags.MAP_TYPE;
        boolean onFile = request.file() != null;
        if (onFile && request.fileOffset() > Long.MAX_VALUE - Addresses.pageUp(request.length())
                || onFile && request.fileOffset() < 0) {
            throw Errno.EOVERFLOW.error();
        }
        if (onFile && type == MmapFlags.MAP_SHARED_VALIDATE) {
            if ((flags & ~KNOWN_WITH_VALIDATE) != 0) {
                throw Errno.EOPNOTSUPP.error();
            }
        } else if (type != MmapFlags.MAP_SHARED && type != MmapFlags.MAP_PRIVATE) {
            throw Errno.EINVAL.error();
        }
        if (onFile && (request.protection() & PROTECTION_BITS & ~request.maxProtection()) != 0) {
            throw Errno.EACCES.error();
        }
        if (growsDown && (onFile || type == MmapFlags.MAP_SHARED)) {
            throw Errno.EINVAL.error();
        }
    }

    /** The end of the work, Linux {@code mmap_region}: limits, then what was there goes. */
    private static void place(
            AddressMap map,
            MapRequest request,
            long address,
            long length,
            int areaFlags,
            boolean covers)
            throws ErrnoException {
        long end = address + length;
        boolean shared = (areaFlags & VmArea.SHARED) != 0;
        Mappable file = request.file();
        VmArea area =
                new VmArea(
                        address,
                        end,
                        request.protection() & PROTECTION_BITS,
                        request.maxProtection(),
                        areaFlags,
                        null,
                        file != null ? request.fileOffset() : shared ? 0 : address,
                        request.name());
        long growth = covers ? length - bytesIn(map, address, end) : length;
        if (!map.mayExpand(area.countsAsData(), growth)
                || area.countsAsData() && !map.mayReserve(area, length)) {
            throw Errno.ENOMEM.error();
        }
        SharedMemory fresh = null;
        if (shared && file == null) {
            MemoryFile memory = map.pages().memoryFile();
            fresh = new SharedMemory(memory, length, "/dev/zero (deleted)");
            file = fresh;
        }
        AddressMap.Replaced replaced = covers ? map.takeRange(address, end) : null;
        if (file != null) {
            area.file = map.fileMapping(file);
        }
        if (fresh != null) {
            fresh.release(); // the mapping holds it now
        }
        map.add(area);
        try {
            map.mapAhead(map.areas().require(address), address, end, false);
        } catch (ErrnoException e) {
            map.removeRange(address, end);
            throw e;
        } finally {
            if (replaced != null) {
                map.drop(replaced, address, end);
            }
        }
    }

    private static long bytesIn(AddressMap map, long from, long to) {
        long bytes = 0;
        for (VmArea area = map.areas().atOrAfter(from);
                area != null && area.start < to;
                area = map.areas().next(area)) {
            bytes += Math.min(to, area.end) - Math.max(from, area.start);
        }
        return bytes;
    }

    /** munmap(2). */
    static void unmap(AddressMap map, long address, long length) throws ErrnoException {
        long end = Platform.MAX_USER_ADDRESS;
        if (!Addresses.isAligned(address)
                || Long.compareUnsigned(address, end) > 0
                || Long.compareUnsigned(length, end - address) > 0) {
            throw Errno.EINVAL.error();
        }
        long rounded = Addresses.pageUp(length);
        if (rounded == 0) {
            throw Errno.EINVAL.error();
        }
        map.callSites().makeRoom(map, address, rounded);
        checkSplit(map, address, address + rounded);
        map.removeRange(address, address + rounded);
    }

    /**
     * shmdt(2): takes off all that is left of an attachment that began at an address. EINVAL when
     * there is none.
     */
    static Mappable detach(AddressMap map, long address) throws ErrnoException {
        VmArea area =
                Addresses.isAligned(address) && address > 0 ? map.areas().atOrAfter(address) : null;
        while (area != null && !isAttachedAt(area, address)) {
            area = map.areas().next(area);
        }
        FileMapping mapping = area == null ? null : area.file;
        if (area == null || mapping == null) {
            throw Errno.EINVAL.error();
        }
        Mappable attachment = mapping.file;
        while (area != null) {
            VmArea next = map.areas().next(area);
            if (area.file == mapping && isAttachedAt(area, address)) {
                unmap(map, area.start, area.length());
            }
            area = next;
        }
        return attachment;
    }

    private static boolean isAttachedAt(VmArea area, long address) {
        return area.file != null
                && area.file.file.isAttachment()
                && area.start - area.offset == address;
    }

    /** ENOMEM when taking a hole out of one area would make one area too many. */
    static void checkSplit(AddressMap map, long from, long to) throws ErrnoException {
        VmArea area = map.areas().find(from);
        if (area != null
                && area.start < from
                && area.end > to
                && map.areas().size() >= AddressMap.MAX_AREAS) {
            throw Errno.ENOMEM.error();
        }
    }

    /** mprotect(2); Linux {@code do_mprotect_pkey}. */
    static void protect(AddressMap map, long address, long length, int protection)
            throws ErrnoException {
        int grows = protection & (MmapFlags.PROT_GROWSDOWN | MmapFlags.PROT_GROWSUP);
        int wanted = protection & ~grows;
        if (grows == (MmapFlags.PROT_GROWSDOWN | MmapFlags.PROT_GROWSUP)
                || !Addresses.isAligned(address)) {
            throw Errno.EINVAL.error();
        }
        if (length == 0) {
            return;
        }
        long end = address + Addresses.pageUp(length);
        if (Long.compareUnsigned(end, address) <= 0) {
            throw Errno.ENOMEM.error();
        }
        if ((wanted & ~(PROTECTION_BITS | MmapFlags.PROT_SEM)) != 0) {
            throw Errno.EINVAL.error();
        }
        map.callSites().makeRoom(map, address, end - address);
        if ((wanted & (MmapFlags.PROT_WRITE | MmapFlags.PROT_EXEC)) != MmapFlags.PROT_EXEC) {
            map.callSites().restore(map, address, end);
        }
        VmArea area = address < 0 ? null : map.areas().atOrAfter(address);
        if (area == null) {
            throw Errno.ENOMEM.error();
        }
        long from = address;
        if ((grows & MmapFlags.PROT_GROWSDOWN) != 0) {
            if (area.start >= end) {
                throw Errno.ENOMEM.error();
            }
            from = area.start;
            if (!area.has(VmArea.GROWS_DOWN)) {
                throw Errno.EINVAL.error();
            }
        } else if (area.start > from) {
            throw Errno.ENOMEM.error();
        } else if ((grows & MmapFlags.PROT_GROWSUP) != 0) {
            throw Errno.EINVAL.error();
        }
        protectAreas(map, from, end < 0 ? Long.MAX_VALUE : end, wanted & PROTECTION_BITS);
    }

    private static void protectAreas(AddressMap map, long from, long end, int protection)
            throws ErrnoException {
        long at = from;
        try {
            while (at < end) {
                VmArea area = map.areas().find(at);
                if (area == null) {
                    throw Errno.ENOMEM.error();
                }
                long stop = Math.min(end, area.end);
                if ((protection & ~area.maxProtection) != 0) {
                    throw Errno.EACCES.error();
                }
                protectArea(map, area, at, stop, protection);
                at = stop;
            }
        } finally {
            map.joinWithin(from, at);
        }
    }

    private static void protectArea(AddressMap map, VmArea area, long from, long to, int protection)
            throws ErrnoException {
        if (area.protection == protection) {
            return;
        }
        boolean split = area.start < from || area.end > to;
        if (split && map.areas().size() >= AddressMap.MAX_AREAS) {
            throw Errno.ENOMEM.error();
        }
        boolean wasData = area.countsAsData();
        if (!wasData
                && !area.isShared()
                && !area.countsAsStack()
                && (protection & MmapFlags.PROT_WRITE) != 0
                && !(map.mayBecomeData(to - from) && map.mayReserve(area, to - from))) {
            throw Errno.ENOMEM.error();
        }
        VmArea piece = map.isolate(area, from, to);
        boolean hadAccess = piece.protection != 0;
        map.setProtection(piece, protection);
        map.pages().protect(from, to, protection);
        if (!hadAccess && !piece.isAnonymous() && map.pages().runs().find(from) == null) {
            map.mapAhead(piece, from, firstRunEnd(map, from, to), false);
        }
    }

    private static long firstRunEnd(AddressMap map, long from, long to) {
        PageRun next = map.pages().runs().atOrAfter(from);
        return next == null ? to : Math.min(to, next.start);
    }

    /** brk(2): the new break, or the old one when it cannot be moved. */
    static long setBreak(AddressMap map, long address) {
        long old = map.breakEnd;
        if (Long.compareUnsigned(address, map.breakStart) < 0 || map.breakStart == 0) {
            return old;
        }
        long dataSegment = map.program.endData() - map.program.startData();
        if (map.exceeds(address - map.breakStart + dataSegment, RLimits.RLIMIT_DATA)
                || Long.compareUnsigned(address, Platform.MAX_USER_ADDRESS) > 0) {
            return old;
        }
        long oldEnd = Addresses.pageUp(old);
        long newEnd = Addresses.pageUp(address);
        if (newEnd < oldEnd) {
            map.removeRange(newEnd, oldEnd);
        } else if (newEnd > oldEnd && !growBreak(map, oldEnd, newEnd)) {
            return old;
        }
        map.breakEnd = address;
        return address;
    }

    private static boolean growBreak(AddressMap map, long from, long to) {
        map.callSites().makeRoom(map, from, to + Placement.GUARD_GAP - from);
        VmArea next = map.areas().atOrAfter(from);
        if (next != null && to + Addresses.PAGE_SIZE > Placement.guardedStart(next)) {
            return false;
        }
        int flags = map.lockFuture;
        long length = to - from;
        if ((flags & VmArea.LOCKED) != 0 && !map.mayLock(length)
                || !map.mayExpand(true, length)
                || !map.pages().memoryFile().mayCommit(length)
                || map.areas().size() > AddressMap.MAX_AREAS) {
            return false;
        }
        VmArea area =
                new VmArea(
                        from,
                        to,
                        MmapFlags.PROT_READ | MmapFlags.PROT_WRITE,
                        MapRequest.ALL_PROTECTION,
                        flags,
                        null,
                        from,
                        HEAP);
        VmArea joined = map.add(area);
        try {
            map.mapAhead(joined, from, to, true);
        } catch (ErrnoException e) {
            map.removeRange(from, to);
            return false;
        }
        return true;
    }
}
