package dev.runsc.snapshot.model;

/**
 * One byte stream of a snapshot: the encoded object graph, or a memory region. Its content is cut
 * into chunks of one size; chunks of zeros are absent.
 *
 * @param index position within the snapshot, part of the page map's key
 * @param kind what it holds
 * @param name unique within the snapshot
 * @param lengthBytes length of the stream, holes included
 * @param chunkBytes size of a chunk; the last one of the stream may be shorter
 * @param chunkCount chunks that are not zero
 * @param dataBytes bytes of those chunks before compression
 * @param newChunks how many of them the store lacked when this snapshot was taken
 * @param newStoredBytes what those took in the store
 * @param mapCrc32c checksum of the page map
 * @param mapSha256 hash of the hashes of the page map's segments, in hexadecimal
 */
public record StreamInfo(
        int index,
        Kind kind,
        String name,
        long lengthBytes,
        int chunkBytes,
        int chunkCount,
        long dataBytes,
        int newChunks,
        long newStoredBytes,
        int mapCrc32c,
        String mapSha256) {

    /** What a stream holds. */
    public enum Kind {
        /** The encoded object graph. */
        OBJECTS,
        /** Pages of a memory file. */
        MEMORY
    }
}
