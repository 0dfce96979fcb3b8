package dev.runsc.snapshot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.snapshot.model.Access;
import dev.runsc.snapshot.model.GcReport;
import dev.runsc.snapshot.model.SnapshotException;
import dev.runsc.snapshot.model.SnapshotManifest;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several processes and threads use one store at once. */
class ConcurrencyTest {
    @TempDir Path temp;

    @Test
    void savesRestoresAndCollectionsAtOnce() throws Exception {
        Path dir = temp.resolve("store");
        StoreProcess.saveOne(dir, 0);
        try (StoreProcess saver1 = StoreProcess.start(dir, "save", "100", "12");
                StoreProcess saver2 = StoreProcess.start(dir, "save", "200", "12");
                StoreProcess restorer = StoreProcess.start(dir, "restore", "40")) {
            assertEquals("ready", saver1.line());
            while (saver1.isAlive() || saver2.isAlive() || restorer.isAlive()) {
                try (SnapshotStore store = SnapshotStore.open(dir, Access.READ_WRITE)) {
                    if (store.list().size() > 5) {
                        store.delete(store.list().getFirst().id());
                    }
                    store.gc(true);
                }
                StoreProcess.checkNewest(dir);
            }
            assertEquals(0, saver1.waitFor());
            assertEquals(0, saver2.waitFor());
            assertEquals(0, restorer.waitFor());
        }
        try (SnapshotStore store = SnapshotStore.open(dir, Access.READ_ONLY)) {
            assertEquals(25, store.newest().sequence());
            assertTrue(store.verify().ok());
        }
    }

    @Test
    void savesOfOneProcessAtOnce() throws Exception {
        Path dir = temp.resolve("store");
        Thread[] threads = new Thread[4];
        Throwable[] failures = new Throwable[threads.length];
        for (int i = 0; i < threads.length; i++) {
            int index = i;
            threads[i] =
                    Thread.ofPlatform()
                            .start(() -> {
                                try {
                                    for (int n = 0; n < 5; n++) {
                                        StoreProcess.saveOne(dir, index * 10L + n);
                                        StoreProcess.checkNewest(dir);
                                    }
                                } catch (Throwable e) {
                                    failures[index] = e;
                                }
                            });
        }
        for (int i = 0; i < threads.length; i++) {
            threads[i].join();
            if (failures[i] != null) {
                throw new AssertionError(failures[i]);
            }
        }
        assertEquals(20, StoreProcess.checkNewest(dir));
    }

    @Test
    void openReaderOutlivesDeletionAndCollection() throws Exception {
        Path dir = temp.resolve("store");
        SnapshotManifest first = StoreProcess.saveOne(dir, 1);
        StoreProcess.saveOne(dir, 2);
        try (SnapshotStore reading = SnapshotStore.open(dir, Access.READ_ONLY);
                SnapshotStore store =
                        SnapshotStore.open(dir, Access.READ_WRITE, Duration.ofMillis(100))) {
            try (SnapshotReader reader = reading.read(first)) {
                store.delete(first.id());
                GcReport report = store.gc(true);
                assertTrue(report.chunksRemoved() > 0);
                assertFalse(report.spaceFreed());
                assertArrayEquals(
                        StoreProcess.content(1),
                        TestData.readMapped(reader, reader.memoryRegion("ram")));
                // A change must wait for the reader too, since opening for writing frees space.
                SnapshotException busy =
                        assertThrows(
                                SnapshotException.class,
                                () -> store.name("x", store.newest().id()));
                assertEquals(SnapshotException.Kind.BUSY, busy.kind());
            }
        }
        StoreProcess.saveOne(dir, 3);
        assertEquals(3, StoreProcess.checkNewest(dir));
    }

    @Test
    void detachedReaderHindersNobody() throws Exception {
        Path dir = temp.resolve("store");
        SnapshotManifest first = StoreProcess.saveOne(dir, 1);
        for (int i = 2; i < 10; i++) {
            StoreProcess.saveOne(dir, i);
        }
        try (SnapshotStore reading = SnapshotStore.open(dir, Access.READ_ONLY);
                SnapshotReader reader = reading.read(first)) {
            reader.detach();
            try (SnapshotStore store =
                    SnapshotStore.open(dir, Access.READ_WRITE, Duration.ofMillis(500))) {
                while (store.list().size() > 1) {
                    store.delete(store.list().getFirst().id());
                }
                GcReport report = store.gc(true);
                assertTrue(report.chunksRemoved() > 0);
                assertTrue(report.spaceFreed());
                store.name("x", store.newest().id());
                for (int i = 0; i < 14; i++) {
                    StoreProcess.saveOne(dir, 20 + i);
                }
            }
            assertArrayEquals(
                    StoreProcess.content(1),
                    TestData.readMapped(reader, reader.memoryRegion("ram")));
            assertEquals('1', reader.openObjects().read());
        }
    }

    @Test
    void waitingForAnotherSaveIsBounded() throws Exception {
        Path dir = temp.resolve("store");
        StoreProcess.saveOne(dir, 1);
        try (StoreProcess process = StoreProcess.start(dir, "hold");
                SnapshotStore store =
                        SnapshotStore.open(dir, Access.READ_WRITE, Duration.ofMillis(200))) {
            assertEquals("holding", process.line());
            SnapshotException busy = assertThrows(SnapshotException.class, () -> store.gc(false));
            assertEquals(SnapshotException.Kind.BUSY, busy.kind());
            assertTrue(
                    String.valueOf(busy.getMessage()).contains("in use by another command"),
                    busy.getMessage());
            process.kill();
            // The lock went with the process.
            assertEquals(1, store.gc(false).leftoversRemoved());
        }
    }
}
