package dev.runsc.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.snapshot.model.Access;
import dev.runsc.snapshot.model.GcReport;
import dev.runsc.snapshot.model.SnapshotManifest;
import dev.runsc.snapshot.model.VerifyReport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that is killed at any moment leaves the store as it was before or after a change. */
class CrashTest {
    /** Each costs about a second; replay or lengthen with the properties. */
    private static final int ROUNDS = Integer.getInteger("snapshot.crashes", 12);

    private static final long SEED = Long.getLong("snapshot.seed", 7L);

    @TempDir Path temp;

    @Test
    void killedWhileSavingDeletingAndCollecting() throws Exception {
        Path dir = temp.resolve("store");
        System.out.println("snapshot.seed=" + SEED);
        Random random = new Random(SEED);
        long number = 1;
        long published = StoreProcess.saveOne(dir, 0).sequence();
        for (int round = 0; round < ROUNDS; round++) {
            try (StoreProcess process = StoreProcess.start(dir, "churn", Long.toString(number))) {
                assertEquals("ready", process.line());
                // The moment is the point here: any will do, and it must differ every time.
                assertFalse(process.endsWithin(Duration.ofMillis(random.nextInt(700))));
                process.kill();
                for (String line : process.rest()) {
                    if (line.startsWith("saved ") && line.length() > 6) {
                        published = Math.max(published, Long.parseLong(line.substring(6)));
                        number++;
                    }
                }
            }
            number += 10;
            long newest = StoreProcess.checkNewest(dir);
            // What was reported is there; one more may have been published but not yet reported.
            assertTrue(newest == published || newest == published + 1, newest + " " + published);
            published = newest;
            try (SnapshotStore store = SnapshotStore.open(dir, Access.READ_ONLY)) {
                VerifyReport report = store.verify();
                assertTrue(report.ok(), () -> report.problems().toString());
            }
        }
        try (SnapshotStore store = SnapshotStore.open(dir, Access.READ_WRITE)) {
            GcReport collected = store.gc(true);
            assertTrue(collected.spaceFreed());
            assertEquals(0, TestData.filesBelow(dir.resolve("staging")));
            assertEquals(0, store.gc(true).chunksRemoved());
            for (SnapshotManifest manifest : store.list()) {
                store.delete(manifest.id());
            }
            assertEquals(0, store.gc(true).chunksKept());
        }
    }

    @Test
    void leftoversGoWithTheNextSave() throws Exception {
        Path dir = temp.resolve("store");
        try (StoreProcess process = StoreProcess.start(dir, "hold")) {
            assertEquals("holding", process.line());
            // While that one lives, nobody touches its files.
            StoreProcess.saveOne(dir, 1);
            assertTrue(TestData.filesBelow(dir.resolve("staging")) > 0);
            process.kill();
        }
        StoreProcess.saveOne(dir, 2);
        assertEquals(0, TestData.filesBelow(dir.resolve("staging")));
        assertEquals(2, StoreProcess.checkNewest(dir));
    }
}
