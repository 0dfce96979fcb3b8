package dev.runsc.snapshot.internal;

import dev.runsc.snapshot.model.GcReport;
import dev.runsc.snapshot.model.SnapshotException;
import dev.runsc.snapshot.model.SnapshotManifest;
import dev.runsc.snapshot.model.StreamInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.rocksdb.LiveFileMetaData;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * Removes what no snapshot needs. Saves are kept out by the lease, for they rely on chunks that no
 * snapshot may name yet. Readers are not: no table is removed before the end, and then only once no
 * reader is left; if one stays for long, the next change of the store removes them.
 */
public final class Collector {
    /** A pack is rewritten when one in so many of its chunks is dead. */
    private static final int REWRITE_SHARE = 4;

    private final StoreFiles files;
    private final long waitNanos;
    private final boolean thorough;

    private final Map<Long, Pack> packs = new TreeMap<>();

    /**
     * @param thorough also rewrites packs with few dead chunks
     */
    public Collector(StoreFiles files, long waitNanos, boolean thorough) {
        this.files = files;
        this.waitNanos = waitNanos;
        this.thorough = thorough;
    }

    /** What is known of one pack. */
    private static final class Pack {
        final BitSet live = new BitSet();

        /** Names of chunks by place, of those that no snapshot needs. */
        final Map<Integer, byte[]> dead = new HashMap<>();

        int chunks;
    }

    /** Collects; waits at most so long for saves under way. */
    public GcReport collect() throws SnapshotException {
        try (StoreLock.Held _ = StoreLock.exclusive(files.dir(), files.leaseLock(), waitNanos)) {
            int leftovers = sweepStaging(files);
            try (StoreUpdate update = StoreUpdate.open(files, waitNanos, false)) {
                return collect(update, leftovers);
            }
        }
    }

    private GcReport collect(StoreUpdate update, int leftovers) throws SnapshotException {
        Database database = update.database();
        long before = sizeBytes(database);
        update.beginPruning();
        findLive(database);
        findChunks(database);
        long removed = 0;
        long kept = 0;
        List<Long> dropped = new ArrayList<>();
        List<Long> rewritten = new ArrayList<>();
        try (WriteBatch batch = new WriteBatch()) {
            for (Map.Entry<Long, Pack> entry : packs.entrySet()) {
                Pack pack = entry.getValue();
                int dead = pack.dead.size();
                if (pack.live.isEmpty()) {
                    dropped.add(entry.getKey());
                    batch.deleteRange(
                            Keys.chunk(entry.getKey(), 0), Keys.chunk(entry.getKey(), -1));
                } else if (dead > 0 && (thorough || dead >= pack.chunks / REWRITE_SHARE)) {
                    rewritten.add(entry.getKey());
                    for (int sequence : pack.dead.keySet()) {
                        batch.delete(Keys.chunk(entry.getKey(), sequence));
                    }
                } else {
                    kept += pack.chunks;
                    continue;
                }
                for (byte[] name : pack.dead.values()) {
                    batch.delete(name);
                }
                removed += dead;
                kept += pack.chunks - dead;
            }
            // The names go first and for good; only then may the bytes go.
            update.commit(batch);
        } catch (RocksDBException e) {
            throw Failures.of(files.dir(), "cannot write its records", e);
        }
        for (long pack : dropped) {
            database.deleteTablesInRange(Keys.chunk(pack, 0), Keys.chunk(pack, -1));
        }
        if (!dropped.isEmpty() || !rewritten.isEmpty()) {
            compact(database, dropped, rewritten);
        }
        long after = sizeBytes(database);
        boolean freed = update.finishPruning(waitNanos);
        return new GcReport(
                removed, kept, dropped.size(), rewritten.size(), before - after, leftovers, freed);
    }

    private static void compact(Database database, List<Long> dropped, List<Long> rewritten)
            throws SnapshotException {
        for (long pack : rewritten) {
            database.compact(Keys.chunk(pack, 0), Keys.chunk(pack, -1));
        }
        for (long pack : dropped) {
            database.compact(Keys.chunk(pack, 0), Keys.chunk(pack, -1));
        }
        database.mergeRecords();
    }

    private void findLive(Database database) throws SnapshotException {
        for (SnapshotManifest manifest : Snapshots.list(database)) {
            byte[] id = HexFormats.parse(manifest.id());
            for (StreamInfo stream : manifest.streams()) {
                PageMap map = PageMap.load(database, id, stream);
                for (int i = 0; i < map.count(); i++) {
                    pack(map.pack(i)).live.set(map.sequence(i));
                }
            }
        }
    }

    private void findChunks(Database database) throws SnapshotException {
        database.scan(
                Keys.single(Keys.CHUNK_NAME),
                (key, value) -> {
                    ChunkPlace place = ChunkPlace.decode(value);
                    if (place == null) {
                        throw Failures.damaged(database.store(), "a chunk's place is garbled");
                    }
                    Pack pack = pack(place.pack());
                    pack.chunks++;
                    if (!pack.live.get(place.sequence())) {
                        pack.dead.put(place.sequence(), key);
                    }
                    return true;
                });
        // A save that died between taking its pack in and its commit left chunks without names.
        for (LiveFileMetaData table : database.tables()) {
            ByteBuffer smallest = ByteBuffer.wrap(table.smallestKey());
            if (smallest.remaining() == Keys.CHUNK_KEY_BYTES && smallest.get() == Keys.CHUNK) {
                pack(smallest.getLong());
            }
        }
    }

    private Pack pack(long number) {
        return packs.computeIfAbsent(number, n -> new Pack());
    }

    private static long sizeBytes(Database database) {
        return database.tables().stream().mapToLong(LiveFileMetaData::size).sum();
    }

    /** True when a save is under way or has died. */
    public static boolean hasLeftovers(StoreFiles files) throws SnapshotException {
        try {
            return !StoreFiles.list(files.staging()).isEmpty();
        } catch (IOException e) {
            throw Failures.of(files.dir(), "cannot look for leftovers", e);
        }
    }

    /** Removes what saves left that died; the caller holds the lease exclusively. */
    public static int sweepStaging(StoreFiles files) throws SnapshotException {
        int removed = 0;
        try {
            if (!Files.isDirectory(files.staging())) {
                return 0;
            }
            for (String pack : StoreFiles.list(files.staging())) {
                Path folder = files.staging().resolve(pack);
                for (String table : StoreFiles.list(folder)) {
                    Files.delete(folder.resolve(table));
                    removed++;
                }
                Files.delete(folder);
            }
            return removed;
        } catch (IOException e) {
            throw Failures.of(files.dir(), "cannot remove leftovers", e);
        }
    }
}
