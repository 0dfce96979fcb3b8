package dev.runsc.snapshot.internal;

import dev.runsc.snapshot.model.SnapshotException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.rocksdb.EnvOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileWriter;

/**
 * The new chunks of one save, written as RocksDB table files beside the database, in the order in
 * which they come. Used by several threads at once; closing removes what was not taken in.
 */
public final class PackWriter implements AutoCloseable {
    /**
     * A pack goes on in a further file at this size, so that one can be rewritten without the rest.
     */
    static final long MAX_FILE_BYTES = 2L << 30;

    /** Low bits of a pack's number, chosen at random beside the milliseconds. */
    private static final int RANDOM_BITS = 21;

    private final StoreFiles files;

    /** The store as it stood at the start; its chunks are not written again. */
    private final @Nullable Database known;

    private final long pack;
    private final Path folder;
    private final Map<ChunkName, ChunkPlace> added = new ConcurrentHashMap<>();

    private final AtomicLong takenBytes = new AtomicLong();

    /** Guarded by this, as all that follows. */
    private final List<Path> tables = new ArrayList<>();

    private final EnvOptions environment;
    private final Options options;
    private final ByteBuffer key = ByteBuffer.allocateDirect(Keys.CHUNK_KEY_BYTES);
    private @Nullable SstFileWriter table;
    private long tableBytes;
    private long packBytes;
    private int nextSequence;
    private boolean knownClosed;
    private boolean closed;

    private PackWriter(StoreFiles files, @Nullable Database known, long pack, Path folder) {
        this.files = files;
        this.known = known;
        this.pack = pack;
        this.folder = folder;
        environment = new EnvOptions();
        options = DatabaseOptions.table();
    }

    /**
     * Starts a pack under a number of its own.
     *
     * @param known the database as it stands; closed with the pack, or here if this fails
     */
    public static PackWriter create(StoreFiles files, @Nullable Database known)
            throws SnapshotException {
        try {
            NativeLibraries.loadRocksDb();
            while (true) {
                long random = ThreadLocalRandom.current().nextLong(1L << RANDOM_BITS);
                long pack = (System.currentTimeMillis() << RANDOM_BITS) | random;
                Path folder = files.staging().resolve(HexFormats.hex16(pack));
                try {
                    Files.createDirectory(folder);
                    return new PackWriter(files, known, pack, folder);
                } catch (FileAlreadyExistsException taken) {
                    Thread.onSpinWait();
                }
            }
        } catch (IOException e) {
            if (known != null) {
                known.close();
            }
            throw Failures.of(files.dir(), "cannot start a snapshot", e);
        }
    }

    public long pack() {
        return pack;
    }

    /** What of the sources has been through so far. */
    public long takenBytes() {
        return takenBytes.get();
    }

    void noteTaken(int bytes) {
        takenBytes.addAndGet(bytes);
    }

    /** Where a chunk is already, in the store or in this pack; null when it must be written. */
    @Nullable ChunkPlace find(ChunkName name, int rawBytes) throws SnapshotException {
        ChunkPlace place = added.get(name);
        if (place == null && known != null) {
            byte[] record = known.get(Keys.chunkName(name.bytes()), ChunkPlace.BYTES);
            if (record != null) {
                place = ChunkPlace.decode(record);
                if (place == null) {
                    throw Failures.damaged(
                            files.dir(), "the place of chunk " + name + " is garbled");
                }
            }
        }
        if (place != null && place.rawBytes() != rawBytes) {
            throw Failures.damaged(files.dir(), "chunk " + name + " has another length");
        }
        return place;
    }

    /** Adds a chunk in stored form, unless another thread just did. */
    synchronized ChunkPlace append(ChunkName name, int rawBytes, ByteBuffer stored)
            throws SnapshotException {
        ChunkPlace present = added.get(name);
        if (present != null) {
            return present;
        }
        if (closed) {
            throw new IllegalStateException("the pack is closed");
        }
        int storedBytes = stored.remaining();
        ChunkPlace place = new ChunkPlace(pack, nextSequence, rawBytes, storedBytes);
        try {
            SstFileWriter writer = table;
            if (writer == null) {
                writer = openTable();
            }
            key.clear().put(Keys.CHUNK).putLong(pack).putInt(nextSequence).flip();
            writer.put(key, stored);
            nextSequence++;
            tableBytes += storedBytes;
            packBytes += storedBytes;
            if (tableBytes >= MAX_FILE_BYTES) {
                finishTable();
            }
        } catch (RocksDBException e) {
            throw Failures.of(files.dir(), "cannot write chunks", e);
        }
        added.put(name, place);
        return place;
    }

    private SstFileWriter openTable() throws RocksDBException {
        Path path = folder.resolve(tables.size() + ".sst");
        SstFileWriter writer = new SstFileWriter(environment, options);
        table = writer;
        tables.add(path);
        writer.open(path.toString());
        tableBytes = 0;
        return writer;
    }

    private void finishTable() throws RocksDBException {
        SstFileWriter writer = table;
        if (writer != null) {
            try {
                writer.finish();
            } finally {
                writer.close();
                table = null;
            }
        }
    }

    /** Makes all chunks durable and gives the files that hold them. */
    public synchronized List<Path> finish() throws SnapshotException {
        try {
            finishTable();
        } catch (RocksDBException e) {
            throw Failures.of(files.dir(), "cannot write chunks", e);
        }
        // All questions are answered; what only reads must not keep the publisher from cleaning up.
        closeKnown();
        return List.copyOf(tables);
    }

    /** Chunks written so far. */
    synchronized int chunks() {
        return nextSequence;
    }

    /** Bytes that these take. */
    synchronized long storedBytes() {
        return packBytes;
    }

    private void closeKnown() {
        if (known != null && !knownClosed) {
            knownClosed = true;
            known.close();
        }
    }

    /** The chunks written here, after {@link #finish}. */
    public Map<ChunkName, ChunkPlace> added() {
        return added;
    }

    @Override
    public synchronized void close() throws SnapshotException {
        if (closed) {
            return;
        }
        closed = true;
        if (table != null) {
            table.close();
            table = null;
        }
        closeKnown();
        options.close();
        environment.close();
        try {
            for (Path path : tables) {
                Files.deleteIfExists(path);
            }
            Files.deleteIfExists(folder);
        } catch (IOException e) {
            throw Failures.of(files.dir(), "cannot remove temporary files", e);
        }
    }
}
