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
 * keeps others from opening the database, while it changes hands.
 *
 * <p>Readers open tables by name as they go, so tables may be removed only while there are none.
 * RocksDB removes what is no longer needed after a compaction, at closing, and at the next opening
 * for writing. Whoever compacts therefore leaves a mark, which goes once all is removed; with the
 * mark there, opening waits for readers to end.
 */
public final class StoreUpdate implements AutoCloseable {
    private final StoreFiles files;
    private final long deadline;
    private final StoreLock.Held writeLock;

    /** Held exclusively, to the end, when tables may be removed. */
    private StoreLock.@Nullable Held readers;

    private StoreLock.@Nullable Held gate;
    private @Nullable Database database;
    private long generation;

    /** True until the first commit of a store that this update created. */
    private boolean unborn;

    /** True when nothing will be left to remove once the database is closed. */
    private boolean pruned;

    private StoreUpdate(StoreFiles files, long deadline, StoreLock.Held writeLock) {
        this.files = files;
        this.deadline = deadline;
        this.writeLock = writeLock;
    }

    /** Waits for other writers, at most so long, and opens; creates what is missing if asked to. */
    public static StoreUpdate open(StoreFiles files, long waitNanos, boolean create)
            throws SnapshotException {
        long deadline = System.nanoTime() + waitNanos;
        StoreLock.Held writeLock = StoreLock.exclusive(files.dir(), files.writeLock(), waitNanos);
        StoreUpdate update = new StoreUpdate(files, deadline, writeLock);
        boolean opened = false;
        try {
            update.openDatabase(create);
            opened = true;
            return update;
        } finally {
            if (!opened) {
                update.close();
            }
        }
    }

    private long waitNanos() {
        return Math.max(0, deadline - System.nanoTime());
    }

    private void openDatabase(boolean create) throws SnapshotException {
        if (Files.exists(files.pruneMark())) {
            readers = StoreLock.exclusive(files.dir(), files.readersLock(), waitNanos());
        }
        gate = StoreLock.exclusive(files.dir(), files.gateLock(), waitNanos());
        StoreHead head = StoreHead.find(files);
        if (head == null) {
            head = createHead(create);
        }
        boolean mayCreate = create && head.generation() == 0;
        if (!mayCreate && !files.hasDatabase()) {
            throw head.generation() == 0 ? files.empty() : files.databaseGone();
        }
        Database open = Database.openReadWrite(files, mayCreate);
        database = open;
        Snapshots.checkNotBehind(open, head);
        generation = Math.max(Snapshots.generation(open), head.generation());
        pruned = readers != null;
    }

    private StoreHead createHead(boolean create) throws SnapshotException {
        if (!create || files.hasDatabase()) {
            throw files.whyNoHead();
        }
        StoreHead head = new StoreHead(StoreHead.FORMAT, 0);
        try {
            unborn = true;
            head.writeDraft(files);
            StoreHead.commitDraft(files);
            return head;
        } catch (IOException e) {
            throw Failures.of(files.dir(), "cannot create the snapshot store", e);
        }
    }

    public Database database() {
        if (database == null) {
            throw new IllegalStateException("the update is closed");
        }
        return database;
    }

    /** Merges small tables when there are many; leaves it to a later change while others read. */
    public void mergeIfDue() throws SnapshotException {
        if (database().hasManySmallTables() && tryReaders(0)) {
            markPruning();
            database().mergeRecords();
            pruned = true;
        }
    }

    /**
     * From here on the database may hold tables that nobody needs. They are kept, so readers may
     * open it all the while.
     */
    public void beginPruning() throws SnapshotException {
        markPruning();
        database().holdFiles();
        if (gate != null) {
            gate.close();
            gate = null;
        }
    }

    private void markPruning() throws SnapshotException {
        pruned = false;
        try {
            Files.write(files.pruneMark(), new byte[0]);
        } catch (IOException e) {
            throw Failures.of(files.dir(), "cannot mark a clean-up", e);
        }
    }

    /**
     * Removes the tables that nobody needs, once all readers have ended.
     *
     * @param wait how long to wait for them
     * @return false when some reader did not end in time: the next change will remove them
     */
    public boolean finishPruning(long wait) throws SnapshotException {
        if (!tryReaders(wait)) {
            return false;
        }
        database().releaseFiles();
        pruned = true;
        return true;
    }

    private boolean tryReaders(long wait) throws SnapshotException {
        if (readers != null) {
            return true;
        }
        try {
            readers = StoreLock.exclusive(files.dir(), files.readersLock(), wait);
            return true;
        } catch (SnapshotException e) {
            if (e.kind() == SnapshotException.Kind.BUSY) {
                return false;
            }
            throw e;
        }
    }

    /**
     * Applies a batch as one change, durable on return. The new head is written before and put in
     * place after: the database may be ahead of its head, never behind.
     */
    public void commit(WriteBatch batch) throws SnapshotException {
        try {
            batch.put(Keys.single(Keys.GENERATION), Snapshots.encodeGeneration(generation + 1));
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
                if (pruned) {
                    deleteQuietly(files.pruneMark());
                }
            }
            if (unborn) {
                undoCreation();
            }
        } finally {
            if (gate != null) {
                gate.close();
            }
            if (readers != null) {
                readers.close();
            }
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
