package dev.runsc.kernel.memory;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.RLimits;
import dev.runsc.kernel.memory.Mappable.Backing;
import dev.runsc.kernel.memory.Mappable.InMemory;
import dev.runsc.kernel.memory.PageRun.Kind;
import org.jspecify.annotations.Nullable;

/**
 * Page faults, of the guest and of the kernel on its behalf: stack growth, first touches of what
 * was not mapped ahead, copy-on-write.
 */
final class FaultCalls {
    /** What is copied at once when one page of it is written. */
    private static final long COPY_BYTES = 16 * Addresses.PAGE_SIZE;

    /** The same for stacks and code, where the neighbours of a written page seldom follow. */
    private static final long COPY_BYTES_SPARSE = 4 * Addresses.PAGE_SIZE;

    /** More at once when an address space is in many pieces, as the host bounds their number. */
    private static final int MANY_RUNS = 16384;

    private static final long COPY_BYTES_MANY = 256 * Addresses.PAGE_SIZE;

    /** What is resolved of a file around a touched page. */
    private static final long AROUND_BYTES = 16 * Addresses.PAGE_SIZE;

    private static final int PIECES_AROUND = 4;

    /** Given at once to an anonymous area too large to be mapped ahead. */
    private static final long LAZY_BYTES = 64L << 20;

    /** By how much a stack grows where nothing speaks against it. */
    private static final long STACK_STEP = 16 * Addresses.PAGE_SIZE;

    private FaultCalls() {}

    /**
     * Makes an access possible, if it is allowed.
     *
     * @param access one of {@link Accesses}
     */
    static FaultResult resolve(AddressMap map, long address, int access) {
        VmArea area = address < 0 ? null : findOrGrow(map, address);
        if (area == null) {
            return FaultResult.NOT_MAPPED;
        }
        if (access == Accesses.READ ? area.protection == 0 : !area.allows(access)) {
            return FaultResult.NOT_ALLOWED;
        }
        try {
            resolvePage(map, area, address, access == Accesses.WRITE);
            return FaultResult.RESOLVED;
        } catch (ErrnoException e) {
            return FaultResult.NO_BACKING;
        }
    }

    static @Nullable VmArea findOrGrow(AddressMap map, long address) {
        VmArea area = map.areas().atOrAfter(address);
        if (area == null || address >= area.start) {
            return area;
        }
        return growStack(map, area, address) ? area : null;
    }

    /** Resolves one page for an access the area allows, or that is forced upon it. */
    static void resolvePage(AddressMap map, VmArea area, long address, boolean forWrite)
            throws ErrnoException {
        PageMap pages = map.pages();
        PageRun run = pages.runs().find(address);
        boolean fresh = run == null;
        if (run == null) {
            run = makePages(map, area, address);
        }
        if (forWrite && run.writeProtected) {
            if (area.isShared()) {
                shareWrite(map, area, run, address);
            } else {
                privateWrite(map, area, run, address);
            }
        } else if (!fresh) {
            pages.mapAgain(address);
        }
    }

    // First touches.

    private static PageRun makePages(AddressMap map, VmArea area, long address)
            throws ErrnoException {
        PageMap pages = map.pages();
        PageRun previous = pages.runs().before(address);
        PageRun next = pages.runs().atOrAfter(address);
        long low = previous == null ? area.start : Math.max(area.start, previous.end);
        long high = next == null ? area.end : Math.min(area.end, next.start);
        long page = Addresses.pageDown(address);
        if (area.isAnonymous()) {
            long from = Math.max(low, address & -LAZY_BYTES);
            long to = Math.min(high, (address & -LAZY_BYTES) + LAZY_BYTES);
            pages.mapZeros(area, from, to, false);
        } else {
            long from = Math.max(low, address & -AROUND_BYTES);
            if (from < page) {
                try {
                    pages.mapFile(area, from, high, false, PIECES_AROUND);
                } catch (ErrnoException e) {
                    from = page; // the page itself may be fine, and is tried next
                }
            }
            if (pages.runs().find(address) == null) {
                PageRun behind = pages.runs().atOrAfter(address);
                long to = behind == null ? high : Math.min(high, behind.start);
                pages.mapFile(area, page, to, false, PIECES_AROUND);
            }
        }
        return pages.require(address);
    }

    // Writes.

    private static void shareWrite(AddressMap map, VmArea area, PageRun run, long address)
            throws ErrnoException {
        long from = Math.max(Math.max(run.start, area.start), address & -AROUND_BYTES);
        long to = Math.min(run.end, area.end);
        FileMapping file = PageMap.requireFile(area);
        Backing backing = file.file.translate(area.offsetOf(from), to - from, true);
        if (!(backing instanceof InMemory memory)) {
            throw new AssertionError("a file gave no memory to write to");
        }
        long got = memory.lengthBytes();
        if (got <= address - from) {
            long page = Addresses.pageDown(address);
            backing = file.file.translate(area.offsetOf(page), to - page, true);
            if (!(backing instanceof InMemory second)) {
                throw new AssertionError("a file gave no memory to write to");
            }
            map.pages().replaceByObject(area, page, second);
            return;
        }
        map.pages().replaceByObject(area, from, memory);
    }

    private static void privateWrite(AddressMap map, VmArea area, PageRun run, long address)
            throws ErrnoException {
        PageMap pages = map.pages();
        MemoryFile memory = pages.memoryFile();
        long window = copyWindow(pages, area, run);
        long from = Math.max(Math.max(run.start, area.start), address & -window);
        long to = Math.min(Math.min(run.end, area.end), (address & -window) + window);
        if (run.kind == Kind.PRIVATE) {
            long page = Addresses.pageDown(address);
            long offset = run.offsetOf(page);
            long sole = memory.soleLength(offset);
            long below = memory.equalLengthBelow(offset);
            if (sole > 0) {
                takeBack(pages, area, run, page, below, sole);
                return;
            }
            from = Math.max(from, page - below);
            to = Math.min(to, page - sole);
        }
        run = pages.reserveShadow(run, address);
        from = Math.max(from, run.start);
        to = Math.min(to, run.end);
        long target = run.shadow + (from - run.start);
        if (run.inMemory()) {
            memory.copyCommitted(run.offsetOf(from), target, to - from);
        } else {
            pages.readFile(area, from, target, to - from);
        }
        long old = pages.switchToShadow(run, from, to);
        if (old >= 0) {
            pages.giveUp(old, to - from);
        }
    }

    private static long copyWindow(PageMap pages, VmArea area, PageRun run) {
        if (run.kind == Kind.OBJECT) {
            return Addresses.PAGE_SIZE; // what others write to the next page is still to be seen
        }
        if (pages.runs().size() > MANY_RUNS) {
            return COPY_BYTES_MANY;
        }
        boolean sparse = area.has(VmArea.GROWS_DOWN) || area.allows(Accesses.EXECUTE);
        return sparse ? COPY_BYTES_SPARSE : COPY_BYTES;
    }

    /** The relatives are gone: all of the run that only we use is ours again. */
    private static void takeBack(
            PageMap pages, VmArea area, PageRun run, long page, long below, long sole) {
        long from = Math.max(Math.max(run.start, area.start), page - below);
        long to = Math.min(Math.min(run.end, area.end), page + sole);
        pages.allowWrites(run, from, to);
    }

    // Stacks.

    /** Linux {@code expand_downwards}. */
    private static boolean growStack(AddressMap map, VmArea area, long address) {
        if (!area.has(VmArea.GROWS_DOWN)) {
            return false;
        }
        long page = Addresses.pageDown(address);
        long generous = Math.max(Placement.MIN_ADDRESS, page & -STACK_STEP);
        long start = mayGrow(map, area, generous) ? generous : page;
        if (start == page && !mayGrow(map, area, page)) {
            return false;
        }
        long oldStart = area.start;
        map.growDown(area, start);
        try {
            map.mapAhead(area, start, oldStart, false);
        } catch (ErrnoException e) {
            map.shrinkFromBelow(area, oldStart);
            return false;
        }
        return true;
    }

    private static boolean mayGrow(AddressMap map, VmArea area, long start) {
        if (start < Placement.MIN_ADDRESS) {
            return false;
        }
        VmArea previous = map.areas().before(area.start);
        if (previous != null
                && !previous.has(VmArea.GROWS_DOWN)
                && previous.protection != 0
                && start - previous.end < Placement.GUARD_GAP) {
            return false;
        }
        if (previous != null && start < previous.end) {
            return false;
        }
        long growth = area.start - start;
        return map.mayExpand(false, growth)
                && !map.exceeds(area.end - start, RLimits.RLIMIT_STACK)
                && (!area.has(VmArea.LOCKED) || map.mayLock(growth));
    }

    // Populating.

    /** MAP_POPULATE and mlock: resolves what can be, without an error. */
    static void populate(AddressMap map, long from, long to) {
        long at = from;
        while (at < to) {
            VmArea area = map.areas().find(at);
            if (area == null || area.protection == 0) {
                return;
            }
            boolean write = area.allows(Accesses.WRITE) && !area.isShared();
            try {
                at = populateArea(map, area, at, Math.min(to, area.end), write);
            } catch (ErrnoException e) {
                return; // as Linux: the mapping stands, the error comes with the touch
            }
        }
    }

    /** Resolves every page of a part of one area. */
    static long populateArea(AddressMap map, VmArea area, long from, long to, boolean write)
            throws ErrnoException {
        long at = from;
        while (at < to) {
            PageRun run = map.pages().runs().find(at);
            if (run == null || write && run.writeProtected) {
                resolvePage(map, area, at, write);
                run = map.pages().runs().find(at);
                if (run == null) {
                    throw Errno.EFAULT.error();
                }
            }
            at = Math.min(to, run.end);
        }
        return to;
    }
}
