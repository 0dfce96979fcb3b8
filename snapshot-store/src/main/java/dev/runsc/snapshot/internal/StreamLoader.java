package dev.runsc.snapshot.internal;

import dev.runsc.snapshot.model.SnapshotException;
import dev.runsc.snapshot.model.SnapshotException.Kind;
import dev.runsc.snapshot.model.SnapshotManifest;
import dev.runsc.snapshot.model.StreamInfo;
import dev.runsc.snapshot.model.Verification;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Unpacks whole streams on all cores. */
public final class StreamLoader {
    private StreamLoader() {}

    public static StreamInfo require(
            Database database, SnapshotManifest manifest, StreamInfo.Kind kind, String name)
            throws SnapshotException {
        for (StreamInfo stream : manifest.streams()) {
            if (stream.kind() == kind && stream.name().equals(name)) {
                return stream;
            }
        }
        throw new SnapshotException(
                Kind.NOT_FOUND,
                "snapshot " + manifest.id() + " in " + database.store() + " has no stream " + name);
    }

    /**
     * Fills memory that is zero.
     *
     * @param given counts the bytes that are in
     */
    public static void into(
            Database database,
            StreamInfo stream,
            PageMap map,
            Verification verification,
            AtomicLong given,
            MemorySegment target)
            throws IOException {
        if (target.byteSize() < stream.lengthBytes() || !target.isNative()) {
            throw new SnapshotException(
                    Kind.INVALID,
                    "stream "
                            + stream.name()
                            + " of "
                            + stream.lengthBytes()
                            + " bytes does not fit the memory given");
        }
        run(
                database,
                stream,
                map,
                verification,
                given,
                (loader, entry) -> {
                    ByteBuffer bytes = loader.load(map, entry);
                    MemorySegment from = MemorySegment.ofBuffer(bytes);
                    forEachRun(
                            map,
                            entry,
                            stream.chunkBytes(),
                            (at, length) ->
                                    MemorySegment.copy(
                                            from, at, target, map.offset(entry) + at, length));
                });
    }

    /** Fills a file that reads as zeros; {@code given} counts as above. */
    public static void into(
            Database database,
            StreamInfo stream,
            PageMap map,
            Verification verification,
            AtomicLong given,
            FileChannel target)
            throws IOException {
        run(
                database,
                stream,
                map,
                verification,
                given,
                (loader, entry) -> {
                    ByteBuffer bytes = loader.load(map, entry);
                    forEachRun(
                            map,
                            entry,
                            stream.chunkBytes(),
                            (at, length) ->
                                    writeAll(
                                            target,
                                            bytes.slice(bytes.position() + at, length),
                                            map.offset(entry) + at));
                });
    }

    private static void writeAll(FileChannel target, ByteBuffer bytes, long offset)
            throws IOException {
        long at = offset;
        while (bytes.hasRemaining()) {
            at += target.write(bytes, at);
        }
    }

    /** Puts one chunk where it belongs. */
    @FunctionalInterface
    private interface ChunkSink {
        void put(ChunkLoader loader, int entry) throws IOException;
    }

    /** Gets a stretch of a chunk. */
    @FunctionalInterface
    private interface RunSink {
        void put(int at, int length) throws IOException;
    }

    private static void run(
            Database database,
            StreamInfo stream,
            PageMap map,
            Verification verification,
            AtomicLong given,
            ChunkSink sink)
            throws IOException {
        AtomicInteger next = new AtomicInteger();
        Workers.run(
                Workers.threadsFor(map.count()),
                "snapshot-load-",
                run -> {
                    ChunkLoader loader =
                            new ChunkLoader(database, stream.chunkBytes(), verification);
                    for (int entry = next.getAndIncrement();
                            entry < map.count() && !run.failed();
                            entry = next.getAndIncrement()) {
                        sink.put(loader, entry);
                        given.addAndGet(map.length(entry));
                    }
                });
    }

    /** Calls the sink for each stretch of parts that are not zero. */
    private static void forEachRun(PageMap map, int entry, int chunkBytes, RunSink sink)
            throws IOException {
        int length = map.length(entry);
        int partBytes = ChunkFormat.partBytes(chunkBytes);
        long parts = map.parts(entry);
        while (parts != 0) {
            int first = Long.numberOfTrailingZeros(parts);
            int count = Long.numberOfTrailingZeros(~(parts >>> first));
            int at = first * partBytes;
            if (at >= length) {
                return;
            }
            sink.put(at, Math.min(count * partBytes, length - at));
            int end = first + count;
            parts = end == Long.SIZE ? 0 : parts & -(1L << end);
        }
    }
}
