package dev.runsc.snapshot.internal;

import java.io.IOException;
import java.io.InputStream;

/** Chunks of a stream that can only be read from front to back. */
final class StreamFeed implements ChunkFeed {
    private final InputStream in;

    /** Bytes handed out; guarded by this. */
    private long position;

    private boolean ended;

    StreamFeed(InputStream in) {
        this.in = in;
    }

    @Override
    public synchronized boolean next(ChunkBuffer buffer) throws IOException {
        if (ended) {
            return false;
        }
        int length = in.readNBytes(buffer.data, 0, buffer.data.length);
        ended = length < buffer.data.length;
        if (length == 0) {
            return false;
        }
        buffer.offset = position;
        buffer.length = length;
        buffer.readBytes = length;
        position += length;
        return true;
    }

    @Override
    public long estimate() {
        return Long.MAX_VALUE;
    }

    @Override
    public synchronized long lengthBytes() {
        return position;
    }
}
