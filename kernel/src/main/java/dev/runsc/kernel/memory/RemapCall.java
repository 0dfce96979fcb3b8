package dev.runsc.kernel.memory;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.MmapFlags;
import dev.runsc.kernel.platform.Platform;
import java.util.List;

/** mremap(2), as Linux mm/mremap.c has it. */
final class RemapCall {
    private static final int KNOWN_FLAGS =
            MmapFlags.MREMAP_MAYMOVE | MmapFlags.MREMAP_FIXED | MmapFlags.MREMAP_DONTUNMAP;

    private final AddressMap map;
    private final long address;
    private final long newLength;
    private final int flags;
    private final long newAddress;

    /** Becomes the new length when a move shrinks first. */
    private long oldLength;

    private RemapCall(
            AddressMap map,
            long address,
            long oldLength,
            long newLength,
            int flags,
            long newAddress) {
        this.map = map;
        this.address = address;
        this.oldLength = Addresses.pageUp(oldLength);
        this.newLength = Addresses.pageUp(newLength);
        this.flags = flags;
        this.newAddress = newAddress;
    }

    static long remap(
            AddressMap map,
            long address,
            long oldLength,
            long newLength,
            int flags,
            long newAddress)
            throws ErrnoException {
        return new RemapCall(map, address, oldLength, newLength, flags, newAddress).run();
    }

    private boolean has(int flag) {
        return (flags & flag) != 0;
    }

    private long run() throws ErrnoException {
        boolean mayMove = has(MmapFlags.MREMAP_MAYMOVE);
        if ((flags & ~KNOWN_FLAGS) != 0
                || has(MmapFlags.MREMAP_FIXED) && !mayMove
                || has(MmapFlags.MREMAP_DONTUNMAP) && (!mayMove || oldLength != newLength)
                || !Addresses.isAligned(address)
                || newLength == 0) {
            throw Errno.EINVAL.error();
        }
        boolean placed = has(MmapFlags.MREMAP_FIXED | MmapFlags.MREMAP_DONTUNMAP);
        if (placed) {
            checkTarget();
        }
        map.callSites().makeRoom(map, address, oldLength);
        map.callSites().restore(map, address, address + oldLength);
        if (placed) {
            map.callSites().makeRoom(map, newAddress, newLength);
        }
        if (address < 0 || map.areas().find(address) == null) {
            throw Errno.EFAULT.error();
        }
        if (placed) {
            return moveTo();
        }
        if (Long.compareUnsigned(oldLength, newLength) >= 0) {
            if (oldLength != newLength) {
                MmapCalls.unmap(map, address + newLength, oldLength - newLength);
            }
            return address;
        }
        VmArea area = checkResize();
        if (area.end - address == oldLength && growInPlace(area)) {
            return address;
        }
        if (!mayMove) {
            throw Errno.ENOMEM.error();
        }
        return move(area, Placement.find(map, 0, newLength, 0));
    }

    private void checkTarget() throws ErrnoException {
        long end = Platform.MAX_USER_ADDRESS;
        if (!Addresses.isAligned(newAddress)
                || Long.compareUnsigned(newLength, end) > 0
                || Long.compareUnsigned(newAddress, end - newLength) > 0
                || Long.compareUnsigned(address + oldLength, newAddress) > 0
                        && Long.compareUnsigned(newAddress + newLength, address) > 0) {
            throw Errno.EINVAL.error();
        }
    }

    /** MREMAP_FIXED and MREMAP_DONTUNMAP; Linux {@code mremap_to}. */
    private long moveTo() throws ErrnoException {
        if (map.areas().size() + 2 >= AddressMap.MAX_AREAS) {
            throw Errno.ENOMEM.error();
        }
        long whole = oldLength;
        if (Long.compareUnsigned(whole, newLength) > 0) {
            oldLength = newLength;
        }
        VmArea before = checkResize();
        if (has(MmapFlags.MREMAP_DONTUNMAP) && !map.mayExpand(before.countsAsData(), oldLength)) {
            throw Errno.ENOMEM.error();
        }
        if (has(MmapFlags.MREMAP_FIXED)) {
            if (newAddress < Placement.MIN_ADDRESS) {
                throw Errno.EPERM.error();
            }
            MmapCalls.unmap(map, newAddress, newLength);
        }
        if (whole != oldLength) {
            MmapCalls.unmap(map, address + newLength, whole - newLength);
        }
        VmArea area = map.areas().find(address);
        if (area == null) {
            throw Errno.EFAULT.error();
        }
        int placing = has(MmapFlags.MREMAP_FIXED) ? MmapFlags.MAP_FIXED : 0;
        return move(area, Placement.find(map, newAddress, newLength, placing));
    }

    /** Linux {@code vma_to_resize}. */
    private VmArea checkResize() throws ErrnoException {
        VmArea area = map.areas().find(address);
        if (area == null) {
            throw Errno.EFAULT.error();
        }
        if (oldLength == 0 && !area.isShared()) {
            throw Errno.EINVAL.error();
        }
        if (has(MmapFlags.MREMAP_DONTUNMAP) && area.has(VmArea.DONT_EXPAND)) {
            throw Errno.EINVAL.error();
        }
        if (Long.compareUnsigned(oldLength, area.end - address) > 0) {
            throw Errno.EFAULT.error();
        }
        if (newLength == oldLength) {
            return area;
        }
        if (newLength < 0 || area.offsetOf(address) + newLength < 0) {
            throw Errno.EINVAL.error();
        }
        if (area.has(VmArea.DONT_EXPAND)) {
            throw Errno.EFAULT.error();
        }
        long growth = newLength - oldLength;
        if (area.has(VmArea.LOCKED) && !map.mayLock(growth)) {
            throw Errno.EAGAIN.error();
        }
        if (!map.mayExpand(area.countsAsData(), growth)
                || area.countsAsData() && !map.mayReserve(area, growth)) {
            throw Errno.ENOMEM.error();
        }
        return area;
    }

    private boolean growInPlace(VmArea area) {
        long oldEnd = area.end;
        long end = address + newLength;
        VmArea next = map.areas().next(area);
        if (end < 0 || end > Platform.MAX_USER_ADDRESS || next != null && next.start < end) {
            return false;
        }
        map.growUp(area, end);
        mapTail(area, oldEnd, end);
        map.join(area);
        return true;
    }

    /** Maps the grown part ahead; if there is no room for that, its first touch will find out. */
    private void mapTail(VmArea area, long from, long to) {
        try {
            map.mapAhead(area, from, to, false);
        } catch (ErrnoException e) {
            assert map.pages().runs().find(from) == null;
        }
    }

    /** Linux {@code move_vma}. */
    private long move(VmArea area, long target) throws ErrnoException {
        map.checkAreaCount();
        VmArea moved = area.copy(address, address + oldLength);
        moved.start = target;
        moved.end = target + newLength;
        boolean keepsOld = has(MmapFlags.MREMAP_DONTUNMAP) || oldLength == 0;
        if (keepsOld) {
            VmArea joined = map.add(moved);
            if (oldLength != 0) {
                map.pages().move(address, address + oldLength, target);
                leaveEmpty(area);
                return target;
            }
            mapTail(joined, target, target + newLength);
            return target;
        }
        List<VmArea> taken = map.takeAreas(address, address + oldLength);
        VmArea joined = map.add(moved);
        for (VmArea old : taken) {
            FileMapping file = old.file;
            if (file != null) {
                file.countAreas(-1); // the moved one has taken its place
            }
        }
        map.pages().move(address, address + oldLength, target);
        if (newLength > oldLength) {
            mapTail(joined, target + oldLength, target + newLength);
        }
        return target;
    }

    /** MREMAP_DONTUNMAP: the old range stays, without its pages; all of its area is unlocked. */
    private void leaveEmpty(VmArea area) {
        map.setFlags(area, area.flags & ~VmArea.ALL_LOCKED);
        mapTail(area, address, address + oldLength);
        map.join(area);
    }
}
