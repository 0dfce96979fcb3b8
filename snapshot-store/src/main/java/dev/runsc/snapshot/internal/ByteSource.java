package dev.runsc.snapshot.internal;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Bytes that can be read at any offset, by several threads at once. */
public interface ByteSource {
    /** Fills a piece of an array; fails when the source is shorter. */
    void read(long offset, byte[] target, int at, int length) throws IOException;

    /**
     * Reads through a descriptor: no page of a sparse file is touched into being, and a file that
     * shrinks meanwhile is an error and no signal.
     */
    static ByteSource of(FileChannel channel) {
        return (offset, target, at, length) -> {
            ByteBuffer buffer = ByteBuffer.wrap(target, at, length);
            while (buffer.hasRemaining()) {
                if (channel.read(buffer, offset + (buffer.position() - at)) < 0) {
                    throw new EOFException(
                            "the memory file ends before offset " + (offset + length));
                }
            }
        };
    }

    static ByteSource of(MemorySegment segment) {
        return (offset, target, at, length) ->
                MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, offset, target, at, length);
    }
}
