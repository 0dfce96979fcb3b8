package dev.runsc.kernel;

import java.util.Arrays;

/** Pieces of the memory file in the order in which files have them, apart from each other. */
final class MemoryPieces {
    private static final int START_SIZE = 1024;

    /** Offset and length in turn. */
    private long[] values = new long[START_SIZE];

    private int used;

    void add(long offset, long lengthBytes) {
        if (used > 0 && values[used - 2] + values[used - 1] == offset) {
            values[used - 1] += lengthBytes;
            return;
        }
        if (used == values.length) {
            values = Arrays.copyOf(values, Math.multiplyExact(used, 2));
        }
        values[used++] = offset;
        values[used++] = lengthBytes;
    }

    /**
     * What of the pieces is committed, rising.
     *
     * @param committed offset and length of ranges in turn, rising and apart
     */
    long[] within(long[] committed) {
        long[] offsets = new long[used / 2];
        long[] ends = new long[used / 2];
        sorted(offsets, ends);
        MemoryPieces found = new MemoryPieces();
        int i = 0;
        for (int range = 0; range < committed.length; range += 2) {
            long from = committed[range];
            long to = from + committed[range + 1];
            while (i < offsets.length && ends[i] <= from) {
                i++;
            }
            for (int j = i; j < offsets.length && offsets[j] < to; j++) {
                long start = Math.max(from, offsets[j]);
                found.add(start, Math.min(to, ends[j]) - start);
            }
        }
        return Arrays.copyOf(found.values, found.used);
    }

    /** Pieces do not overlap, so their starts and their ends have one order. */
    private void sorted(long[] offsets, long[] ends) {
        for (int i = 0; i < used; i += 2) {
            offsets[i / 2] = values[i];
            ends[i / 2] = values[i] + values[i + 1];
        }
        Arrays.sort(offsets);
        Arrays.sort(ends);
    }
}
