package dev.runsc.snapshot.internal;

/** One chunk's bytes on their way into the store; belongs to one thread. */
final class ChunkBuffer {
    final byte[] data;

    /** Position within the stream, a multiple of the chunk size. */
    long offset;

    /** Bytes in use, counted from 0. */
    int length;

    /** How many of them the source had; the others are zero. */
    int readBytes;

    ChunkBuffer(int chunkBytes) {
        data = new byte[chunkBytes];
    }
}
