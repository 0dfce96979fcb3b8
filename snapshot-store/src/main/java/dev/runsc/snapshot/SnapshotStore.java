package dev.runsc.snapshot;

import dev.runsc.snapshot.internal.Collector;
import dev.runsc.snapshot.internal.Database;
import dev.runsc.snapshot.internal.NativeLibraries;
import dev.runsc.snapshot.internal.PackWriter;
import dev.runsc.snapshot.internal.Publisher;
import dev.runsc.snapshot.internal.Snapshots;
import dev.runsc.snapshot.internal.StoreFiles;
import dev.runsc.snapshot.internal.StoreHead;
import dev.runsc.snapshot.internal.StoreLock;
import dev.runsc.snapshot.internal.Verifier;
import dev.runsc.snapshot.model.Access;
import dev.runsc.snapshot.model.GcReport;
import dev.runsc.snapshot.model.SnapshotException;
import dev.runsc.snapshot.model.SnapshotManifest;
import dev.runsc.snapshot.model.Verification;
import dev.runsc.snapshot.model.VerifyReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A directory of snapshots. Opened for reading, it shows the store as it was then, until {@link
 * #refresh}; else every question is answered from its present state. The database is open for
 * writing only for the milliseconds of a change, so commands that save, restore and list at the
 * same time hardly ever wait for one another.
 */
public final class SnapshotStore implements AutoCloseable {
    /** How long a command waits for others before it gives up. */
    public static final Duration DEFAULT_WAIT = Duration.ofSeconds(30);

    private final StoreFiles files;
    private final Access access;
    private final long waitNanos;

    /** Opened for reading: the database as it was then; null when nothing was saved yet. */
    private @Nullable Database view;

    private boolean closed;

    private SnapshotStore(StoreFiles files, Access access, long waitNanos) {
        this.files = files;
        this.access = access;
        this.waitNanos = waitNanos;
    }

    public static SnapshotStore open(Path directory, Access access) throws SnapshotException {
        return open(directory, access, DEFAULT_WAIT);
    }

    /**
     * Opens a store.
     *
     * @param wait how long to wait for other commands, here and in everything done later
     * @throws SnapshotException if the directory is missing, empty, no store, of another format or
     *     damaged; with {@link Access#CREATE}, the first two are no failures
     */
    public static SnapshotStore open(Path directory, Access access, Duration wait)
            throws SnapshotException {
        loadAhead();
        SnapshotStore store = new SnapshotStore(new StoreFiles(directory), access, wait.toNanos());
        if (access == Access.READ_ONLY) {
            store.refresh();
        } else if (access == Access.READ_WRITE && StoreHead.find(store.files) == null) {
            throw store.files.whyNoHead();
        }
        return store;
    }

    /**
     * Starts to load libraries, some 40 ms of work, in a thread of its own. Opening does so too;
     * this is for commands that have something else to do first.
     */
    public static void loadAhead() {
        NativeLibraries.loadAhead();
    }

    public Path directory() {
        return files.dir();
    }

    /** Looks at a store that is open for reading again: snapshots published since show up. */
    public synchronized void refresh() throws SnapshotException {
        requireOpen();
        if (access != Access.READ_ONLY) {
            return;
        }
        Database fresh = Database.openView(files, waitNanos);
        if (view != null) {
            view.close();
        }
        view = fresh;
    }

    /** The store as it stands, for writers: nothing of ours may be missing but everything. */
    private @Nullable Database present() throws SnapshotException {
        if (access == Access.CREATE && StoreHead.find(files) == null) {
            SnapshotException why = files.whyNoHead();
            boolean nothingYet =
                    switch (why.kind()) {
                        case MISSING, EMPTY -> true;
                        // Other files in the directory do not hinder: ours have names of their own.
                        case NOT_A_STORE -> Files.isDirectory(files.dir());
                        default -> false;
                    };
            if (nothingYet) {
                return null;
            }
        }
        return Database.openView(files, waitNanos);
    }

    /** One use of the database, to be closed; null when nothing was published yet. */
    private synchronized @Nullable Database use() throws SnapshotException {
        requireOpen();
        if (access == Access.READ_ONLY) {
            return view == null ? null : view.retain();
        }
        return present();
    }

    /** Starts a snapshot; it exists only once it is published. */
    public SnapshotWriter begin() throws SnapshotException {
        requireWritable();
        files.createDirectories();
        sweepLeftovers();
        StoreLock.Held lease = StoreLock.shared(files.dir(), files.leaseLock(), waitNanos);
        boolean begun = false;
        try {
            // Looked at under the lease: a collection cannot take away what is found here.
            PackWriter pack = PackWriter.create(files, present());
            begun = true;
            return new SnapshotWriter(new Publisher(files, waitNanos), lease, pack);
        } finally {
            if (!begun) {
                lease.close();
            }
        }
    }

    /** A save that was killed left files behind; remove them when no other save is under way. */
    private void sweepLeftovers() throws SnapshotException {
        if (!Collector.hasLeftovers(files)) {
            return;
        }
        try (StoreLock.Held _ = StoreLock.exclusive(files.dir(), files.leaseLock(), 0)) {
            Collector.sweepStaging(files);
        } catch (SnapshotException e) {
            if (e.kind() != SnapshotException.Kind.BUSY) {
                throw e;
            }
        }
    }

    /** The snapshot published last; fails with EMPTY when there is none. */
    public SnapshotManifest newest() throws SnapshotException {
        try (Database database = use()) {
            SnapshotManifest newest = database == null ? null : Snapshots.newest(database);
            if (newest == null) {
                throw files.empty();
            }
            return newest;
        }
    }

    /** The snapshot with that name or id, or the one whose id starts so; NOT_FOUND, AMBIGUOUS. */
    public SnapshotManifest find(String wanted) throws SnapshotException {
        try (Database database = use()) {
            if (database == null) {
                throw Snapshots.notFound(files.dir(), wanted);
            }
            return Snapshots.find(database, wanted);
        }
    }

    /** All snapshots, oldest first. */
    public List<SnapshotManifest> list() throws SnapshotException {
        try (Database database = use()) {
            return database == null ? List.of() : Snapshots.list(database);
        }
    }

    /** Names, and the ids of the snapshots that have them. */
    public Map<String, String> names() throws SnapshotException {
        try (Database database = use()) {
            return database == null ? Map.of() : Snapshots.names(database);
        }
    }

    /** Opens a snapshot for reading, proving each chunk by its checksum. */
    public SnapshotReader read(SnapshotManifest manifest) throws SnapshotException {
        return read(manifest, Verification.CHECKSUM);
    }

    /** Opens a snapshot for reading; it stays readable whatever others do, until it is closed. */
    public SnapshotReader read(SnapshotManifest manifest, Verification verification)
            throws SnapshotException {
        Database database = use();
        if (database == null) {
            throw Snapshots.notFound(files.dir(), manifest.id());
        }
        return new SnapshotReader(database, manifest, verification);
    }

    /** Forgets a snapshot, and the names it has; {@link #gc} then frees the space. */
    public void delete(String wanted) throws SnapshotException {
        requireWritable();
        new Publisher(files, waitNanos).delete(wanted);
    }

    /** Gives a snapshot a name, which it takes from another if need be. */
    public void name(String name, String wanted) throws SnapshotException {
        requireWritable();
        new Publisher(files, waitNanos).name(name, wanted);
    }

    /** Removes a name. */
    public void unname(String name) throws SnapshotException {
        requireWritable();
        new Publisher(files, waitNanos).unname(name);
    }

    /** Reads and hashes everything that some snapshot needs. */
    public VerifyReport verify() throws SnapshotException {
        try (Database database = use()) {
            return database == null
                    ? new VerifyReport(0, 0, 0, List.of())
                    : new Verifier(database).verify();
        }
    }

    /**
     * Removes chunks that no snapshot needs, and what killed commands left. Waits for saves under
     * way and keeps new ones waiting; restores go on.
     *
     * @param thorough rewrites packs even for a few dead chunks
     */
    public GcReport gc(boolean thorough) throws SnapshotException {
        requireWritable();
        return new Collector(files, waitNanos, thorough).collect();
    }

    private synchronized void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the snapshot store is closed");
        }
    }

    private void requireWritable() {
        requireOpen();
        if (access == Access.READ_ONLY) {
            throw new IllegalStateException("the snapshot store was opened for reading only");
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (view != null) {
            view.close();
            view = null;
        }
    }
}
