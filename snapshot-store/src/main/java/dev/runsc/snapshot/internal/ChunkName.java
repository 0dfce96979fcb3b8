package dev.runsc.snapshot.internal;

import java.nio.ByteBuffer;

/** SHA-256 of a chunk's unpacked bytes, as a key of maps. */
public record ChunkName(long a, long b, long c, long d) {
    public static final int BYTES = 32;

    public static ChunkName of(byte[] sha256) {
        ByteBuffer bytes = ByteBuffer.wrap(sha256);
        return new ChunkName(bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getLong());
    }

    public static ChunkName at(ByteBuffer bytes, int index) {
        return new ChunkName(
                bytes.getLong(index),
                bytes.getLong(index + 8),
                bytes.getLong(index + 16),
                bytes.getLong(index + 24));
    }

    public byte[] bytes() {
        return ByteBuffer.allocate(BYTES).putLong(a).putLong(b).putLong(c).putLong(d).array();
    }

    @Override
    public int hashCode() {
        return Long.hashCode(a);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ChunkName(long x, long y, long z, long w)
                && a == x
                && b == y
                && c == z
                && d == w;
    }

    @Override
    public String toString() {
        return HexFormats.hex(bytes());
    }
}
