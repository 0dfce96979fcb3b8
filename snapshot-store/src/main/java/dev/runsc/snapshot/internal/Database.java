package dev.runsc.snapshot.internal;

import dev.runsc.snapshot.model.SnapshotException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.LiveFileMetaData;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * One open RocksDB, for reading or for writing. Table files are opened when they are first needed,
 * so that opening does not grow with the store; therefore a reader holds the readers' lock, without
 * which no table is removed.
 *
 * <p>Reading is safe from several threads. Users are counted: the native part goes away when the
 * opener and everybody who called {@link #retain} have closed.
 */
public final class Database implements AutoCloseable {
    /** Longest key this store writes: a snapshot's name. */
    private static final int MAX_KEY_BYTES = 1024;

    private static final int FIRST_READ_BYTES = 16 << 10;

    /** Metadata files in level 0 that are merged into one before the next is added. */
    private static final int MAX_LEVEL0_FILES = 12;

    private final Path store;
    private final Options options;
    private final ReadOptions readOptions;
    private final RocksDB rocks;

    /** Given back with the database; null where the opener holds its locks itself. */
    private final StoreLock.@Nullable Held lock;

    private int users = 1;

    private Database(Path store, Options options, RocksDB rocks, StoreLock.@Nullable Held lock) {
        this.store = store;
        this.options = options;
        this.rocks = rocks;
        this.lock = lock;
        this.readOptions = new ReadOptions().setFillCache(false);
    }

    /**
     * Opens a store as it stands, for reading; waits at most so long for a change under way.
     *
     * @return null when nothing was ever published, though the store was created
     */
    public static @Nullable Database openView(StoreFiles files, long waitNanos)
            throws SnapshotException {
        if (StoreHead.find(files) == null) {
            throw files.whyNoHead();
        }
        StoreLock.Held readers = StoreLock.shared(files.dir(), files.readersLock(), waitNanos);
        Database opened = null;
        boolean done = false;
        try (StoreLock.Held _ = StoreLock.shared(files.dir(), files.gateLock(), waitNanos)) {
            StoreHead head = StoreHead.find(files);
            if (head == null) {
                throw files.whyNoHead();
            }
            if (files.hasDatabase()) {
                opened = openReadOnly(files, readers);
                Snapshots.checkNotBehind(opened, head);
            } else if (head.generation() > 0) {
                throw files.databaseGone();
            }
            done = true;
            return opened;
        } finally {
            if (opened == null) {
                readers.close();
            } else if (!done) {
                opened.close();
            }
        }
    }

    /** Opens for reading; the caller keeps writers out of the gate meanwhile. */
    private static Database openReadOnly(StoreFiles files, StoreLock.Held readers)
            throws SnapshotException {
        JournalCheck.check(files);
        NativeLibraries.loadRocksDb();
        Options options = DatabaseOptions.database(false);
        try {
            RocksDB rocks = RocksDB.openReadOnly(options, files.database().toString());
            return new Database(files.dir(), options, rocks, readers);
        } catch (RocksDBException e) {
            options.close();
            throw Failures.of(files.dir(), "cannot open its database", e);
        }
    }

    /** Opens for writing; the caller holds the write lock and the gate. */
    public static Database openReadWrite(StoreFiles files, boolean create)
            throws SnapshotException {
        if (files.hasDatabase()) {
            JournalCheck.check(files);
        }
        NativeLibraries.loadRocksDb();
        Options options = DatabaseOptions.database(create);
        try {
            RocksDB rocks = RocksDB.open(options, files.database().toString());
            return new Database(files.dir(), options, rocks, null);
        } catch (RocksDBException e) {
            options.close();
            throw Failures.of(files.dir(), "cannot open its database", e);
        }
    }

    /** Directory of the store, for messages. */
    public Path store() {
        return store;
    }

    /** Adds a user, who closes once more. */
    public synchronized Database retain() {
        if (users == 0) {
            throw new IllegalStateException("the snapshot store is closed");
        }
        users++;
        return this;
    }

    @Override
    public synchronized void close() {
        if (users == 0 || --users > 0) {
            return;
        }
        readOptions.close();
        rocks.close();
        options.close();
        if (lock != null) {
            lock.close();
        }
    }

    /**
     * Opens all tables that hold keys of the ranges given, and those of all records but chunks,
     * then gives the readers' lock back: what this database reads from now on is there whatever
     * becomes of the names. Does nothing in a store of more tables than stay open.
     *
     * @param ranges pairs of a first key and the key behind the last
     */
    public void detach(List<byte[][]> ranges) throws SnapshotException {
        List<LiveFileMetaData> tables = rocks.getLiveFilesMetaData();
        if (lock == null || tables.size() > DatabaseOptions.MAX_OPEN_TABLES / 2) {
            return;
        }
        try (RocksIterator iterator = rocks.newIterator(readOptions)) {
            for (LiveFileMetaData table : tables) {
                byte[] first = table.smallestKey();
                byte[] last = table.largestKey();
                boolean needed =
                        last[0] != Keys.CHUNK
                                || ranges.stream().anyMatch(range -> meets(range, first, last));
                if (needed) {
                    iterator.seek(first);
                }
            }
            iterator.status();
        } catch (RocksDBException e) {
            throw Failures.of(store, "cannot open its tables", e);
        }
        lock.close();
    }

    private static boolean meets(byte[][] range, byte[] first, byte[] last) {
        return Arrays.compareUnsigned(first, range[1]) < 0
                && Arrays.compareUnsigned(last, range[0]) >= 0;
    }

    /** A whole record, or null; one longer than the limit counts as damage. */
    public byte @Nullable [] get(byte[] key, int limitBytes) throws SnapshotException {
        try {
            byte[] value = new byte[Math.min(FIRST_READ_BYTES, limitBytes)];
            int size = rocks.get(readOptions, key, value);
            if (size == RocksDB.NOT_FOUND) {
                return null;
            }
            if (size > limitBytes) {
                throw Failures.damaged(
                        store, "a record of " + size + " bytes where " + limitBytes + " is most");
            }
            if (size > value.length) {
                value = new byte[size];
                size = rocks.get(readOptions, key, value);
            }
            return size == value.length ? value : Arrays.copyOf(value, size);
        } catch (RocksDBException e) {
            throw Failures.of(store, "cannot read a record", e);
        }
    }

    /**
     * Reads a record into a direct buffer, from its position on, and leaves the limit behind it.
     * Returns the record's full size, which may be above what the buffer took, or -1 for none.
     */
    public int read(ByteBuffer directKey, ByteBuffer directValue) throws SnapshotException {
        try {
            return rocks.get(readOptions, directKey, directValue);
        } catch (RocksDBException e) {
            throw Failures.of(store, "cannot read a chunk", e);
        }
    }

    /** Sees the records of a scan. */
    @FunctionalInterface
    public interface Visitor {
        /** Returns false to end the scan. */
        boolean visit(byte[] key, byte[] value) throws SnapshotException;
    }

    /**
     * Visits all records whose key starts so, in order of keys; only for kinds of small records.
     */
    public void scan(byte[] prefix, Visitor visitor) throws SnapshotException {
        try (RocksIterator iterator = rocks.newIterator(readOptions)) {
            iterator.seek(prefix);
            while (iterator.isValid()) {
                byte[] key = iterator.key();
                if (key.length > MAX_KEY_BYTES
                        || key.length < prefix.length
                        || Arrays.mismatch(key, 0, prefix.length, prefix, 0, prefix.length) >= 0) {
                    break;
                }
                if (!visitor.visit(key, iterator.value())) {
                    break;
                }
                iterator.next();
            }
            iterator.status();
        } catch (RocksDBException e) {
            throw Failures.of(store, "cannot read its records", e);
        }
    }

    /** Key and value of the last record of a kind, or null. */
    public byte @Nullable [][] last(byte kind) throws SnapshotException {
        try (RocksIterator iterator = rocks.newIterator(readOptions)) {
            iterator.seekForPrev(new byte[] {(byte) (kind + 1)});
            byte[][] found = null;
            if (iterator.isValid()) {
                byte[] key = iterator.key();
                if (key.length > 0 && key[0] == kind) {
                    found = new byte[][] {key, iterator.value()};
                }
            }
            iterator.status();
            return found;
        } catch (RocksDBException e) {
            throw Failures.of(store, "cannot read its records", e);
        }
    }

    /** True when some key lies between the two, the first included. */
    public boolean hasKeyWithin(byte[] from, byte[] to) throws SnapshotException {
        try (RocksIterator iterator = rocks.newIterator(readOptions)) {
            iterator.seek(from);
            boolean found = iterator.isValid() && Arrays.compareUnsigned(iterator.key(), to) < 0;
            iterator.status();
            return found;
        } catch (RocksDBException e) {
            throw Failures.of(store, "cannot read its records", e);
        }
    }

    /** Takes finished table files in, all or none; they must lie on the same file system. */
    public void ingest(List<Path> tables) throws SnapshotException {
        try (IngestExternalFileOptions how =
                new IngestExternalFileOptions().setMoveFiles(true).setSnapshotConsistency(false)) {
            rocks.ingestExternalFile(tables.stream().map(Path::toString).toList(), how);
        } catch (RocksDBException e) {
            throw Failures.of(store, "cannot take in new chunks", e);
        }
    }

    /**
     * Applies a batch and makes it durable. There is no log: the batch lies in memory until the
     * flush, which adds it as one table file by one entry of RocksDB's manifest, hence whole.
     */
    public void commit(WriteBatch batch) throws SnapshotException {
        try (WriteOptions unlogged = new WriteOptions().setDisableWAL(true);
                FlushOptions flush = new FlushOptions().setWaitForFlush(true)) {
            rocks.write(unlogged, batch);
            rocks.flush(flush);
        } catch (RocksDBException e) {
            throw Failures.of(store, "cannot write its records", e);
        }
    }

    /** True when the small tables that every commit leaves have become many. */
    public boolean hasManySmallTables() {
        int smallTables = 0;
        for (LiveFileMetaData table : rocks.getLiveFilesMetaData()) {
            if (table.level() == 0) {
                smallTables++;
            }
        }
        return smallTables >= MAX_LEVEL0_FILES;
    }

    /** Merges the tables of everything but chunks. */
    public void mergeRecords() throws SnapshotException {
        compact(Keys.single((byte) (Keys.CHUNK + 1)), Keys.single((byte) 0xff));
    }

    /** Rewrites the tables that hold keys from the first to before the second. */
    public void compact(byte[] from, byte[] to) throws SnapshotException {
        try (CompactRangeOptions how =
                new CompactRangeOptions()
                        .setBottommostLevelCompaction(
                                CompactRangeOptions.BottommostLevelCompaction.kForceOptimized)) {
            rocks.compactRange(rocks.getDefaultColumnFamily(), from, to, how);
        } catch (RocksDBException e) {
            throw Failures.of(store, "cannot compact", e);
        }
    }

    /** Drops the tables that lie wholly in a range. */
    public void deleteTablesInRange(byte[] from, byte[] to) throws SnapshotException {
        try {
            rocks.deleteFilesInRanges(rocks.getDefaultColumnFamily(), List.of(from, to), false);
        } catch (RocksDBException e) {
            throw Failures.of(store, "cannot delete tables", e);
        }
    }

    /** Keeps files that are no longer needed, while others may be opening the database. */
    public void holdFiles() throws SnapshotException {
        try {
            rocks.disableFileDeletions();
        } catch (RocksDBException e) {
            throw Failures.of(store, "cannot hold its files", e);
        }
    }

    /** Removes what {@link #holdFiles} kept. */
    public void releaseFiles() throws SnapshotException {
        try {
            rocks.enableFileDeletions();
        } catch (RocksDBException e) {
            throw Failures.of(store, "cannot release its files", e);
        }
    }

    /** The table files in use, with their ranges of keys. */
    public List<LiveFileMetaData> tables() {
        return rocks.getLiveFilesMetaData();
    }
}
