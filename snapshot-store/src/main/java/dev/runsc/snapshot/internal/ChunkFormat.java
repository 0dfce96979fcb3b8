package dev.runsc.snapshot.internal;

/**
 * The stored form of a chunk: a header, big-endian, and the payload.
 *
 * <pre>
 *  0  kind        1   RAW or LZ4
 *  1  zero        3
 *  4  rawBytes    4   length unpacked
 *  8  crc32c      4   of the unpacked bytes
 * 12  sha256     32   of the unpacked bytes: the chunk's name
 * 44  payload
 * </pre>
 */
public final class ChunkFormat {
    /** Payload is the bytes themselves. */
    public static final byte RAW = 1;

    /** Payload is one LZ4 block. */
    public static final byte LZ4 = 2;

    /** Kept free: the bytes are those of a file of the container's root file system. */
    public static final byte HOST_FILE = 3;

    public static final int KIND_AT = 0;
    public static final int RAW_BYTES_AT = 4;
    public static final int CRC_AT = 8;
    public static final int NAME_AT = 12;
    public static final int HEADER_BYTES = NAME_AT + ChunkName.BYTES;

    /** Size of chunks in new snapshots; docs/snapshot-format.md has the figures behind it. */
    public static final int CHUNK_BYTES = 256 << 10;

    /** Smallest and largest size of chunks that is read. */
    public static final int MIN_CHUNK_BYTES = 16 << 10;

    public static final int MAX_CHUNK_BYTES = 4 << 20;

    /** A chunk is told apart into so many equal parts, of which each is zero or not. */
    public static final int PARTS = 64;

    private ChunkFormat() {}

    /** True for a size that a stream may have chosen. */
    public static boolean isChunkSize(int bytes) {
        return bytes >= MIN_CHUNK_BYTES && bytes <= MAX_CHUNK_BYTES && Integer.bitCount(bytes) == 1;
    }

    public static int partBytes(int chunkBytes) {
        return chunkBytes / PARTS;
    }
}
