package dev.runsc.snapshot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.snapshot.model.Access;
import dev.runsc.snapshot.model.GcReport;
import dev.runsc.snapshot.model.SnapshotManifest;
import dev.runsc.snapshot.model.StreamInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Collections free what nobody needs, and only that. */
class CollectionTest {
    private static final int CHUNK = 256 << 10;

    @TempDir Path temp;

    private static byte[] noise(int chunks, long seed) {
        byte[] bytes = new byte[chunks * CHUNK];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static byte[] restore(SnapshotStore store, SnapshotManifest manifest)
            throws IOException {
        try (SnapshotReader reader = store.read(manifest)) {
            return TestData.readMapped(reader, reader.memoryRegion("ram"));
        }
    }

    @Test
    void sharedChunksStay() throws Exception {
        Path dir = temp.resolve("store");
        byte[] base = noise(20, 1);
        byte[] next = base.clone();
        System.arraycopy(noise(2, 2), 0, next, 5 * CHUNK, 2 * CHUNK);
        SnapshotManifest first = TestData.save(dir, new byte[0], base, "first");
        SnapshotManifest second = TestData.save(dir, new byte[0], next, "second");
        assertEquals(2, second.streams().get(1).newChunks());
        try (SnapshotStore store = SnapshotStore.open(dir, Access.READ_WRITE)) {
            assertEquals(0, store.gc(true).chunksRemoved());
            store.delete(first.id());
            // Two dead of twenty are not worth rewriting, and may be used again.
            GcReport lazy = store.gc(false);
            assertEquals(0, lazy.chunksRemoved());
            assertEquals(22, lazy.chunksKept());
            SnapshotManifest again = TestData.save(dir, new byte[0], base, "again");
            assertEquals(0, again.streams().get(1).newChunks());
            assertArrayEquals(base, restore(store, again));
            store.delete("again");
            GcReport thorough = store.gc(true);
            assertEquals(2, thorough.chunksRemoved());
            assertEquals(20, thorough.chunksKept());
            assertEquals(1, thorough.packsRewritten());
            assertTrue(thorough.bytesFreed() > 2 * CHUNK - 10_000, thorough.toString());
            assertArrayEquals(next, restore(store, store.find("second")));
            assertTrue(store.verify().ok());
            store.delete("second");
            GcReport all = store.gc(false);
            assertEquals(20, all.chunksRemoved());
            assertEquals(0, all.chunksKept());
            assertEquals(2, all.packsRemoved());
            assertTrue(all.bytesFreed() > 20 * CHUNK - 10_000, all.toString());
        }
        SnapshotManifest anew = TestData.save(dir, new byte[0], base, "anew");
        assertEquals(20, anew.streams().get(1).newChunks());
        try (SnapshotStore store = SnapshotStore.open(dir, Access.READ_ONLY)) {
            assertArrayEquals(base, restore(store, anew));
        }
    }

    @Test
    void manySnapshotsStayQuickToOpen() throws Exception {
        Path dir = temp.resolve("store");
        for (int i = 0; i < 60; i++) {
            SnapshotManifest saved = TestData.save(dir, new byte[] {(byte) i}, noise(1, i), null);
            assertEquals(i + 1, saved.sequence());
        }
        // Records of all snapshots are merged as they come; what stays is about one file for each.
        assertTrue(TestData.filesBelow(dir.resolve("db")) < 60 + 25);
        try (SnapshotStore store = SnapshotStore.open(dir, Access.READ_ONLY)) {
            assertEquals(60, store.list().size());
            for (SnapshotManifest manifest : store.list()) {
                try (SnapshotReader reader = store.read(manifest)) {
                    assertEquals(
                            (byte) (manifest.sequence() - 1), (byte) reader.openObjects().read());
                    StreamInfo region = reader.memoryRegion("ram");
                    assertEquals(1, region.chunkCount());
                }
            }
            assertTrue(store.verify().ok());
        }
    }
}
