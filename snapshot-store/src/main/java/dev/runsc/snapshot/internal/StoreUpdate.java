package dev.runsc.snapshot.internal;

import dev.runsc.snapshot.model.SnapshotException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * The database open for one change, alone. Holds the write lock to the end; holds the gate, which
 * keeps others from opening the database, while its files change hands.
 *
 * <p>Readers open tables by name as they go, so tables may be removed only while there are none.
 * RocksDB removes what is no longer needed at the end of a compaction, at closing, and at the next
 * opening for writing. Whoever compacts therefore leaves a mark first and takes it away after; with
 * the mark there, even opening waits for readers to end.
 */
public final class StoreUpdate implements AutoCloseable {
    private final StoreFiles files;
    private final long waitNanos;
    private final StoreLock.Held writeLock;
    private StoreLock.@Nullable Held gate;

    /** Held exclusively while tables may be removed. */
    private StoreLock.@Nullable Held readers;

    private @Nullable Database database;
    private long generation;

    /** True until the first commit of a store that this update created. */
    private boolean unborn;

    private StoreUpdate(
            StoreFiles files, long waitNanos, StoreLock.Held writeLock, StoreLock.Held gate) {
        this.files = files;
        this.waitNanos = waitNanos;
        this.writeLock = writeLock;
        this.gate = gate;
    }

    /** Waits for other writers, at most so long, and opens; creates what is missing if asked to. */
    public static StoreUpdate open(StoreFiles files, long waitNanos, boolean create)
            throws SnapshotException {
        long deadline = System.nanoTime() + waitNanos;
        StoreLock.Held writeLock = StoreLock.exclusive(files.dir(), files.writeLock(), waitNanos);
        StoreUpdate update = null;
        boolean opened = false;
        try {
            long left = Math.max(0, deadline - System.nanoTime());
            StoreLock.Held gate = StoreLock.exclusive(files.dir(), files.gateLock(), left);
            update = new StoreUpdate(files, waitNanos, writeLock, gate);
            update.openDatabase(create);
            opened = true;
            return update;
        } finally {
            if (!opened) {
                if (update != null) {
                    update.close();
                }
                writeLock.close();
            }
        }
    }

    private void openDatabase(boolean create) throws SnapshotException {
        StoreHead head = StoreHead.find(files);
        if (head == null) {
            if (!create || files.hasDatabase()) {
                throw files.whyNoHead();
            }
            head = new StoreHead(StoreHead.FORMAT, 0);
            try {
                unborn = true;
                head.writeDraft(files);
                StoreHead.commitDraft(files);
            } catch (IOException e) {
                throw Failures.of(files.dir(), "cannot create the snapshot store", e);
            }
        }
        if (Files.exists(files.pruneMark())) {
            readers = StoreLock.exclusive(files.dir(), files.readersLock(), waitNanos);
        }
        boolean mayCreate = create && head.generation() == 0;
        if (!mayCreate && !files.hasDatabase()) {
            throw head.generation() == 0
                    ? files.empty()
                    : files.databaseGone();
        }
        Database open = Database.openReadWrite(files, mayCreate);
        database = open;
        Snapshots.checkNotBehind(open, head);
        generation = Math.max(Snapshots.generation(open), head.generation());
        endPruning();
    }

    public Database database() {
        if (database == null) {
            throw new IllegalStateException("the update is closed");
        }
        return database;
    }

    /** Lets readers in while a long work removes no files; see {@link Database#holdFiles}. */
    public void openGate() {
        if (gate != null) {
            gate.close();
            gate = null;
        }
    }

    /** Keeps readers out again. */
    public void closeGate() throws SnapshotException {
        if (gate == null) {
            gate = StoreLock.exclusive(files.dir(), files.gateLock(), waitNanos);
        }
    }

    /** Merges small tables when there are many; leaves it to a later change while others read. */
    public void mergeIfDue() throws SnapshotException {
        if (!database().hasManySmallTables()) {
            return;
        }
        try {
            readers = StoreLock.exclusive(files.dir(), files.readersLock(), 0);
        } catch (SnapshotException e) {
            if (e.kind() == SnapshotException.Kind.BUSY) {
                return;
            }
            throw e;
        }
        markPruning();
        database().mergeRecords();
        endPruning();
    }

    /** From here on the database may hold tables that nobody needs; they are kept. */
    public void beginPruning() throws SnapshotException {
        markPruning();
        database().holdFiles();
    }

    private void markPruning() throws SnapshotException {
        try {
            Files.write(files.pruneMark(), new byte[0]);
        } catch (IOException e) {
            throw Failures.of(files.dir(), "cannot mark a clean-up", e);
        }
    }

    /**
     * Removes the tables that nobody needs, once all readers have ended.
     *
     * @return false when some reader did not end in time: the next change will remove them
     */
    public boolean finishPruning() throws SnapshotException {
        try {
            readers = StoreLock.exclusive(files.dir(), files.readersLock(), waitNanos);
        } catch (SnapshotException e) {
            if (e.kind() == SnapshotException.Kind.BUSY) {
                return false;
            }
            throw e;
        }
        database().releaseFiles();
        endPruning();
        return true;
    }

    private void endPruning() {
        if (readers != null) {
            deleteQuietly(files.pruneMark());
            readers.close();
            readers = null;
        }
    }

    /**
     * Applies a batch as one change, durable on return. The new head is written before and put in
     * place after: the database may be ahead of its head, never behind.
     */
    public void commit(WriteBatch batch) throws SnapshotException {
        try {
            batch.put(
                    Keys.single(Keys.GENERATION), Snapshots.encodeGeneration(generation + 1));
            new StoreHead(StoreHead.FORMAT, generation + 1).writeDraft(files);
            database().commit(batch);
            generation++;
            unborn = false;
            StoreHead.commitDraft(files);
        } catch (IOException e) {
            throw Failures.of(files.dir(), "cannot write its head file", e);
        } catch (RocksDBException e) {
            throw Failures.of(files.dir(), "cannot write its records", e);
        } finally {
            deleteQuietly(files.headDraft());
        }
    }

    @Override
    public void close() {
        try {
            if (database != null) {
                database.close();
                database = null;
            }
            if (unborn) {
                undoCreation();
            }
        } finally {
            if (readers != null) {
                readers.close();
                readers = null;
            }
            openGate();
            writeLock.close();
        }
    }

    /** Removes the database that this update created and could not write its first record to. */
    private void undoCreation() {
        unborn = false;
        deleteQuietly(files.head());
        deleteQuietly(files.headDraft());
        try {
            if (Files.isDirectory(files.database())) {
                for (String name : StoreFiles.list(files.database())) {
                    deleteQuietly(files.database().resolve(name));
                }
            }
        } catch (IOException e) {
            // Without its head the rest is no store; the failure that led here is being reported.
            return;
        }
        deleteQuietly(files.database());
    }

    private static void deleteQuietly(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // Only clears away; the failure that matters is on its way to the caller.
            return;
        }
    }
}
