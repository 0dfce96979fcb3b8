package dev.runsc.snapshot.internal;

import dev.runsc.snapshot.model.SnapshotException;
import dev.runsc.snapshot.model.StreamInfo;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Where the chunks of one stream are: an entry per chunk that is not zero, in order of offsets. An
 * entry is, big-endian:
 *
 * <pre>
 *  0  offset     8   within the stream, a multiple of the chunk size
 *  8  pack       8   place of the chunk: key of its record
 * 16  sequence   4
 * 20  length     4   bytes of the stream that it covers
 * 24  parts      8   bit i is set when the i-th of 64 equal parts holds a byte that is not zero
 * 32  sha256    32   name of the chunk
 * </pre>
 *
 * The database holds it in segments of {@link #SEGMENT_ENTRIES} entries.
 */
public final class PageMap {
    public static final int ENTRY_BYTES = 64;
    public static final int SEGMENT_ENTRIES = 4096;
    static final int PACK_AT = 8;
    static final int SEQUENCE_AT = 16;
    static final int LENGTH_AT = 20;
    static final int PARTS_AT = 24;
    static final int NAME_AT = 32;

    /** Bounds a stream's length to what a 57-bit address space could hold. */
    private static final long MAX_STREAM_BYTES = 1L << 57;

    /** Entries of one stream: 16 TiB of data in chunks of 256 KiB. */
    private static final int MAX_ENTRIES = 1 << 26;

    private final int count;
    private final List<ByteBuffer> segments;

    private PageMap(int count, List<ByteBuffer> segments) {
        this.count = count;
        this.segments = segments;
    }

    /** Reads and checks the map of a stream; what it says is in bounds from here on. */
    public static PageMap load(Database database, byte[] snapshot, StreamInfo stream)
            throws SnapshotException {
        Path store = database.store();
        checkStream(store, stream);
        List<ByteBuffer> segments = new ArrayList<>();
        CRC32C crc = new CRC32C();
        for (int left = stream.chunkCount(); left > 0; ) {
            int entries = Math.min(left, SEGMENT_ENTRIES);
            byte[] key = Keys.pageMap(snapshot, stream.index(), segments.size());
            byte[] segment = database.get(key, SEGMENT_ENTRIES * ENTRY_BYTES);
            if (segment == null || segment.length != entries * ENTRY_BYTES) {
                throw Failures.damaged(
                        store, "the page map of " + stream.name() + " is incomplete");
            }
            crc.update(segment);
            segments.add(ByteBuffer.wrap(segment));
            left -= entries;
        }
        if ((int) crc.getValue() != stream.mapCrc32c()) {
            throw Failures.damaged(
                    store, "the page map of " + stream.name() + " fails its checksum");
        }
        PageMap map = new PageMap(stream.chunkCount(), segments);
        map.check(store, stream);
        return map;
    }

    private static void checkStream(Path store, StreamInfo stream) throws SnapshotException {
        if (!ChunkFormat.isChunkSize(stream.chunkBytes())
                || stream.lengthBytes() < 0
                || stream.lengthBytes() > MAX_STREAM_BYTES
                || stream.chunkCount() < 0
                || stream.chunkCount() > MAX_ENTRIES) {
            throw Failures.damaged(store, "stream " + stream.name() + " has impossible sizes");
        }
    }

    private void check(Path store, StreamInfo stream) throws SnapshotException {
        long free = 0;
        int chunkBytes = stream.chunkBytes();
        for (int i = 0; i < count; i++) {
            long offset = offset(i);
            int length = length(i);
            boolean sane =
                    offset >= free
                            && offset % chunkBytes == 0
                            && offset < stream.lengthBytes()
                            && length == Math.min(chunkBytes, stream.lengthBytes() - offset);
            if (!sane) {
                throw Failures.damaged(
                        store, "the page map of " + stream.name() + " has a bad entry " + i);
            }
            free = offset + length;
        }
    }

    public int count() {
        return count;
    }

    public long offset(int entry) {
        return segment(entry).getLong(at(entry));
    }

    public int length(int entry) {
        return segment(entry).getInt(at(entry) + LENGTH_AT);
    }

    public long pack(int entry) {
        return segment(entry).getLong(at(entry) + PACK_AT);
    }

    public int sequence(int entry) {
        return segment(entry).getInt(at(entry) + SEQUENCE_AT);
    }

    public long parts(int entry) {
        return segment(entry).getLong(at(entry) + PARTS_AT);
    }

    public ChunkName name(int entry) {
        return ChunkName.at(segment(entry), at(entry) + NAME_AT);
    }

    /** The stored form, for hashing. */
    public List<byte[]> segments() {
        return segments.stream().map(ByteBuffer::array).toList();
    }

    /** The entry that covers or follows an offset; {@link #count} when there is none. */
    public int search(long offset) {
        int low = 0;
        int high = count;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (offset(middle) + length(middle) <= offset) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private ByteBuffer segment(int entry) {
        return segments.get(entry / SEGMENT_ENTRIES);
    }

    private static int at(int entry) {
        return entry % SEGMENT_ENTRIES * ENTRY_BYTES;
    }
}
