package dev.runsc.snapshot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.snapshot.model.Access;
import dev.runsc.snapshot.model.SnapshotException;
import dev.runsc.snapshot.model.SnapshotException.Kind;
import dev.runsc.snapshot.model.SnapshotManifest;
import dev.runsc.snapshot.model.VerifyReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever byte of a store is changed: the right content, or one line that says what is wrong. */
class DamageTest {
    /** Every byte of a file up to this size, and a sample of longer ones. */
    private static final int EVERY_BYTE_BELOW = 700;

    private static final int SAMPLE = 120;

    /** Replay a run with -Dsnapshot.seed=N. */
    private static final long SEED = Long.getLong("snapshot.seed", 20251122L);

    @TempDir Path temp;

    private Path dir = Path.of("");
    private final byte[] objects = TestData.mixed(200_000, 11);
    private final byte[] memory = TestData.mixed(900_000, 12);
    private @Nullable SnapshotManifest newest;

    @BeforeEach
    void twoSnapshots() throws IOException {
        dir = temp.resolve("store");
        TestData.save(dir, TestData.mixed(50_000, 13), TestData.mixed(300_000, 14), "old");
        newest = TestData.save(dir, objects, memory, "new");
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> paths = Files.walk(dir)) {
            return paths.filter(Files::isRegularFile).sorted().toList();
        }
    }

    /** Restores the newest; null when all is right, else how the store said no. */
    private @Nullable SnapshotException restore() throws IOException {
        try (SnapshotStore store = SnapshotStore.open(dir, Access.READ_ONLY)) {
            SnapshotManifest found = store.newest();
            assertEquals(newest, found, "another snapshot than the newest, without a word");
            try (SnapshotReader reader = store.read(found)) {
                assertArrayEquals(objects, reader.openObjects().readAllBytes());
                assertArrayEquals(memory, TestData.readMapped(reader, reader.memoryRegion("ram")));
            }
            return null;
        } catch (SnapshotException e) {
            String line = String.valueOf(e.getMessage());
            assertFalse(line.contains("\n"), line);
            assertTrue(line.contains(dir.toString()), "names the store: " + line);
            return e;
        }
    }

    @Test
    void flippedBits() throws IOException {
        System.out.println("snapshot.seed=" + SEED);
        Random random = new Random(SEED);
        Map<Kind, Integer> seen = new EnumMap<>(Kind.class);
        int harmless = 0;
        for (Path file : files()) {
            byte[] good = Files.readAllBytes(file);
            for (int at : positions(good.length, random)) {
                byte[] bad = good.clone();
                bad[at] ^= (byte) (1 << random.nextInt(8));
                Files.write(file, bad);
                SnapshotException failure = restore();
                if (failure == null) {
                    harmless++;
                } else {
                    assertTrue(
                            failure.kind() == Kind.DAMAGED || failure.kind() == Kind.FORMAT,
                            file + " at " + at + ": " + failure.kind() + " " + failure);
                    seen.merge(failure.kind(), 1, Integer::sum);
                }
            }
            Files.write(file, good);
        }
        System.out.println("flipped bits: harmless " + harmless + ", found " + seen);
        assertEquals(null, restore());
    }

    private static List<Integer> positions(int length, Random random) {
        List<Integer> positions = new ArrayList<>();
        if (length <= EVERY_BYTE_BELOW) {
            for (int i = 0; i < length; i++) {
                positions.add(i);
            }
        } else {
            for (int i = 0; i < SAMPLE; i++) {
                // Tables keep their structure at the end, journals at both ends.
                positions.add(
                        switch (i % 3) {
                            case 0 -> random.nextInt(length);
                            case 1 -> length - 1 - random.nextInt(Math.min(length, 2000));
                            default -> random.nextInt(Math.min(length, 2000));
                        });
            }
        }
        return positions;
    }

    @Test
    void truncatedAndMissingFiles() throws IOException {
        Random random = new Random(SEED);
        for (Path file : files()) {
            byte[] good = Files.readAllBytes(file);
            if (good.length == 0) {
                continue;
            }
            List<Integer> lengths = new ArrayList<>(List.of(0, good.length - 1, good.length / 2));
            for (int i = 0; i < 12; i++) {
                lengths.add(random.nextInt(good.length));
            }
            for (int length : lengths) {
                Files.write(file, Arrays.copyOf(good, length));
                SnapshotException failure = restore();
                assertTrue(
                        failure == null || failure.kind() == Kind.DAMAGED,
                        file + " cut to " + length + ": " + failure);
            }
            Files.delete(file);
            SnapshotException failure = restore();
            assertTrue(
                    failure == null || failure.kind() == Kind.DAMAGED, file + " gone: " + failure);
            Files.write(file, good);
        }
        assertEquals(null, restore());
    }

    @Test
    void verifyFindsWhatReadingWould() throws IOException {
        Path largest =
                files().stream()
                        .max(Comparator.comparingLong(file -> file.toFile().length()))
                        .orElseThrow();
        byte[] bytes = Files.readAllBytes(largest);
        bytes[bytes.length / 3] ^= 4;
        Files.write(largest, bytes);
        try (SnapshotStore store = SnapshotStore.open(dir, Access.READ_ONLY)) {
            VerifyReport report = store.verify();
            assertFalse(report.ok());
            assertEquals(2, report.snapshots());
            String problem = report.problems().getFirst();
            assertTrue(store.list().stream().anyMatch(m -> problem.contains(m.id())), problem);
        }
    }
}
