package dev.runsc.snapshot.internal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The keys of the database. The first byte is the kind of record; numbers are big-endian, so that
 * keys sort as numbers. Chunks come first: a pack is one stretch of keys that nothing else falls
 * into, which lets RocksDB take it in at the lowest level and drop it as whole files.
 */
public final class Keys {
    /** {@code c pack(8) sequence(4)}: one chunk. */
    public static final byte CHUNK = 'c';

    /** {@code g}: format and generation of the database. */
    public static final byte GENERATION = 'g';

    /** {@code h sha256(32)}: where the chunk of that name is. */
    public static final byte CHUNK_NAME = 'h';

    /** {@code m id(16)}: manifest of a snapshot. */
    public static final byte MANIFEST = 'm';

    /** {@code n name}: id of the snapshot that has the name. */
    public static final byte NAME = 'n';

    /** {@code p id(16) stream(2) segment(4)}: a piece of a page map. */
    public static final byte PAGE_MAP = 'p';

    /** {@code s sequence(8)}: id of the snapshot published as that number. */
    public static final byte SEQUENCE = 's';

    public static final int CHUNK_KEY_BYTES = 1 + 8 + 4;
    public static final int ID_BYTES = 16;

    private Keys() {}

    public static byte[] chunk(long pack, int sequence) {
        return ByteBuffer.allocate(CHUNK_KEY_BYTES)
                .put(CHUNK)
                .putLong(pack)
                .putInt(sequence)
                .array();
    }

    public static byte[] chunkName(byte[] sha256) {
        return ByteBuffer.allocate(1 + sha256.length).put(CHUNK_NAME).put(sha256).array();
    }

    public static byte[] manifest(byte[] id) {
        return ByteBuffer.allocate(1 + id.length).put(MANIFEST).put(id).array();
    }

    public static byte[] pageMap(byte[] id, int stream, int segment) {
        return ByteBuffer.allocate(1 + ID_BYTES + 2 + 4)
                .put(PAGE_MAP)
                .put(id)
                .putShort((short) stream)
                .putInt(segment)
                .array();
    }

    public static byte[] sequence(long sequence) {
        return ByteBuffer.allocate(1 + 8).put(SEQUENCE).putLong(sequence).array();
    }

    public static byte[] name(String name) {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(1 + text.length).put(NAME).put(text).array();
    }

    public static byte[] single(byte kind) {
        return new byte[] {kind};
    }
}
