package dev.runsc.kernel.memory;

import java.util.Arrays;

/** Offsets and lengths in turn; a range that continues the last one is joined to it. */
final class RangeList {
    private long[] values = new long[32];
    private int count;
    private long totalBytes;

    void add(long offset, long lengthBytes) {
        totalBytes += lengthBytes;
        if (count > 0 && values[count - 2] + values[count - 1] == offset) {
            values[count - 1] += lengthBytes;
            return;
        }
        if (count == values.length) {
            values = Arrays.copyOf(values, count * 2);
        }
        values[count++] = offset;
        values[count++] = lengthBytes;
    }

    long totalBytes() {
        return totalBytes;
    }

    long[] toArray() {
        return Arrays.copyOf(values, count);
    }
}
