package dev.runsc.kernel.memory;

/**
 * Which offsets of the memory file are in use, by how many, and where there is room. The space is
 * divided into zones of 1 GiB: an address space fills zones of its own from the top, so that areas
 * placed downward in address lie downward in the file too and merge; files and the like fill shared
 * zones from the bottom. Not thread safe; {@link MemoryFile} guards it.
 */
final class OffsetSpace {
    static final long ZONE_BYTES = 1L << 30;
    private static final int ZONE_PAGES = (int) (ZONE_BYTES / Addresses.PAGE_SIZE);

    /** A run of pages with the same number of users; none means given up and not yet punched. */
    static final class Run extends Segment<Run> {
        int references;

        Run(long start, long end, int references) {
            this.start = start;
            this.end = end;
            this.references = references;
        }

        @Override
        Run splitAt(long at) {
            Run upper = new Run(at, end, references);
            end = at;
            return upper;
        }
    }

    private final long sizeBytes;
    private final SegmentMap<Run> runs = new SegmentMap<>();

    /** Pages in use per zone. */
    private final int[] zonePages;

    /** Whether the zone is filled from the bottom. */
    private final boolean[] upward;

    /** Where the next upward allocation is tried, or -1. */
    private long upCursor = -1;

    private long usedBytes;

    /** What has lost its last user and is not yet punched. */
    private RangeList unused = new RangeList();

    OffsetSpace(long sizeBytes) {
        this.sizeBytes = sizeBytes;
        zonePages = new int[(int) (sizeBytes / ZONE_BYTES)];
        upward = new boolean[zonePages.length];
    }

    SegmentMap<Run> runs() {
        return runs;
    }

    /** Bytes with at least one user. */
    long usedBytes() {
        return usedBytes;
    }

    /** Takes a free range from {@code preferred} on when that is free. */
    boolean takeAt(long preferred, long length) {
        if (preferred < 0 || preferred > sizeBytes - length || !isFree(preferred, length)) {
            return false;
        }
        occupy(preferred, length, 1);
        return true;
    }

    /** A range for a shared zone, from the bottom up; -1 when there is no room. */
    long takeUp(long length) {
        if (upCursor < 0 || !fitsZone(upCursor, length)) {
            upCursor = nextUpZone(length);
        }
        long found = upCursor < 0 ? -1 : gapAbove(upCursor, zoneEnd(upCursor), length);
        if (found < 0) {
            found = firstFreeZones(length);
            if (found >= 0) {
                upward[zone(found)] = true;
            } else {
                found = gapAbove(0, sizeBytes, length);
            }
        }
        if (found >= 0) {
            occupy(found, length, 1);
            upCursor = found + length;
        }
        return found;
    }

    /**
     * A range in the zone of {@code hint}, below it, else as high as possible (or, going up, as low
     * in the zone as possible), else at the top (or bottom) of a fresh zone; -1 when there is no
     * room.
     */
    long takeNear(long hint, long length, boolean goingUp) {
        long found = -1;
        if (hint >= 0 && length <= ZONE_BYTES) {
            long bottom = zone(hint) * ZONE_BYTES;
            found =
                    goingUp
                            ? gapAbove(bottom, bottom + ZONE_BYTES, length)
                            : gapBelow(bottom, hint, length);
            if (found < 0 && !goingUp) {
                found = gapBelow(hint, bottom + ZONE_BYTES, length);
            }
        }
        if (found < 0) {
            long zones = firstFreeZones(length);
            if (zones >= 0) {
                long span = (length + ZONE_BYTES - 1) / ZONE_BYTES * ZONE_BYTES;
                found = goingUp ? zones : zones + span - length;
            } else {
                found = gapAbove(0, sizeBytes, length);
            }
        }
        if (found >= 0) {
            occupy(found, length, 1);
        }
        return found;
    }

    /** Marks a range as used; it must be free. */
    void occupy(long offset, long length, int references) {
        Run run = new Run(offset, offset + length, references);
        runs.add(run);
        count(offset, offset + length, 1);
        usedBytes += length;
        mergeAround(run.start, run.end);
    }

    /** Adds a user to each page. */
    void retain(long offset, long length) {
        long limit = offset + length;
        runs.cut(offset);
        runs.cut(limit);
        for (long at = offset; at < limit; ) {
            Run run = require(at);
            if (run.references <= 0 || run.references == Integer.MAX_VALUE) {
                throw new AssertionError("retain of pages with " + run.references + " users");
            }
            run.references++;
            at = run.end;
        }
        mergeAround(offset, limit);
    }

    /** Takes a user from each page; returns the bytes that have none left. */
    long release(long offset, long length) {
        long limit = offset + length;
        long without = 0;
        runs.cut(offset);
        runs.cut(limit);
        for (long at = offset; at < limit; ) {
            Run run = require(at);
            if (run.references <= 0) {
                throw new AssertionError("release of pages without users");
            }
            run.references--;
            if (run.references == 0) {
                without += run.length();
                unused.add(run.start, run.length());
            }
            at = run.end;
        }
        usedBytes -= without;
        mergeAround(offset, limit);
        return without;
    }

    /** Hands over the list of ranges without users; the caller frees them when they are punched. */
    RangeList takeUnused() {
        RangeList taken = unused;
        unused = new RangeList();
        return taken;
    }

    /** Takes back a range that could not be punched. */
    void giveBackUnused(long offset, long length) {
        unused.add(offset, length);
    }

    /** Makes pages without users free for new ones. */
    void free(long offset, long length) {
        long limit = offset + length;
        runs.cut(offset);
        runs.cut(limit);
        for (long at = offset; at < limit; ) {
            Run run = require(at);
            assert run.references == 0 : "free of pages in use";
            at = run.end;
            runs.remove(run);
        }
        count(offset, limit, -1);
    }

    /** The run that holds an offset in use. */
    Run require(long offset) {
        return runs.require(offset);
    }

    private void mergeAround(long from, long to) {
        Run run = runs.before(from);
        if (run == null || run.end < from) {
            run = runs.atOrAfter(from);
        }
        while (run != null && run.end <= to) {
            Run next = runs.next(run);
            if (next == null) {
                return;
            }
            if (next.start == run.end && next.references == run.references) {
                runs.remove(next);
                run.end = next.end;
            } else {
                run = next;
            }
        }
    }

    private boolean isFree(long offset, long length) {
        Run run = runs.atOrAfter(offset);
        return run == null || run.start >= offset + length;
    }

    /** The lowest free range of a length in {@code [from, to)}, or -1. */
    private long gapAbove(long from, long to, long length) {
        long at = from;
        while (at + length <= to) {
            Run run = runs.atOrAfter(at);
            if (run == null || run.start >= at + length) {
                return at;
            }
            at = run.end;
        }
        return -1;
    }

    /** The highest free range of a length in {@code [from, to)}, or -1. */
    private long gapBelow(long from, long to, long length) {
        long end = to;
        while (end - length >= from) {
            Run run = runs.before(end);
            if (run == null || run.end <= end - length) {
                return end - length;
            }
            end = run.start;
        }
        return -1;
    }

    /** The bottom of enough empty zones in a row, or -1. */
    private long firstFreeZones(long length) {
        int needed = (int) ((length + ZONE_BYTES - 1) / ZONE_BYTES);
        int row = 0;
        for (int z = 0; z < zonePages.length; z++) {
            row = zonePages[z] == 0 ? row + 1 : 0;
            if (row == needed) {
                int first = z - needed + 1;
                for (int i = first; i <= z; i++) {
                    upward[i] = false;
                }
                return first * ZONE_BYTES;
            }
        }
        return -1;
    }

    /** The bottom of an upward zone with much room, or -1. */
    private long nextUpZone(long length) {
        for (int z = 0; z < zonePages.length; z++) {
            if (upward[z] && zonePages[z] < ZONE_PAGES / 4 * 3 && length < ZONE_BYTES / 8) {
                return z * ZONE_BYTES;
            }
        }
        return -1;
    }

    private boolean fitsZone(long cursor, long length) {
        return (cursor & (ZONE_BYTES - 1)) != 0 && cursor + length <= zoneEnd(cursor);
    }

    private static long zoneEnd(long offset) {
        return (offset & -ZONE_BYTES) + ZONE_BYTES;
    }

    private static int zone(long offset) {
        return (int) (offset / ZONE_BYTES);
    }

    private void count(long from, long to, int sign) {
        for (long at = from; at < to; ) {
            long stop = Math.min(to, zoneEnd(at));
            zonePages[zone(at)] += sign * (int) ((stop - at) / Addresses.PAGE_SIZE);
            at = stop;
        }
    }
}
