package dev.runsc.kernel.memory;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.memory.Mappable.Backing;
import dev.runsc.kernel.memory.Mappable.InHostFile;
import dev.runsc.kernel.memory.Mappable.InMemory;
import dev.runsc.kernel.memory.PageRun.Kind;
import dev.runsc.kernel.platform.AddressSpace;
import dev.runsc.kernel.platform.Platform.HostFileMapping;
import dev.runsc.state.BeforeSave;
import dev.runsc.state.RestoreException;
import dev.runsc.state.Savable;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The resolved pages of an address space and its stub's view of them. Keeps both in step: every
 * change here is queued for the stub at once. Guarded by the address space's lock.
 */
final class PageMap implements Savable, BeforeSave {
    /** Larger anonymous areas get their memory in pieces, at the first touch. */
    static final long AHEAD_LIMIT_BYTES = 64L << 30;

    private final MemoryFile memoryFile;

    /** An offset in the zone of the memory file that this address space fills, or -1. */
    private long zoneHint = -1;

    /** For the image: see {@link SavedRuns}. */
    private long[] savedRuns = {};

    private transient SegmentMap<PageRun> runs = new SegmentMap<>();
    private transient HostSpace space;

    /** Whether guest code may run here while the kernel changes things: several users. */
    private boolean othersMayRun;

    private transient boolean deferred;

    PageMap(MemoryFile memoryFile, AddressSpace stub) {
        this.memoryFile = memoryFile;
        this.space = new HostSpace(stub);
    }

    MemoryFile memoryFile() {
        return memoryFile;
    }

    HostSpace space() {
        return space;
    }

    SegmentMap<PageRun> runs() {
        return runs;
    }

    /** Whether pages given up may still be mapped in a stub that runs: the change is foreign. */
    void setDeferred(boolean deferred) {
        this.deferred = deferred;
    }

    void setOthersMayRun(boolean may) {
        othersMayRun = may;
    }

    boolean othersMayRun() {
        return othersMayRun;
    }

    // Making runs.

    /** Gives a range of an anonymous area zero pages. */
    void mapZeros(VmArea area, long from, long to, boolean goingUp) throws ErrnoException {
        long offset = allocate(from, to, goingUp);
        addRun(new PageRun(Kind.PRIVATE, from, to, offset, null, area.protection, false));
    }

    /** A range of the memory file for guest addresses, so that neighbours merge where possible. */
    private long allocate(long from, long to, boolean goingUp) throws ErrnoException {
        long length = to - from;
        PageRun next = runs.find(to);
        PageRun previous = runs.find(from - 1);
        long below = next != null && next.kind == Kind.PRIVATE ? next.offsetOf(to) - length : -1;
        long above =
                previous != null && previous.kind == Kind.PRIVATE ? previous.offsetOf(from) : -1;
        long offset = memoryFile.allocateNear(length, below, above, zoneHint, goingUp);
        if (!goingUp) {
            zoneHint = offset;
        } else if (zoneHint < 0) {
            zoneHint = (offset | (OffsetSpace.ZONE_BYTES - 1)) - Addresses.PAGE_MASK;
        }
        return offset;
    }

    /**
     * Resolves pages of a mapped file, as far as the file hands them out in at most a number of
     * pieces.
     *
     * @throws ErrnoException when not even the first page can be resolved
     */
    void mapFile(VmArea area, long from, long to, boolean forWrite, int maxPieces)
            throws ErrnoException {
        Mappable file = requireFile(area).file;
        boolean writable = area.isShared() && (forWrite || mayWriteAtOnce(area, file));
        long at = from;
        for (int piece = 0; piece < maxPieces && at < to; piece++) {
            Backing backing;
            try {
                backing = file.translate(area.offsetOf(at), to - at, writable);
            } catch (ErrnoException e) {
                if (at == from) {
                    throw e;
                }
                return; // it comes back when that page is touched
            }
            long stop = at + backing.lengthBytes();
            if (stop <= at || stop > to || !Addresses.isAligned(stop)) {
                throw new AssertionError("translate answered " + backing.lengthBytes());
            }
            addRun(runOf(area, at, stop, backing, writable));
            at = stop;
        }
    }

    /**
     * Gives a range of a private area copies of the pages of a host file, as far as it has any:
     * cheaper than mapping what is going to be written anyway.
     *
     * @throws ErrnoException when not even the first page can be resolved, or the file not read
     */
    void copyFile(VmArea area, long from, long to) throws ErrnoException {
        Backing backing = requireFile(area).file.translate(area.offsetOf(from), to - from, false);
        long end = from + backing.lengthBytes();
        if (backing instanceof InMemory memory) {
            addRun(runOf(area, from, end, memory, false)); // it may still be written by others
            return;
        }
        long offset = allocate(from, end, false);
        try {
            readFile(area, from, offset, end - from);
        } catch (ErrnoException e) {
            memoryFile.release(offset, end - from);
            throw e;
        }
        addRun(new PageRun(Kind.PRIVATE, from, end, offset, null, area.protection, false));
    }

    /** Reads what a part of an area maps to a fresh range of the memory file. */
    void readFile(VmArea area, long from, long target, long length) throws ErrnoException {
        Mappable file = requireFile(area).file;
        MemorySegment memory = memoryFile.segment(target, length);
        long done = 0;
        while (done < length) {
            int count = file.readInto(area.offsetOf(from) + done, memory.asSlice(done));
            if (count <= 0) {
                return; // the rest of the last page reads as zero
            }
            done += count;
        }
    }

    private static boolean mayWriteAtOnce(VmArea area, Mappable file) {
        return (area.maxProtection & Accesses.WRITE) != 0 && !file.tracksWrites();
    }

    private static PageRun runOf(
            VmArea area, long from, long to, Backing backing, boolean writable) {
        if (backing instanceof InMemory memory) {
            return new PageRun(
                    Kind.OBJECT, from, to, memory.memoryOffset(), null, area.protection, !writable);
        }
        if (writable) {
            throw new AssertionError("a host file is never mapped writable");
        }
        InHostFile host = (InHostFile) backing;
        return new PageRun(
                Kind.HOST_FILE, from, to, host.fileOffset(), host.file(), area.protection, true);
    }

    static FileMapping requireFile(VmArea area) {
        FileMapping file = area.file;
        if (file == null) {
            throw new AssertionError("the area maps no file");
        }
        return file;
    }

    /** Adds a run over a free range and maps it. */
    void addRun(PageRun run) {
        if (run.protection != 0) {
            mapHost(run, false);
        }
        insert(run);
    }

    private void insert(PageRun run) {
        PageRun previous = runs.find(run.start - 1);
        if (previous != null && previous.canMerge(run)) {
            previous.end = run.end;
            run = previous;
        } else {
            runs.add(run);
        }
        mergeNext(run);
    }

    private boolean mergeNext(PageRun run) {
        PageRun next = runs.find(run.end);
        if (next == null || !run.canMerge(next)) {
            return false;
        }
        runs.remove(next);
        run.end = next.end;
        return true;
    }

    /** Joins what can be joined inside a range and at its ends. */
    private void mergeWithin(long from, long to) {
        PageRun run = runs.find(from - 1);
        if (run == null) {
            run = runs.atOrAfter(from);
        }
        while (run != null && run.end <= to) {
            if (!mergeNext(run)) {
                run = runs.next(run);
            }
        }
    }

    private void mapHost(PageRun run, boolean populate) {
        HostFileMapping file = run.hostFile;
        if (file != null) {
            space.mapHostFile(run.start, run.length(), file, run.offset, run.hostProtection());
        } else {
            space.mapMemory(run.start, run.length(), run.offset, run.hostProtection(), populate);
        }
        run.hostMapped = true;
    }

    /** Queues the mapping of the run at an address once more. */
    void mapAgain(long address) {
        PageRun run = runs.find(address);
        if (run != null && run.protection != 0) {
            mapHost(run, false);
        }
    }

    // Removing and changing runs.

    /** Drops all pages of a range. */
    void removeRange(long from, long to) {
        List<PageRun> taken = takeRange(from, to);
        long mappedFrom = -1;
        long mappedTo = -1;
        for (PageRun run : taken) {
            if (run.hostMapped) {
                mappedFrom = mappedFrom < 0 ? run.start : mappedFrom;
                mappedTo = run.end;
            }
        }
        if (mappedFrom >= 0) {
            space.unmap(mappedFrom, mappedTo - mappedFrom);
        }
        drop(taken);
    }

    /**
     * Takes the runs of a range out, which the stub keeps mapped: the caller maps the range anew,
     * calls {@link #unmapGaps}, and only then {@link #drop}.
     */
    List<PageRun> takeRange(long from, long to) {
        runs.cut(from);
        runs.cut(to);
        List<PageRun> taken = new ArrayList<>();
        for (PageRun run = runs.atOrAfter(from); run != null && run.start < to; ) {
            runs.remove(run);
            taken.add(run);
            run = runs.atOrAfter(run.end);
        }
        return taken;
    }

    /** Gives up runs that are no longer in the map nor, once the queue is done, in the stub. */
    void drop(List<PageRun> taken) {
        taken.forEach(this::drop);
    }

    /**
     * Drops the pages of a range that belong to a file, and its own copies when asked; false when
     * there are none.
     */
    boolean removeObjects(long from, long to, boolean copiesToo) {
        boolean any = false;
        long at = from;
        while (at < to) {
            PageRun run = runs.atOrAfter(at);
            if (run == null || run.start >= to) {
                break;
            }
            long start = Math.max(run.start, from);
            at = Math.min(run.end, to);
            if (copiesToo || run.kind != Kind.PRIVATE) {
                any = true;
                removeRange(start, at);
            }
        }
        return any;
    }

    /** Unmaps what no run maps in a range that {@link #takeRange} left mapped. */
    void unmapGaps(long from, long to) {
        long at = from;
        for (PageRun run = runs.atOrAfter(from);
                run != null && run.start < to;
                run = runs.next(run)) {
            if (run.hostMapped) {
                if (run.start > at) {
                    space.unmap(at, run.start - at);
                }
                at = run.end;
            }
        }
        if (at < to) {
            space.unmap(at, to - at);
        }
    }

    /** Gives up a run that is no longer in the map nor, once the queue is done, in the stub. */
    private void drop(PageRun run) {
        if (run.kind == Kind.PRIVATE) {
            giveUp(run.offset, run.length());
        }
        dropShadow(run);
    }

    void dropShadow(PageRun run) {
        if (run.shadow != PageRun.NO_SHADOW) {
            memoryFile.release(run.shadow, run.length());
            run.shadow = PageRun.NO_SHADOW;
        }
    }

    /** Ends the use of pages that the stub had mapped. */
    void giveUp(long offset, long length) {
        if (othersMayRun || deferred || space.mayPopulate()) {
            memoryFile.releaseUnmapped(space, offset, length);
        } else {
            memoryFile.release(offset, length);
        }
    }

    /** Changes the protection of a range's pages. */
    void protect(long from, long to, int protection) {
        runs.cut(from);
        runs.cut(to);
        long batchFrom = -1;
        long batchTo = -1;
        int batchProtection = 0;
        for (PageRun run = runs.atOrAfter(from);
                run != null && run.start < to;
                run = runs.next(run)) {
            int before = run.hostProtection();
            run.protection = protection;
            int after = run.hostProtection();
            if (!run.hostMapped) {
                if (protection != 0) {
                    mapHost(run, false);
                }
            } else if (before != after) {
                if (batchTo == run.start && batchProtection == after) {
                    batchTo = run.end;
                } else {
                    protectHost(batchFrom, batchTo, batchProtection);
                    batchFrom = run.start;
                    batchTo = run.end;
                    batchProtection = after;
                }
            }
        }
        protectHost(batchFrom, batchTo, batchProtection);
        mergeWithin(from, to);
    }

    private void protectHost(long from, long to, int protection) {
        if (from >= 0) {
            space.protect(from, to - from, protection);
        }
    }

    /** Moves a range's pages to another, free place. */
    void move(long from, long to, long target) {
        List<PageRun> moved = takeRange(from, to);
        if (moved.stream().anyMatch(run -> run.hostMapped)) {
            space.unmap(from, to - from);
        }
        for (PageRun run : moved) {
            run.start += target - from;
            run.end += target - from;
            run.hostMapped = false;
            addRun(run);
        }
    }

    // Writing to pages that are not to be written.

    /** Lets all of a range be written that is part of one run, which becomes the only one there. */
    void allowWrites(PageRun run, long from, long to) {
        runs.cut(from);
        runs.cut(to);
        PageRun piece = runs.require(from);
        assert piece.end == to && piece.kind == run.kind;
        piece.writeProtected = false;
        dropShadow(piece);
        if (piece.hostMapped) {
            space.protect(from, to - from, piece.hostProtection());
        } else if (piece.protection != 0) {
            mapHost(piece, false);
        }
        mergeWithin(from, to);
    }

    /**
     * Reserves where the copies of a run's pages around an address go, and returns the run that
     * holds the address then.
     */
    PageRun reserveShadow(PageRun run, long address) throws ErrnoException {
        if (run.shadow != PageRun.NO_SHADOW) {
            return run;
        }
        long block = OffsetSpace.ZONE_BYTES;
        if (run.length() > block) {
            runs.cut(address & -block);
            runs.cut((address & -block) + block);
            run = runs.require(address);
        }
        run.shadow = allocate(run.start, run.end, false);
        return run;
    }

    /**
     * Puts the copies in place of a part of a run, whose shadow has been filled.
     *
     * @return where the copied-from pages of this address space lay, or -1 when it had none
     */
    long switchToShadow(PageRun run, long from, long to) {
        runs.cut(from);
        runs.cut(to);
        PageRun old = runs.require(from);
        if (old.end != to || old.shadow == PageRun.NO_SHADOW) {
            throw new AssertionError("no shadow of " + run.kind + " there");
        }
        runs.remove(old);
        PageRun copy = new PageRun(Kind.PRIVATE, from, to, old.shadow, null, old.protection, false);
        if (copy.protection != 0) {
            mapHost(copy, true);
        } else if (old.hostMapped) {
            space.unmap(from, to - from);
        }
        insert(copy);
        return old.kind == Kind.PRIVATE ? old.offset : -1;
    }

    /** Replaces a part of a run by what a file's translation for writing gave. */
    void replaceByObject(VmArea area, long from, InMemory memory) {
        long to = from + memory.lengthBytes();
        List<PageRun> taken = takeRange(from, to);
        addRun(runOf(area, from, to, memory, true));
        drop(taken);
    }

    /** Puts fresh zero pages in place of pages that others use too. */
    void replaceByZeros(long from, long to) throws ErrnoException {
        runs.cut(from);
        runs.cut(to);
        PageRun old = runs.require(from);
        assert old.end == to;
        long offset = old.shadow;
        if (offset == PageRun.NO_SHADOW) {
            offset = allocate(from, to, false);
        }
        old.shadow = PageRun.NO_SHADOW;
        runs.remove(old);
        if (old.hostMapped && old.protection == 0) {
            space.unmap(from, to - from);
        }
        addRun(new PageRun(Kind.PRIVATE, from, to, offset, null, old.protection, false));
        drop(old);
    }

    // Life.

    /** Copies the pages of a range for a child, both sides sharing them until one writes. */
    void shareWith(PageMap child, long from, long to) {
        for (PageRun run = runs.atOrAfter(from);
                run != null && run.start < to;
                run = runs.next(run)) {
            if (run.kind == Kind.PRIVATE && !run.writeProtected) {
                long start = Math.max(from, run.start);
                long end = Math.min(to, run.end);
                if (start > run.start || end < run.end) {
                    runs.cut(start);
                    runs.cut(end);
                    run = runs.require(start);
                }
                int before = run.hostProtection();
                run.writeProtected = true;
                if (run.hostMapped && run.hostProtection() != before) {
                    space.protect(run.start, run.length(), run.hostProtection());
                }
            }
            PageRun copy = run.copy(Math.max(from, run.start), Math.min(to, run.end));
            copy.hostMapped = false;
            if (copy.kind == Kind.PRIVATE) {
                memoryFile.retain(copy.offset, copy.length());
            }
            child.insert(copy);
        }
        mergeWithin(from, to);
    }

    /** Maps everything in a new stub. */
    void mapAll() {
        for (PageRun run = runs.first(); run != null; run = runs.next(run)) {
            if (run.protection != 0) {
                mapHost(run, false);
            }
        }
    }

    /** Gives up all pages; the stub is gone already. */
    void releaseAll() {
        for (PageRun run = runs.first(); run != null; run = runs.next(run)) {
            if (run.kind == Kind.PRIVATE) {
                memoryFile.release(run.offset, run.length());
            }
            dropShadow(run);
        }
        runs.clear();
    }

    @Override
    public void beforeSave() {
        savedRuns = SavedRuns.write(runs);
    }

    /** Makes the runs of the image and maps them in a new stub. */
    void restore(@Nullable AddressSpace newSpace) throws RestoreException {
        runs = new SegmentMap<>();
        if (newSpace == null) {
            return; // released already, and empty
        }
        space = new HostSpace(newSpace);
        SavedRuns.read(savedRuns, memoryFile).forEach(this::insert);
        mapAll();
    }

    /** The run at an address that must be resolved. */
    PageRun require(long address) throws ErrnoException {
        @Nullable PageRun run = runs.find(address);
        if (run == null) {
            throw Errno.EFAULT.error();
        }
        return run;
    }
}
