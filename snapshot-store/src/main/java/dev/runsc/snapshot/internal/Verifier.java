package dev.runsc.snapshot.internal;

import dev.runsc.snapshot.model.SnapshotException;
import dev.runsc.snapshot.model.SnapshotManifest;
import dev.runsc.snapshot.model.StreamInfo;
import dev.runsc.snapshot.model.Verification;
import dev.runsc.snapshot.model.VerifyReport;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Proves a whole store: every id, page map and chunk by its hash. */
public final class Verifier {
    private static final int MAX_PROBLEMS = 100;

    private final Database database;

    /** Guarded by this. */
    private final List<String> problems = new ArrayList<>();

    /** Chunks read so far; those shared by snapshots are read once. */
    private final Set<ChunkName> seen = new HashSet<>();

    private final AtomicLong chunks = new AtomicLong();
    private final AtomicLong chunkBytes = new AtomicLong();

    public Verifier(Database database) {
        this.database = database;
    }

    /** Reads everything that some snapshot needs. */
    public VerifyReport verify() throws SnapshotException {
        int snapshots = 0;
        List<SnapshotManifest> manifests = List.of();
        try {
            manifests = Snapshots.list(database);
        } catch (SnapshotException e) {
            problem(e);
        }
        for (SnapshotManifest manifest : manifests) {
            snapshots++;
            try {
                verify(manifest);
            } catch (IOException e) {
                problem(Failures.of(database.store(), "cannot verify", e));
            }
        }
        return new VerifyReport(snapshots, chunks.get(), chunkBytes.get(), problems());
    }

    private void verify(SnapshotManifest manifest) throws IOException {
        byte[] id = HexFormats.parse(manifest.id());
        if (!Arrays.equals(id, Snapshots.idOf(Snapshots.text(database, id)))) {
            throw Failures.damaged(
                    database.store(),
                    "the manifest of snapshot " + manifest.id() + " does not have its hash");
        }
        for (StreamInfo stream : manifest.streams()) {
            PageMap map = PageMap.load(database, id, stream);
            ChunkHash hash = new ChunkHash();
            ByteArrayOutputStream hashes = new ByteArrayOutputStream();
            for (byte[] segment : map.segments()) {
                hashes.writeBytes(hash.of(segment));
            }
            if (!HexFormats.hex(hash.of(hashes.toByteArray())).equals(stream.mapSha256())) {
                throw Failures.damaged(
                        database.store(),
                        "the page map of " + stream.name() + " does not have its hash");
            }
            verify(manifest, stream, map);
        }
    }

    private void verify(SnapshotManifest manifest, StreamInfo stream, PageMap map)
            throws IOException {
        int[] unseen = new int[map.count()];
        int count = 0;
        for (int i = 0; i < map.count(); i++) {
            if (seen.add(map.name(i))) {
                unseen[count++] = i;
            }
        }
        int total = count;
        AtomicInteger next = new AtomicInteger();
        Workers.run(
                Workers.threadsFor(total),
                "snapshot-verify-",
                run -> {
                    ChunkLoader loader =
                            new ChunkLoader(database, stream.chunkBytes(), Verification.HASH);
                    for (int i = next.getAndIncrement();
                            i < total && !run.failed();
                            i = next.getAndIncrement()) {
                        try {
                            chunkBytes.addAndGet(loader.load(map, unseen[i]).remaining());
                            chunks.incrementAndGet();
                        } catch (SnapshotException e) {
                            problem(
                                    new SnapshotException(
                                            e.kind(),
                                            "snapshot " + manifest.id() + ": " + e.getMessage(),
                                            e));
                        }
                    }
                });
    }

    private synchronized void problem(SnapshotException problem) {
        if (problems.size() < MAX_PROBLEMS) {
            problems.add(String.valueOf(problem.getMessage()));
        }
    }

    private synchronized List<String> problems() {
        return List.copyOf(problems);
    }
}
