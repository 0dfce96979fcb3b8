package dev.runsc.snapshot;

import dev.runsc.snapshot.internal.ChunkInputStream;
import dev.runsc.snapshot.internal.ChunkLoader;
import dev.runsc.snapshot.internal.Database;
import dev.runsc.snapshot.internal.HexFormats;
import dev.runsc.snapshot.internal.Keys;
import dev.runsc.snapshot.internal.PageMap;
import dev.runsc.snapshot.internal.StreamLoader;
import dev.runsc.snapshot.model.SnapshotException;
import dev.runsc.snapshot.model.SnapshotManifest;
import dev.runsc.snapshot.model.StreamInfo;
import dev.runsc.snapshot.model.Verification;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Reads one snapshot. It holds its files open: deleting the snapshot, collections and closing the
 * store do not disturb it. Every chunk is proved before its bytes are handed out.
 */
public final class SnapshotReader implements AutoCloseable {
    private final Database database;
    private final SnapshotManifest manifest;
    private final Verification verification;
    private final Map<Integer, PageMap> maps = new HashMap<>();
    private final AtomicLong givenBytes = new AtomicLong();
    private boolean closed;

    /** Takes over one use of the database. */
    SnapshotReader(Database database, SnapshotManifest manifest, Verification verification) {
        this.database = database;
        this.manifest = manifest;
        this.verification = verification;
    }

    public SnapshotManifest manifest() {
        return manifest;
    }

    /** The encoded object graph's stream; fails when the snapshot has none. */
    public StreamInfo objects() throws SnapshotException {
        return StreamLoader.require(database, manifest, StreamInfo.Kind.OBJECTS, "objects");
    }

    /** All memory regions. */
    public List<StreamInfo> memoryRegions() {
        return manifest.streams().stream()
                .filter(stream -> stream.kind() == StreamInfo.Kind.MEMORY)
                .toList();
    }

    /** The memory region of that name; fails when the snapshot has none. */
    public StreamInfo memoryRegion(String name) throws SnapshotException {
        return StreamLoader.require(database, manifest, StreamInfo.Kind.MEMORY, name);
    }

    /** The encoded object graph from front to back. Belongs to the reader: close that later. */
    public InputStream openObjects() throws SnapshotException {
        return open(objects());
    }

    /** A stream from front to back, holes as zeros. Belongs to the reader: close that later. */
    public InputStream open(StreamInfo stream) throws SnapshotException {
        return new ChunkInputStream(loader(stream), map(stream), stream.lengthBytes());
    }

    /** Where the chunks of a stream are. */
    public ChunkMap chunks(StreamInfo stream) throws SnapshotException {
        return new ChunkMap(map(stream));
    }

    /**
     * Unpacks a whole stream on all cores into memory that is zero, at the stream's offsets. What
     * was zero is not touched, so that a sparse memory file stays sparse.
     *
     * @param target native, at least as long as the stream
     */
    public void read(StreamInfo stream, MemorySegment target) throws IOException {
        StreamLoader.into(database, stream, map(stream), verification, givenBytes, target);
    }

    /** Like {@link #read(StreamInfo, MemorySegment)}, by writing to a file that reads as zeros. */
    public void read(StreamInfo stream, FileChannel target) throws IOException {
        StreamLoader.into(database, stream, map(stream), verification, givenBytes, target);
    }

    /** How many bytes of whole streams have been unpacked so far; any thread asks. */
    public long givenBytes() {
        return givenBytes.get();
    }

    /** Loads single chunks of a stream, for restoring on demand; one per thread. */
    public ChunkSource chunkSource(StreamInfo stream) throws SnapshotException {
        return new ChunkSource(loader(stream), map(stream));
    }

    /**
     * Makes this reader independent of what others do to the store, for one that stays open for
     * long: until then, changes that free space wait for it. Loads all page maps and opens all
     * files that it will need.
     */
    public void detach() throws SnapshotException {
        Set<Long> packs = new TreeSet<>();
        for (StreamInfo stream : manifest.streams()) {
            PageMap map = map(stream);
            for (int i = 0; i < map.count(); i++) {
                packs.add(map.pack(i));
            }
        }
        List<byte[][]> ranges = new ArrayList<>();
        for (long pack : packs) {
            ranges.add(new byte[][] {Keys.chunk(pack, 0), Keys.chunk(pack, -1)});
        }
        database.detach(ranges);
    }

    private ChunkLoader loader(StreamInfo stream) throws SnapshotException {
        return new ChunkLoader(database, stream.chunkBytes(), verification);
    }

    private synchronized PageMap map(StreamInfo stream) throws SnapshotException {
        if (closed) {
            throw new IllegalStateException("the snapshot reader is closed");
        }
        PageMap map = maps.get(stream.index());
        if (map == null) {
            map = PageMap.load(database, HexFormats.parse(manifest.id()), stream);
            maps.put(stream.index(), map);
        }
        return map;
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            database.close();
        }
    }

    /** The chunks of a stream that are not zero, in order of offsets. */
    public static final class ChunkMap {
        private final PageMap map;

        private ChunkMap(PageMap map) {
            this.map = map;
        }

        /** How many there are. */
        public int count() {
            return map.count();
        }

        /** Where a chunk starts in the stream. */
        public long offset(int index) {
            return map.offset(index);
        }

        /** How many bytes of the stream it covers. */
        public int length(int index) {
            return map.length(index);
        }

        /** Bit i is set when the i-th of 64 equal parts of the chunk is not all zero. */
        public long parts(int index) {
            return map.parts(index);
        }

        /**
         * The chunk that covers an offset, or else the next one; {@link #count} if there is none.
         */
        public int search(long offset) {
            return map.search(offset);
        }
    }

    /** Loads single chunks; belongs to one thread. */
    public static final class ChunkSource {
        private final ChunkLoader loader;
        private final PageMap map;

        private ChunkSource(ChunkLoader loader, PageMap map) {
            this.loader = loader;
            this.map = map;
        }

        /** The bytes of a chunk, proved; a direct buffer that is valid until the next call. */
        public ByteBuffer load(int index) throws SnapshotException {
            return loader.load(map, index).asReadOnlyBuffer();
        }
    }
}
