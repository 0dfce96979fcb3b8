package dev.runsc.kernel.memory;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.MmapFlags;
import dev.runsc.kernel.platform.Platform;
import org.jspecify.annotations.Nullable;

/** Finds room for an area as Linux does (mm/mmap.c, arch/x86/kernel/sys_x86_64.c). */
final class Placement {
    /** Distance kept below an area that grows down (stack_guard_gap). */
    static final long GUARD_GAP = 256 * Addresses.PAGE_SIZE;

    /** vm.mmap_min_addr. */
    static final long MIN_ADDRESS = 65536;

    private static final long LOW_START = 0x4000_0000L;
    private static final long LOW_END = 0x8000_0000L;

    private Placement() {}

    /** Linux {@code get_unmapped_area}: where a mapping of a length goes. */
    static long find(AddressMap map, long hint, long length, int flags) throws ErrnoException {
        long end = Platform.MAX_USER_ADDRESS;
        if (Long.compareUnsigned(length, end) > 0) {
            throw Errno.ENOMEM.error();
        }
        if ((flags & MmapFlags.MAP_FIXED) != 0) {
            if (Long.compareUnsigned(hint, end - length) > 0) {
                throw Errno.ENOMEM.error();
            }
            if (!Addresses.isAligned(hint)) {
                throw Errno.EINVAL.error();
            }
            if (hint < MIN_ADDRESS) {
                throw Errno.EPERM.error();
            }
            return hint;
        }
        boolean low = (flags & MmapFlags.MAP_32BIT) != 0;
        if (hint != 0 && hintFits(map, hint, length, low ? LOW_END : end)) {
            return Addresses.pageUp(hint);
        }
        if (low) {
            return findUp(map, LOW_START, LOW_END, length);
        }
        if (map.base.topDown()) {
            long found = findDown(map, map.base.address(), length);
            if (found >= 0) {
                return found;
            }
            return findUp(map, Addresses.pageUp(end / 3), end, length);
        }
        return findUp(map, map.base.address(), end, length);
    }

    private static boolean hintFits(AddressMap map, long hint, long length, long end) {
        long address = Addresses.pageUp(hint);
        if (address < MIN_ADDRESS || address > end - length) {
            return false;
        }
        VmArea next = map.areas().atOrAfter(address);
        return next == null || next.start > address && address + length <= guardedStart(next);
    }

    /** Where the room before an area ends (Linux {@code vm_start_gap}). */
    static long guardedStart(VmArea area) {
        return area.has(VmArea.GROWS_DOWN) ? Math.max(0, area.start - GUARD_GAP) : area.start;
    }

    private static long findDown(AddressMap map, long top, long length) {
        long end = top;
        VmArea above = map.areas().atOrAfter(end);
        if (above != null) {
            end = Math.min(end, guardedStart(above));
        }
        while (end - length >= MIN_ADDRESS) {
            @Nullable VmArea below = map.areas().before(end);
            if (below == null || below.end <= end - length) {
                return end - length;
            }
            end = guardedStart(below);
        }
        return -1;
    }

    private static long findUp(AddressMap map, long from, long to, long length)
            throws ErrnoException {
        long at = from;
        while (at <= to - length) {
            VmArea next = map.areas().atOrAfter(at);
            if (next == null || guardedStart(next) >= at + length) {
                return at;
            }
            at = Math.max(at, next.end);
        }
        throw Errno.ENOMEM.error();
    }
}
