package dev.runsc.snapshot.internal;

import dev.runsc.snapshot.model.SnapshotException;
import dev.runsc.snapshot.model.SnapshotException.Kind;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Where things lie in the directory of a store.
 *
 * @param dir the directory the user named
 */
public record StoreFiles(Path dir) {
    private static final String HEAD = "runsc-store";
    private static final String DATABASE = "db";
    private static final String LOCKS = "locks";
    private static final String STAGING = "staging";

    /** Disposable images of unpacked memory, shared by restores; not written yet. */
    private static final String CACHE = "cache";

    /** Names that may stand in a directory which nobody has published into. */
    private static final Set<String> OWN_BEFORE_FIRST_SNAPSHOT = Set.of(LOCKS, STAGING, CACHE);

    public Path head() {
        return dir.resolve(HEAD);
    }

    public Path headDraft() {
        return dir.resolve(HEAD + ".new");
    }

    public Path database() {
        return dir.resolve(DATABASE);
    }

    public Path staging() {
        return dir.resolve(STAGING);
    }

    /**
     * Held shared by a save from its first look at the store to its publishing, exclusive by gc.
     */
    public Path leaseLock() {
        return dir.resolve(LOCKS).resolve("lease");
    }

    /** Held by the one process that has the database open for writing. */
    public Path writeLock() {
        return dir.resolve(LOCKS).resolve("write");
    }

    /** Held exclusive while the database changes hands, shared while somebody opens it. */
    public Path gateLock() {
        return dir.resolve(LOCKS).resolve("gate");
    }

    /** Held shared by everybody who reads tables, exclusive while tables are removed. */
    public Path readersLock() {
        return dir.resolve(LOCKS).resolve("readers");
    }

    /** Stands while the database may hold tables that whoever opens it for writing would remove. */
    public Path pruneMark() {
        return dir.resolve(LOCKS).resolve("prune-pending");
    }

    /**
     * True when a database has been created, even by a command that died before its first snapshot.
     */
    public boolean hasDatabase() {
        return Files.exists(database().resolve("CURRENT"), LinkOption.NOFOLLOW_LINKS);
    }

    public void createDirectories() throws SnapshotException {
        try {
            Files.createDirectories(dir);
            Files.createDirectories(dir.resolve(LOCKS));
            Files.createDirectories(staging());
        } catch (IOException e) {
            if (e instanceof FileAlreadyExistsException
                    || String.valueOf(e.getMessage()).contains("Not a directory")) {
                throw new SnapshotException(
                        Kind.NOT_A_STORE,
                        dir + " is not a directory, so it cannot keep snapshots",
                        e);
            }
            throw Failures.of(dir, "cannot create the snapshot store", e);
        }
    }

    /** Says why a directory without head file is no store one can read from. */
    public SnapshotException whyNoHead() {
        List<String> names;
        try {
            names = list(dir);
        } catch (NoSuchFileException e) {
            return new SnapshotException(
                    Kind.MISSING, "snapshot store " + dir + " does not exist", e);
        } catch (NotDirectoryException e) {
            return new SnapshotException(
                    Kind.NOT_A_STORE, dir + " is not a directory, so not a snapshot store", e);
        } catch (IOException e) {
            return Failures.of(dir, "cannot read the directory", e);
        }
        if (OWN_BEFORE_FIRST_SNAPSHOT.containsAll(names)) {
            return empty();
        }
        if (hasDatabase() && names.contains(LOCKS)) {
            return Failures.damaged(dir, "its file " + HEAD + " is missing");
        }
        return new SnapshotException(
                Kind.NOT_A_STORE, dir + " is not a snapshot store: it holds no file " + HEAD);
    }

    public SnapshotException databaseGone() {
        return Failures.damaged(dir, "its database is gone");
    }

    public SnapshotException empty() {
        return new SnapshotException(
                Kind.EMPTY, "no snapshot in " + dir + ": nothing was saved there");
    }

    /** Names in a directory, unsorted. */
    public static List<String> list(Path directory) throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                names.add(String.valueOf(entry.getFileName()));
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return names;
    }

    /** Makes renames and new names in a directory durable. */
    public static void syncDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
