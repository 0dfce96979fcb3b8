package dev.runsc.snapshot.internal;

import dev.runsc.snapshot.internal.ChunkSaver.SavedStream;
import dev.runsc.snapshot.model.ByteRange;
import dev.runsc.snapshot.model.SnapshotException;
import dev.runsc.snapshot.model.SnapshotException.Kind;
import dev.runsc.snapshot.model.StreamInfo;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.util.List;

/** The kinds of streams that a snapshot takes, and how each is cut into chunks. */
public final class StreamSaver {
    /** Name of the stream that holds the object graph. */
    public static final String OBJECTS = "objects";

    private StreamSaver() {}

    public static SavedStream stream(PackWriter pack, int index, InputStream in)
            throws IOException {
        return ChunkSaver.save(
                pack,
                new StreamFeed(in),
                ChunkFormat.CHUNK_BYTES,
                index,
                StreamInfo.Kind.OBJECTS,
                OBJECTS);
    }

    public static SavedStream objects(PackWriter pack, int index, MemorySegment bytes)
            throws IOException {
        List<ByteRange> all =
                bytes.byteSize() == 0 ? List.of() : List.of(new ByteRange(0, bytes.byteSize()));
        return save(
                pack,
                index,
                StreamInfo.Kind.OBJECTS,
                OBJECTS,
                ByteSource.of(bytes),
                bytes.byteSize(),
                all);
    }

    public static SavedStream memory(
            PackWriter pack,
            int index,
            String region,
            FileChannel file,
            long lengthBytes,
            List<ByteRange> ranges)
            throws IOException {
        return save(
                pack,
                index,
                StreamInfo.Kind.MEMORY,
                region,
                ByteSource.of(file),
                lengthBytes,
                ranges);
    }

    public static SavedStream memory(
            PackWriter pack, int index, String region, MemorySegment mapped, List<ByteRange> ranges)
            throws IOException {
        return save(
                pack,
                index,
                StreamInfo.Kind.MEMORY,
                region,
                ByteSource.of(mapped),
                mapped.byteSize(),
                ranges);
    }

    private static SavedStream save(
            PackWriter pack,
            int index,
            StreamInfo.Kind kind,
            String name,
            ByteSource source,
            long lengthBytes,
            List<ByteRange> ranges)
            throws IOException {
        checkRanges(name, lengthBytes, ranges);
        RangeFeed feed =
                new RangeFeed(source, lengthBytes, ChunkFormat.CHUNK_BYTES, List.copyOf(ranges));
        return ChunkSaver.save(pack, feed, ChunkFormat.CHUNK_BYTES, index, kind, name);
    }

    private static void checkRanges(String name, long lengthBytes, List<ByteRange> ranges)
            throws SnapshotException {
        long free = 0;
        for (ByteRange range : ranges) {
            if (range.offset() < free || range.end() > lengthBytes) {
                throw new SnapshotException(
                        Kind.INVALID,
                        "memory region "
                                + name
                                + " of "
                                + lengthBytes
                                + " bytes has a range out of order or bounds at "
                                + range.offset());
            }
            free = range.end();
        }
    }
}
