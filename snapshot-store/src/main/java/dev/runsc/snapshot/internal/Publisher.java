package dev.runsc.snapshot.internal;

import dev.runsc.snapshot.model.SnapshotDescription;
import dev.runsc.snapshot.model.SnapshotException;
import dev.runsc.snapshot.model.SnapshotException.Kind;
import dev.runsc.snapshot.model.SnapshotManifest;
import dev.runsc.snapshot.model.StreamInfo;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/** The changes of a store's list of snapshots, each of them atomic and durable. */
public final class Publisher {
    private final StoreFiles files;
    private final long waitNanos;

    public Publisher(StoreFiles files, long waitNanos) {
        this.files = files;
        this.waitNanos = waitNanos;
    }

    /** Takes a pack in and makes the snapshot the newest. */
    public SnapshotManifest publish(
            PackWriter pack, List<ChunkSaver.SavedStream> streams, SnapshotDescription description)
            throws SnapshotException {
        List<Path> tables = pack.finish();
        try (StoreUpdate update = StoreUpdate.open(files, waitNanos, true)) {
            Database database = update.database();
            byte[] from = Keys.chunk(pack.pack(), 0);
            byte[] to = Keys.chunk(pack.pack(), -1);
            if (database.hasKeyWithin(from, to)) {
                throw new SnapshotException(
                        Kind.BUSY, "another snapshot took the same pack number; try again");
            }
            update.mergeIfDue();
            if (!tables.isEmpty()) {
                database.ingest(tables);
            }
            try {
                return commit(update, pack, streams, description);
            } catch (SnapshotException e) {
                try {
                    database.deleteTablesInRange(from, to);
                } catch (SnapshotException alsoFailed) {
                    e.addSuppressed(alsoFailed);
                }
                throw e;
            }
        }
    }

    private SnapshotManifest commit(
            StoreUpdate update,
            PackWriter pack,
            List<ChunkSaver.SavedStream> streams,
            SnapshotDescription description)
            throws SnapshotException {
        long sequence = Snapshots.nextSequence(update.database());
        SnapshotManifest draft =
                new SnapshotManifest(
                        ManifestJson.FORMAT_VERSION,
                        "",
                        sequence,
                        System.currentTimeMillis(),
                        description,
                        streams.stream().map(ChunkSaver.SavedStream::info).toList());
        byte[] text = ManifestJson.write(draft);
        if (text.length > ManifestJson.MAX_BYTES) {
            throw new SnapshotException(
                    Kind.INVALID, "the description of the snapshot is too long: " + text.length);
        }
        byte[] id = Snapshots.idOf(text);
        try (WriteBatch batch = new WriteBatch()) {
            for (Map.Entry<ChunkName, ChunkPlace> chunk : pack.added().entrySet()) {
                batch.put(Keys.chunkName(chunk.getKey().bytes()), chunk.getValue().encode());
            }
            for (ChunkSaver.SavedStream stream : streams) {
                int segment = 0;
                for (byte[] entries : stream.map()) {
                    batch.put(Keys.pageMap(id, stream.info().index(), segment++), entries);
                }
            }
            batch.put(Keys.manifest(id), Snapshots.encodeManifest(text));
            batch.put(Keys.sequence(sequence), id);
            if (description.name() != null) {
                batch.put(Keys.name(description.name()), id);
            }
            update.commit(batch);
        } catch (RocksDBException e) {
            throw Failures.of(files.dir(), "cannot write its records", e);
        }
        return new SnapshotManifest(
                draft.formatVersion(),
                HexFormats.hex(id),
                sequence,
                draft.createdAtMillis(),
                description,
                draft.streams());
    }

    /** Forgets a snapshot; its chunks stay until a collection. */
    public SnapshotManifest delete(String wanted) throws SnapshotException {
        try (StoreUpdate update = StoreUpdate.open(files, waitNanos, false);
                WriteBatch batch = new WriteBatch()) {
            Database database = update.database();
            SnapshotManifest manifest = Snapshots.find(database, wanted);
            byte[] id = HexFormats.parse(manifest.id());
            batch.delete(Keys.manifest(id));
            batch.delete(Keys.sequence(manifest.sequence()));
            for (StreamInfo stream : manifest.streams()) {
                int segments = Math.ceilDiv(stream.chunkCount(), PageMap.SEGMENT_ENTRIES);
                for (int i = 0; i < segments; i++) {
                    batch.delete(Keys.pageMap(id, stream.index(), i));
                }
            }
            for (Map.Entry<String, String> name : Snapshots.names(database).entrySet()) {
                if (name.getValue().equals(manifest.id())) {
                    batch.delete(Keys.name(name.getKey()));
                }
            }
            update.commit(batch);
            return manifest;
        } catch (RocksDBException e) {
            throw Failures.of(files.dir(), "cannot write its records", e);
        }
    }

    /** Lets a name point to a snapshot, from now on and whatever it pointed to before. */
    public void name(String name, String wanted) throws SnapshotException {
        requireName(name);
        try (StoreUpdate update = StoreUpdate.open(files, waitNanos, false);
                WriteBatch batch = new WriteBatch()) {
            SnapshotManifest manifest = Snapshots.find(update.database(), wanted);
            batch.put(Keys.name(name), HexFormats.parse(manifest.id()));
            update.commit(batch);
        } catch (RocksDBException e) {
            throw Failures.of(files.dir(), "cannot write its records", e);
        }
    }

    /** Removes a name; the snapshot stays. */
    public void unname(String name) throws SnapshotException {
        requireName(name);
        try (StoreUpdate update = StoreUpdate.open(files, waitNanos, false);
                WriteBatch batch = new WriteBatch()) {
            if (update.database().get(Keys.name(name), Keys.ID_BYTES) == null) {
                throw Snapshots.notFound(files.dir(), name);
            }
            batch.delete(Keys.name(name));
            update.commit(batch);
        } catch (RocksDBException e) {
            throw Failures.of(files.dir(), "cannot write its records", e);
        }
    }

    /** Fails for a name that cannot be one. */
    public static void requireName(String name) throws SnapshotException {
        if (!Snapshots.isName(name)) {
            throw new SnapshotException(
                    Kind.INVALID,
                    "bad snapshot name '"
                            + name.substring(0, Math.min(name.length(), 64))
                            + "': letters, digits, dot, dash and underscore, at most 128");
        }
    }
}
