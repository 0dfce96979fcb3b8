package dev.runsc.snapshot.internal;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Where a chunk is kept; also the value stored under the chunk's name.
 *
 * @param pack the save that wrote it
 * @param sequence its number within the pack
 * @param rawBytes length unpacked
 * @param storedBytes length as stored, header included
 */
public record ChunkPlace(long pack, int sequence, int rawBytes, int storedBytes) {
    /** Length of an encoded place. */
    public static final int BYTES = 8 + 4 + 4 + 4;

    public byte[] encode() {
        return ByteBuffer.allocate(BYTES)
                .putLong(pack)
                .putInt(sequence)
                .putInt(rawBytes)
                .putInt(storedBytes)
                .array();
    }

    /** The place in a record, or null when the record cannot be one. */
    public static @Nullable ChunkPlace decode(byte[] record) {
        if (record.length != BYTES) {
            return null;
        }
        ByteBuffer bytes = ByteBuffer.wrap(record);
        ChunkPlace place =
                new ChunkPlace(bytes.getLong(), bytes.getInt(), bytes.getInt(), bytes.getInt());
        boolean sane =
                place.sequence >= 0
                        && place.rawBytes > 0
                        && place.rawBytes <= ChunkFormat.MAX_CHUNK_BYTES
                        && place.storedBytes > 0;
        return sane ? place : null;
    }
}
