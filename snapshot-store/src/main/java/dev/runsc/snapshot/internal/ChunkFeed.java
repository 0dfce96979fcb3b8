package dev.runsc.snapshot.internal;

import java.io.IOException;

/** Hands out the chunks of a stream, in rising order, to several threads. */
interface ChunkFeed {
    /** Fills the buffer with the next chunk, or returns false at the end. */
    boolean next(ChunkBuffer buffer) throws IOException;

    /** An upper bound of chunks to come, to decide how many threads pay. */
    long estimate();

    /** Length of the stream; asked after the last chunk. */
    long lengthBytes();
}
