package dev.runsc.snapshot.internal;

import dev.runsc.snapshot.model.ByteRange;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * Chunks of a sparse source. Only chunks that some range touches are handed out, and only the bytes
 * within the ranges are read; what lies between them is zero.
 */
final class RangeFeed implements ChunkFeed {
    private final ByteSource source;
    private final long lengthBytes;
    private final int chunkBytes;
    private final List<ByteRange> ranges;

    /** First range that reaches behind the chunks handed out; guarded by this. */
    private int nextRange;

    /** No chunk below this offset is handed out any more; guarded by this. */
    private long nextOffset;

    /**
     * @param ranges sorted, not overlapping, within the length
     */
    RangeFeed(ByteSource source, long lengthBytes, int chunkBytes, List<ByteRange> ranges) {
        this.source = source;
        this.lengthBytes = lengthBytes;
        this.chunkBytes = chunkBytes;
        this.ranges = ranges;
    }

    @Override
    public boolean next(ChunkBuffer buffer) throws IOException {
        int range;
        synchronized (this) {
            if (nextRange == ranges.size()) {
                return false;
            }
            range = nextRange;
            long start = Math.max(nextOffset, ranges.get(range).offset());
            buffer.offset = start - start % chunkBytes;
            buffer.length = (int) Math.min(chunkBytes, lengthBytes - buffer.offset);
            nextOffset = buffer.offset + buffer.length;
            while (nextRange < ranges.size() && ranges.get(nextRange).end() <= nextOffset) {
                nextRange++;
            }
        }
        fill(buffer, range);
        return true;
    }

    private void fill(ChunkBuffer buffer, int firstRange) throws IOException {
        long end = buffer.offset + buffer.length;
        int done = 0;
        buffer.readBytes = 0;
        for (int i = firstRange; i < ranges.size() && ranges.get(i).offset() < end; i++) {
            ByteRange range = ranges.get(i);
            int from = (int) (Math.max(range.offset(), buffer.offset) - buffer.offset);
            int to = (int) (Math.min(range.end(), end) - buffer.offset);
            Arrays.fill(buffer.data, done, from, (byte) 0);
            source.read(buffer.offset + from, buffer.data, from, to - from);
            buffer.readBytes += to - from;
            done = to;
        }
        Arrays.fill(buffer.data, done, buffer.length, (byte) 0);
    }

    @Override
    public long estimate() {
        long chunks = 0;
        for (ByteRange range : ranges) {
            chunks += range.length() / chunkBytes + 1;
        }
        return chunks;
    }

    @Override
    public long lengthBytes() {
        return lengthBytes;
    }
}
