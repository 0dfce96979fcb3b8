package dev.runsc.kernel.memory;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.SyscallNumbers;
import dev.runsc.kernel.platform.stub.SyscallRewriter;
import dev.runsc.kernel.platform.stub.SyscallRewriter.Illegal;
import dev.runsc.kernel.platform.stub.SyscallRewriter.Step;
import dev.runsc.state.Savable;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The rewritten call sites of an address space (see {@link SyscallRewriter}) and the areas that
 * their cells lie in. Guarded by the address space's lock.
 *
 * <p>Only private code that the guest cannot write is rewritten, and it becomes what it was before
 * the guest may write to it, move it, or only read it. What fork copies and images hold goes on
 * working: cells are memory of the guest. When the guest wants the addresses of a cell area for
 * itself, all sites go back to what they were, and none is rewritten any more.
 */
final class CallSites implements Savable {
    /** Enough for 13,000 sites. */
    private static final int MAX_REGIONS = 8;

    private static final int PROTECTION = Accesses.READ | Accesses.EXECUTE;

    /** Room for the heap of a program that is linked to low addresses. */
    private static final long HEAP_ROOM_BYTES = 1L << 28;

    private static final int NUMBER_SHIFT = Integer.SIZE;

    /**
     * All sites that ever were rewritten: address to cell address, with the call's number in the
     * upper half. A cell stays its site's for ever, as threads may be in it at any time; what the
     * bytes of the site are decides whether it is in use.
     */
    private final TreeMap<Long, Long> sites = new TreeMap<>();

    /** Where cell areas start, the one in use last. */
    private final ArrayList<Long> regions = new ArrayList<>();

    private long nextCell;

    /** The guest took a cell area's place. */
    private boolean over;

    /** A tracer may look at the code: none is rewritten. */
    private boolean held;

    // ---- Rewriting

    void rewrite(AddressMap map, long behind, long number) {
        long site = behind - SyscallRewriter.SITE_BYTES;
        if (over || held || number == SyscallNumbers.SYS_rt_sigreturn || !isFixedCode(map, site)) {
            return; // unwinders know the site of sigreturn by its bytes
        }
        byte[] bytes = new byte[SyscallRewriter.SITE_BYTES];
        if (read(map, site, bytes) < bytes.length
                || !SyscallRewriter.matches(bytes, number)
                || SyscallRewriter.isAmbiguous(bytesBefore(map, site))) {
            return;
        }
        long cell = cellFor(map, site, (int) number);
        if (cell >= 0) {
            write(map, site, SyscallRewriter.steps(cell), SyscallRewriter.site(cell));
        }
    }

    /** In one page, which makes a half done change impossible. */
    private static boolean isFixedCode(AddressMap map, long site) {
        long last = site + SyscallRewriter.SITE_BYTES - 1;
        VmArea area = site < 0 ? null : map.areas().find(site);
        return area != null
                && Addresses.pageDown(site) == Addresses.pageDown(last)
                && !area.isShared()
                && area.allows(Accesses.EXECUTE)
                && !area.allows(Accesses.WRITE);
    }

    private static byte[] bytesBefore(AddressMap map, long site) {
        byte[] before = new byte[SyscallRewriter.BYTES_OF_LOOK_BACK];
        for (int i = 0; i < before.length; i++) {
            byte[] one = new byte[1];
            read(map, site - before.length + i, one);
            before[i] = one[0];
        }
        return before;
    }

    private static int read(AddressMap map, long address, byte[] bytes) {
        if (address < 0) {
            return 0;
        }
        MemorySegment target = MemorySegment.ofArray(bytes);
        return (int) GuestAccess.forceRead(map, address, target, 0, bytes.length);
    }

    private static boolean force(AddressMap map, long address, byte[] bytes) {
        MemorySegment source = MemorySegment.ofArray(bytes);
        return GuestAccess.forceWrite(map, address, source, 0, bytes.length) == bytes.length;
    }

    /** Writes to a site so that no running thread sees a mixture. */
    private static void write(AddressMap map, long site, List<Step> steps, byte[] whole) {
        HostSpace space = map.pages().space();
        if (!map.pages().othersMayRun()) {
            force(map, site, whole);
            space.synchronizeCode();
            return;
        }
        for (Step step : steps) {
            if (!force(map, site + step.offset(), step.bytes())) {
                return; // the first one: the page cannot be copied
            }
            space.synchronizeCode();
            space.settle();
        }
    }

    // ---- Cells

    /** The cell of a site, filled; -1 when there is no room for it. */
    private long cellFor(AddressMap map, long site, int number) {
        Long known = sites.get(site);
        if (known != null && numberOf(known) == number) {
            return cellOf(known);
        }
        if (!hasRoom() && !addRegion(map)) {
            return -1;
        }
        long cell = nextCell;
        long behind = site + SyscallRewriter.SITE_BYTES;
        if (!force(map, cell, SyscallRewriter.cell(cell, number, behind))) {
            return -1;
        }
        nextCell += SyscallRewriter.CELL_BYTES;
        sites.put(site, cell | (long) number << NUMBER_SHIFT);
        return cell;
    }

    private static long cellOf(long value) {
        return Integer.toUnsignedLong((int) value);
    }

    private static int numberOf(long value) {
        return (int) (value >>> NUMBER_SHIFT);
    }

    private boolean hasRoom() {
        return !regions.isEmpty() && SyscallRewriter.isCellAddress(nextCell);
    }

    private boolean addRegion(AddressMap map) {
        long start = regions.size() < MAX_REGIONS ? findRegion(map) : -1;
        if (start < 0) {
            return false;
        }
        long end = start + SyscallRewriter.REGION_BYTES;
        int flags = VmArea.CALL_CELLS | VmArea.DONT_EXPAND;
        VmArea area =
                new VmArea(
                        start,
                        end,
                        PROTECTION,
                        MapRequest.ALL_PROTECTION,
                        flags,
                        null,
                        start,
                        null);
        map.add(area);
        try {
            map.mapAhead(area, start, end, false);
        } catch (ErrnoException e) {
            map.areas().remove(area);
            return false;
        }
        regions.add(start);
        nextCell = start;
        return true;
    }

    /** Below all programs if possible, else as far above them as possible. */
    private static long findRegion(AddressMap map) {
        if (isFree(map, SyscallRewriter.FIRST_REGION)) {
            return SyscallRewriter.FIRST_REGION;
        }
        long step = SyscallRewriter.REGION_STEP;
        long start = SyscallRewriter.REGION_LIMIT - step + SyscallRewriter.FIRST_REGION;
        while (start > SyscallRewriter.FIRST_REGION) {
            if (isFree(map, start)) {
                return start;
            }
            start -= step;
        }
        return -1;
    }

    private static boolean isFree(AddressMap map, long start) {
        long end = start + SyscallRewriter.REGION_BYTES;
        VmArea next = map.areas().atOrAfter(start);
        boolean heap = start >= map.breakStart && start < map.breakEnd + HEAP_ROOM_BYTES;
        return (next == null || Placement.guardedStart(next) >= end) && !heap;
    }

    // ---- Going back

    /** Makes the sites in a range what they were. */
    void restore(AddressMap map, long from, long to) {
        if (sites.isEmpty() || from < 0) {
            return;
        }
        Map<Long, Long> inRange =
                sites.subMap(from - SyscallRewriter.SITE_BYTES, false, Math.max(from, to), false);
        for (Map.Entry<Long, Long> site : inRange.entrySet()) {
            restoreSite(map, site.getKey(), site.getValue());
        }
    }

    private static void restoreSite(AddressMap map, long site, long value) {
        byte[] bytes = new byte[SyscallRewriter.SITE_BYTES];
        PageRun run = map.pages().runs().find(site);
        if (run == null
                || run.kind != PageRun.Kind.PRIVATE
                || read(map, site, bytes) < bytes.length
                || !Arrays.equals(bytes, SyscallRewriter.site(cellOf(value)))) {
            return;
        }
        int number = numberOf(value);
        write(map, site, SyscallRewriter.stepsBack(number), SyscallRewriter.plainSite(number));
    }

    /** Makes all sites what they were, and rewrites none until told otherwise. */
    void hold(AddressMap map, boolean wanted) {
        held = wanted;
        if (wanted) {
            restore(map, 0, Long.MAX_VALUE);
        }
    }

    /** Before the guest does something to a range: gives up cell areas that are in the way. */
    void makeRoom(AddressMap map, long address, long length) {
        if (regions.isEmpty() || address < 0 || length <= 0) {
            return;
        }
        long end = address > Long.MAX_VALUE - length ? Long.MAX_VALUE : address + length;
        boolean wanted = false;
        for (long region : regions) {
            wanted |= address < region + SyscallRewriter.REGION_BYTES && end > region;
        }
        if (wanted) {
            giveUp(map);
        }
    }

    private void giveUp(AddressMap map) {
        restore(map, 0, Long.MAX_VALUE);
        map.pages().space().settle();
        for (long region : regions) {
            VmArea area = map.areas().find(region);
            if (area != null && area.has(VmArea.CALL_CELLS)) {
                map.removeRange(area.start, area.end);
            }
        }
        regions.clear();
        over = true;
    }

    // ---- Threads that come by

    /** What a SIGILL is. */
    Illegal classify(AddressMap map, long address) {
        boolean known =
                sites.containsKey(address)
                        || sites.containsKey(address - SyscallRewriter.CALL_OFFSET);
        if (!known) {
            return Illegal.GUEST;
        }
        byte[] window = new byte[SyscallRewriter.BYTES_BEFORE + SyscallRewriter.BYTES_FROM];
        byte[] part = new byte[SyscallRewriter.BYTES_BEFORE];
        read(map, address - part.length, part);
        System.arraycopy(part, 0, window, 0, part.length);
        part = new byte[SyscallRewriter.BYTES_FROM];
        read(map, address, part);
        System.arraycopy(part, 0, window, SyscallRewriter.BYTES_BEFORE, part.length);
        Illegal found = SyscallRewriter.classify(window);
        // Restored meanwhile: what stands there now cannot be invalid.
        return found == Illegal.GUEST && SyscallRewriter.isPlain(window)
                ? Illegal.RUN_AGAIN
                : found;
    }

    /**
     * Where a thread goes on whose fault comes from a cell that has been taken away: at its site,
     * which is as it was; -1 when that is not what the fault is.
     */
    long leaveLostCell(AddressMap map, long instruction, long faultAddress) {
        if (!over) {
            return -1;
        }
        CallSite inside = siteOfCell(instruction);
        long site = inside != null ? inside.address() : instruction;
        Long value = sites.get(site);
        if (value == null || inside == null && cellOf(value) != faultAddress) {
            return -1;
        }
        byte[] bytes = new byte[SyscallRewriter.SITE_BYTES];
        read(map, site, bytes);
        byte[] plain = SyscallRewriter.plainSite(numberOf(value));
        return Arrays.equals(bytes, plain) ? site : -1;
    }

    @Nullable CallSite siteOfCell(long instruction) {
        for (Map.Entry<Long, Long> site : sites.entrySet()) {
            long cell = cellOf(site.getValue());
            if (instruction >= cell && instruction < cell + SyscallRewriter.CELL_BYTES) {
                return new CallSite(site.getKey(), numberOf(site.getValue()));
            }
        }
        return null;
    }

    // ---- Life

    void copyTo(CallSites child) {
        child.sites.putAll(sites);
        child.regions.addAll(regions);
        child.nextCell = nextCell;
        child.over = over;
    }
}
