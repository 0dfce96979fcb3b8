package dev.runsc.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.runsc.snapshot.model.Access;
import dev.runsc.snapshot.model.SnapshotException;
import dev.runsc.snapshot.model.SnapshotException.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store on a disk that fills up at any point of a save; needs root, to mount a small tmpfs. */
class DiskFullTest {
    private static final int KIB = 1 << 10;

    @TempDir Path temp;

    private Path disk = Path.of("");
    private boolean mounted;

    @BeforeEach
    void mount() throws Exception {
        disk = Files.createDirectory(temp.resolve("disk"));
        mounted = run("mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", disk.toString()) == 0;
        if (!mounted) {
            reportNotRunnable();
        }
        assumeTrue(mounted, "needs root and mount(8)");
    }

    private static void reportNotRunnable() throws IOException {
        String list = System.getProperty("runsc.notRunnable");
        if (list != null) {
            Files.writeString(
                    Path.of(list),
                    "DiskFullTest: needs root and mount(8), for a tmpfs that is full\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        }
    }

    @AfterEach
    void unmount() throws Exception {
        if (mounted) {
            assertEquals(0, run("umount", disk.toString()));
        }
    }

    private static int run(String... command) throws Exception {
        return new ProcessBuilder(command).inheritIO().start().waitFor();
    }

    /** Takes all space but so many KiB. */
    private void leave(int kib) throws IOException {
        Path ballast = disk.resolve("ballast");
        Files.deleteIfExists(ballast);
        long free = disk.toFile().getUsableSpace() - (long) kib * KIB;
        Files.write(ballast, new byte[Math.toIntExact(free)]);
    }

    private static byte[] noise(long seed) {
        byte[] bytes = new byte[1 << 20];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    /** Small steps where the room ends while the snapshot is being published. */
    private static int step(int kib) {
        return kib >= 1000 && kib < 1160 ? 8 : kib < 60 ? 20 : 120;
    }

    @Test
    void oldSnapshotStaysAndNothingElse() throws Exception {
        Path dir = disk.resolve("store");
        TestData.save(dir, new byte[] {1}, noise(1), "kept");
        int failures = 0;
        int successes = 0;
        for (int kib = 0; kib < 1600; kib += step(kib)) {
            leave(kib);
            long sequence;
            try (SnapshotStore store = SnapshotStore.open(dir, Access.READ_ONLY)) {
                sequence = store.newest().sequence();
            }
            boolean failed = false;
            try {
                TestData.save(dir, new byte[] {2}, noise(kib + 2L), null);
                successes++;
            } catch (SnapshotException e) {
                assertEquals(Kind.FULL, e.kind(), kib + " KiB: " + e);
                assertFalse(String.valueOf(e.getMessage()).contains("\n"));
                failures++;
                failed = true;
            }
            Files.delete(disk.resolve("ballast"));
            assertEquals(0, TestData.filesBelow(dir.resolve("staging")), kib + " KiB");
            assertFalse(Files.exists(dir.resolve("runsc-store.new")), kib + " KiB");
            try (SnapshotStore store = SnapshotStore.open(dir, Access.READ_WRITE)) {
                assertEquals(sequence + (failed ? 0 : 1), store.newest().sequence(), kib + " KiB");
                assertTrue(store.verify().ok(), kib + " KiB");
                if (!failed) {
                    store.delete(store.newest().id());
                }
                store.gc(true);
                assertEquals("kept", store.newest().name());
            }
        }
        System.out.println("full disk: " + failures + " saves failed, " + successes + " went well");
        assertTrue(failures > 10 && successes > 3);
    }

    @Test
    void firstSaveLeavesNoStore() throws Exception {
        int failures = 0;
        for (int kib = 0; kib < 1500; kib += 60) {
            Path dir = disk.resolve("store" + kib);
            leave(kib);
            try {
                TestData.save(dir, new byte[] {2}, noise(kib), null);
            } catch (SnapshotException e) {
                assertEquals(Kind.FULL, e.kind(), kib + " KiB: " + e);
                failures++;
                Files.delete(disk.resolve("ballast"));
                Kind kind =
                        assertThrows(
                                        SnapshotException.class,
                                        () -> SnapshotStore.open(dir, Access.READ_ONLY))
                                .kind();
                assertTrue(kind == Kind.EMPTY || kind == Kind.MISSING, kib + " KiB: " + kind);
                // And it can be used once there is room.
                TestData.save(dir, new byte[] {2}, new byte[10], null);
            }
            Files.deleteIfExists(disk.resolve("ballast"));
        }
        assertTrue(failures > 10);
    }
}
