package dev.runsc.kernel.memory;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.RLimits;
import dev.runsc.kernel.platform.Platform;
import dev.runsc.kernel.platform.PlatformException;
import dev.runsc.state.BeforeSave;
import dev.runsc.state.RestoreException;
import dev.runsc.state.Savable;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The areas of an address space with their accounting, above the {@link PageMap}. Everything that
 * system calls do to memory is made of these steps. Guarded by the address space's lock.
 */
final class AddressMap implements Savable, BeforeSave {
    /** Most areas of one address space: vm.max_map_count. */
    static final int MAX_AREAS = 65530;

    /** Most pieces in which a file is resolved when it is mapped. */
    private static final int PIECES_AHEAD = 8;

    /** Data of a file up to this size is copied when it is mapped. */
    private static final long COPY_AHEAD_BYTES = 16 * Addresses.PAGE_SIZE;

    private final UserMemory owner;
    private final PageMap pages;
    private final ArrayList<FileMapping> files = new ArrayList<>();

    private final CallSites callSites = new CallSites();

    /** For the image. */
    private VmArea[] savedAreas = {};

    private transient SegmentMap<VmArea> areas = new SegmentMap<>();

    PlacementBase base;
    MemoryLimits limits;

    /** Start and end of the heap. */
    long breakStart;

    long breakEnd;

    ProgramLayout program = ProgramLayout.EMPTY;

    /** {@link VmArea#LOCKED} flags that new areas get: mlockall(MCL_FUTURE). */
    int lockFuture;

    private long totalBytes;
    private long peakBytes;
    private long peakResident;
    private long lockedBytes;
    private long dataBytes;
    private long stackBytes;
    private long codeBytes;

    AddressMap(UserMemory owner, PageMap pages, MemoryLimits limits, PlacementBase base) {
        this.owner = owner;
        this.pages = pages;
        this.limits = limits;
        this.base = base;
    }

    PageMap pages() {
        return pages;
    }

    CallSites callSites() {
        return callSites;
    }

    SegmentMap<VmArea> areas() {
        return areas;
    }

    long totalBytes() {
        return totalBytes;
    }

    long peakBytes() {
        return peakBytes;
    }

    /** The most that was seen in memory. */
    long peakResident() {
        return peakResident;
    }

    void notePeakResident(long bytes) {
        peakResident = Math.max(peakResident, bytes);
    }

    long lockedBytes() {
        return lockedBytes;
    }

    long dataBytes() {
        return dataBytes;
    }

    long stackBytes() {
        return stackBytes;
    }

    long codeBytes() {
        return codeBytes;
    }

    // Limits.

    /** Linux {@code may_expand_vm}: RLIMIT_AS, and RLIMIT_DATA where it applies. */
    boolean mayExpand(boolean asData, long bytes) {
        if (exceeds(totalBytes + bytes, RLimits.RLIMIT_AS)) {
            return false;
        }
        return !asData || !exceeds(dataBytes + bytes, RLimits.RLIMIT_DATA);
    }

    /** Whether so much more may be private and writable. */
    boolean mayBecomeData(long bytes) {
        return !exceeds(dataBytes + bytes, RLimits.RLIMIT_DATA);
    }

    /** Linux {@code __vm_enough_memory} for an area, unless it asked for no reservation. */
    boolean mayReserve(VmArea area, long bytes) {
        return area.has(VmArea.NO_RESERVE) || pages.memoryFile().mayCommit(bytes);
    }

    boolean exceeds(long bytes, int resource) {
        return Long.compareUnsigned(bytes, limits.softLimit(resource)) > 0;
    }

    /** Linux {@code mlock_future_ok}. */
    boolean mayLock(long bytes) {
        return limits.mayLockAnyAmount() || !exceeds(lockedBytes + bytes, RLimits.RLIMIT_MEMLOCK);
    }

    void checkAreaCount() throws ErrnoException {
        if (areas.size() > MAX_AREAS || pages.runs().size() > MAX_AREAS) {
            throw Errno.ENOMEM.error();
        }
    }

    // Accounting.

    private void count(VmArea area, int sign) {
        count(area, area.length(), sign);
    }

    private void count(VmArea area, long length, int sign) {
        if (area.has(VmArea.CALL_CELLS)) {
            return;
        }
        long bytes = sign * length;
        totalBytes += bytes;
        peakBytes = Math.max(peakBytes, totalBytes);
        if (area.has(VmArea.LOCKED)) {
            lockedBytes += bytes;
        }
        if (area.countsAsCode()) {
            codeBytes += bytes;
        } else if (area.countsAsStack()) {
            stackBytes += bytes;
        } else if (area.countsAsData()) {
            dataBytes += bytes;
        }
    }

    // Areas.

    /** The object that counts a file's areas here; made when there is none. */
    FileMapping fileMapping(Mappable file) {
        for (FileMapping mapping : files) {
            if (mapping.file == file) {
                return mapping;
            }
        }
        FileMapping mapping = new FileMapping(owner, file);
        files.add(mapping);
        file.addMapping(mapping);
        return mapping;
    }

    /** Adds an area over a free range and joins it to its neighbours; returns what it became. */
    VmArea add(VmArea area) {
        FileMapping file = area.file;
        if (file != null) {
            file.countAreas(1);
        }
        areas.add(area);
        count(area, 1);
        return join(area);
    }

    /** Joins an area to its neighbours where they agree. */
    VmArea join(VmArea area) {
        VmArea previous = areas.find(area.start - 1);
        VmArea joined = area;
        if (previous != null && joinNext(previous)) {
            joined = previous;
        }
        joinNext(joined);
        return joined;
    }

    private boolean joinNext(VmArea area) {
        VmArea next = areas.find(area.end);
        if (next == null || !area.canMerge(next)) {
            return false;
        }
        areas.remove(next);
        area.end = next.end;
        FileMapping file = area.file;
        if (file != null) {
            file.countAreas(-1);
        }
        return true;
    }

    /** Joins what can be joined in a range and at its ends. */
    void joinWithin(long from, long to) {
        VmArea area = areas.find(from - 1);
        if (area == null) {
            area = areas.atOrAfter(from);
        }
        while (area != null && area.end <= to) {
            if (!joinNext(area)) {
                area = areas.next(area);
            }
        }
    }

    /** Splits the area at an address, if one reaches across it. */
    void cut(long address) {
        VmArea area = areas.find(address);
        if (area != null && area.start < address) {
            areas.cut(address);
            FileMapping file = area.file;
            if (file != null) {
                file.countAreas(1);
            }
        }
    }

    /**
     * Changes an area's flags, protection or name in a range it covers, which splits it off.
     *
     * @return the area of that range
     */
    VmArea isolate(VmArea area, long from, long to) {
        cut(from);
        cut(to);
        return from == area.start ? area : areas.require(from);
    }

    void setFlags(VmArea area, int flags) {
        count(area, -1);
        area.flags = flags;
        count(area, 1);
    }

    void setProtection(VmArea area, int protection) {
        count(area, -1);
        area.protection = protection;
        count(area, 1);
    }

    /** Lets an area begin lower; the room is free. */
    void growDown(VmArea area, long newStart) {
        areas.remove(area);
        count(area, area.start - newStart, 1);
        area.offset -= area.start - newStart;
        area.start = newStart;
        areas.add(area);
    }

    /** Takes {@link #growDown} back. */
    void shrinkFromBelow(VmArea area, long newStart) {
        areas.remove(area);
        count(area, newStart - area.start, -1);
        area.offset += newStart - area.start;
        area.start = newStart;
        areas.add(area);
    }

    /** Lets an area end higher; the room is free. */
    void growUp(VmArea area, long newEnd) {
        count(area, newEnd - area.end, 1);
        area.end = newEnd;
    }

    /** Takes the areas of a range out; their pages stay as they are. */
    ArrayList<VmArea> takeAreas(long from, long to) {
        cut(from);
        cut(to);
        ArrayList<VmArea> taken = new ArrayList<>();
        for (VmArea area = areas.atOrAfter(from); area != null && area.start < to; ) {
            areas.remove(area);
            count(area, -1);
            taken.add(area);
            area = areas.atOrAfter(area.end);
        }
        return taken;
    }

    /** Ends an area's use of its file; its pages are gone. */
    void dropFile(VmArea area) {
        FileMapping file = area.file;
        if (file == null) {
            return;
        }
        file.countAreas(-1);
        if (file.areas() == 0) {
            files.remove(file);
            if (pages.othersMayRun()) {
                pages.space().settle();
            }
            file.file.removeMapping(file);
        }
    }

    /** Removes areas and pages of a range. */
    void removeRange(long from, long to) {
        if (isFree(from, to)) {
            return;
        }
        ArrayList<VmArea> taken = takeAreas(from, to);
        pages.removeRange(from, to);
        taken.forEach(this::dropFile);
    }

    /** What was in a range that is being mapped anew. */
    record Replaced(List<VmArea> areas, List<PageRun> runs) {}

    /** Takes areas and pages of a range out, for {@link #drop}; the stub keeps it mapped. */
    Replaced takeRange(long from, long to) {
        return new Replaced(takeAreas(from, to), pages.takeRange(from, to));
    }

    /** Gives up what was taken from a range that has been mapped anew. */
    void drop(Replaced replaced, long from, long to) {
        pages.unmapGaps(from, to);
        pages.drop(replaced.runs);
        replaced.areas.forEach(this::dropFile);
    }

    boolean isFree(long from, long to) {
        VmArea area = areas.atOrAfter(from);
        return area == null || area.start >= to;
    }

    /** Whether areas cover all of a range. */
    boolean isCovered(long from, long to) {
        long at = from;
        while (at < to) {
            VmArea area = areas.find(at);
            if (area == null) {
                return false;
            }
            at = area.end;
        }
        return true;
    }

    /** Gives a fresh part of an area its pages, as far as that is done before they are touched. */
    void mapAhead(VmArea area, long from, long to, boolean goingUp) throws ErrnoException {
        if (area.isAnonymous()) {
            if (to - from <= PageMap.AHEAD_LIMIT_BYTES) {
                pages.mapZeros(area, from, to, goingUp);
            }
        } else if (area.protection != 0) {
            try {
                if (isData(area) && to - from <= COPY_AHEAD_BYTES) {
                    pages.copyFile(area, from, to);
                } else {
                    pages.mapFile(area, from, to, false, PIECES_AHEAD);
                }
            } catch (ErrnoException e) {
                // Beyond the end of the file, or unreadable: that is for the first touch to find.
                return;
            }
        }
    }

    /**
     * Drops the resolved pages of a range of a file.
     *
     * @return whether the stub had any of them
     */
    boolean invalidate(FileMapping file, long offset, long lengthBytes, boolean copiesToo) {
        boolean any = false;
        for (VmArea area = areas.first(); area != null; area = areas.next(area)) {
            long end = area.offset + area.length();
            if (area.file == file && area.offset < offset + lengthBytes && offset < end) {
                long from = area.start + Math.max(0, offset - area.offset);
                long to = area.start + Math.min(end, offset + lengthBytes) - area.offset;
                any |= pages.removeObjects(from, to, copiesToo);
            }
        }
        return any;
    }

    /** Private, writable, not code: a program's initialised data, written as soon as it starts. */
    private static boolean isData(VmArea area) {
        return area.countsAsData() && !area.allows(Accesses.EXECUTE);
    }

    // Life.

    /** Copies areas and pages to a child's map. */
    void copyTo(AddressMap child) throws ErrnoException {
        for (VmArea area = areas.first(); area != null; area = areas.next(area)) {
            if (area.has(VmArea.DONT_FORK)) {
                continue;
            }
            VmArea copy = area.copy(area.start, area.end);
            copy.flags &= ~VmArea.ALL_LOCKED;
            FileMapping file = area.file;
            if (file != null) {
                copy.file = child.fileMapping(file.file);
            }
            copy = child.add(copy);
            if (!area.has(VmArea.WIPE_ON_FORK)) {
                pages.shareWith(child.pages, area.start, area.end);
            }
        }
        callSites.copyTo(child.callSites);
        child.breakStart = breakStart;
        child.breakEnd = breakEnd;
        child.program = program;
        child.pages.mapAll();
        for (VmArea area = areas.first(); area != null; area = areas.next(area)) {
            if (area.has(VmArea.WIPE_ON_FORK) && !area.has(VmArea.DONT_FORK)) {
                child.mapAhead(area, area.start, area.end, false);
            }
        }
    }

    /** Gives up everything; the stub is gone. */
    void releaseAll() {
        pages.releaseAll();
        for (FileMapping file : files) {
            file.countAreas(-file.areas());
            file.file.removeMapping(file);
        }
        files.clear();
        areas.clear();
    }

    @Override
    public void beforeSave() {
        VmArea[] all = new VmArea[areas.size()];
        int n = 0;
        for (VmArea area = areas.first(); area != null; area = areas.next(area)) {
            all[n++] = area;
        }
        savedAreas = all;
    }

    /**
     * Makes the areas of the image, and their pages in a new stub when there is any use for one.
     */
    void restore(Platform platform, boolean used) throws RestoreException, PlatformException {
        areas = new SegmentMap<>();
        long previous = 0;
        for (@Nullable VmArea area : savedAreas) {
            if (area == null || area.start < previous || area.end <= area.start) {
                throw new RestoreException("an address space's areas are damaged");
            }
            previous = area.end;
            areas.add(area);
        }
        pages.restore(used ? platform.newAddressSpace() : null);
    }
}
