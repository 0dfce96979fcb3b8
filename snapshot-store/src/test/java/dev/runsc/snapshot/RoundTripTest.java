package dev.runsc.snapshot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.snapshot.model.Access;
import dev.runsc.snapshot.model.ByteRange;
import dev.runsc.snapshot.model.SnapshotDescription;
import dev.runsc.snapshot.model.SnapshotException;
import dev.runsc.snapshot.model.SnapshotManifest;
import dev.runsc.snapshot.model.StreamInfo;
import dev.runsc.snapshot.model.Verification;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes in comes out, by every way of reading. */
class RoundTripTest {
    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;

    @TempDir Path temp;

    @Test
    void memoryAndObjectsComeBack() throws Exception {
        Path dir = temp.resolve("store");
        byte[] objects = TestData.mixed(700_001, 1);
        byte[] memory = TestData.mixed(3 * MIB + 4 * KIB, 2);
        SnapshotManifest saved = TestData.save(dir, objects, memory, "first");
        assertEquals(32, saved.id().length());
        assertEquals("first", saved.name());

        try (SnapshotStore store = SnapshotStore.open(dir, Access.READ_ONLY);
                SnapshotReader reader = store.read(store.newest(), Verification.HASH)) {
            assertEquals(saved, reader.manifest());
            try (InputStream in = reader.openObjects()) {
                assertArrayEquals(objects, in.readAllBytes());
            }
            StreamInfo region = reader.memoryRegion("ram");
            assertArrayEquals(memory, reader.open(region).readAllBytes());
            assertArrayEquals(memory, TestData.readMapped(reader, region));
            assertArrayEquals(memory, TestData.readFile(reader, region, temp.resolve("out")));
            assertTrue(store.verify().ok());
        }
    }

    @Test
    void onlyRangesAreReadAndHolesStayHoles() throws Exception {
        Path dir = temp.resolve("store");
        long length = 1L << 40;
        List<ByteRange> ranges =
                List.of(
                        new ByteRange(0, 4 * KIB),
                        new ByteRange(12 * KIB, 4 * KIB),
                        new ByteRange(255 * KIB, 2 * KIB),
                        new ByteRange((1L << 39) + 4 * KIB, MIB),
                        new ByteRange(length - 8 * KIB, 8 * KIB));
        byte[] noise = new byte[MIB];
        new Random(3).nextBytes(noise);
        Path source = temp.resolve("source");
        try (FileChannel file =
                FileChannel.open(
                        source,
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE)) {
            for (ByteRange range : ranges) {
                file.write(ByteBuffer.wrap(noise, 0, (int) range.length()), range.offset());
            }
            // Not named by a range, so not saved.
            file.write(ByteBuffer.wrap(noise, 0, KIB), 64 * KIB);
            try (SnapshotStore store = SnapshotStore.open(dir, Access.CREATE);
                    SnapshotWriter writer = store.begin()) {
                StreamInfo info = writer.memory("ram", file, length, ranges);
                assertEquals(2 + 5 + 1, info.chunkCount());
                writer.publish(SnapshotDescription.builder().build());
            }
        }
        Path target = temp.resolve("target");
        try (SnapshotStore store = SnapshotStore.open(dir, Access.READ_ONLY);
                SnapshotReader reader = store.read(store.newest());
                FileChannel file =
                        FileChannel.open(
                                target,
                                StandardOpenOption.CREATE_NEW,
                                StandardOpenOption.READ,
                                StandardOpenOption.WRITE)) {
            StreamInfo region = reader.memoryRegion("ram");
            reader.read(region, file);
            for (ByteRange range : ranges) {
                byte[] back = new byte[(int) range.length()];
                file.read(ByteBuffer.wrap(back), range.offset());
                assertArrayEquals(Arrays.copyOf(noise, back.length), back);
            }
            byte[] hole = new byte[KIB];
            file.read(ByteBuffer.wrap(hole), 64 * KIB);
            assertArrayEquals(new byte[KIB], hole);
            SnapshotReader.ChunkMap chunks = reader.chunks(region);
            assertEquals(0b1001L | 1L << 63, chunks.parts(0));
            assertEquals(0, chunks.search(0));
            assertEquals(2, chunks.search(MIB));
            assertEquals(8, chunks.count());
            assertEquals(length - 256 * KIB, chunks.offset(7));
        }
        assertTrue(allocatedBytes(target) < 2 * MIB, "holes of a tebibyte stay holes");
    }

    private static long allocatedBytes(Path file) throws Exception {
        Process stat =
                new ProcessBuilder("stat", "-c", "%b", file.toString())
                        .redirectErrorStream(true)
                        .start();
        String blocks = stat.inputReader(StandardCharsets.UTF_8).readLine();
        return Long.parseLong(blocks) * 512;
    }

    @Test
    void sameContentIsStoredOnce() throws Exception {
        Path dir = temp.resolve("store");
        byte[] memory = new byte[4 * MIB];
        new Random(4).nextBytes(memory);
        System.arraycopy(memory, 0, memory, MIB, MIB);
        SnapshotManifest first = TestData.save(dir, new byte[10], memory, null);
        assertEquals(12, first.streams().get(1).newChunks());
        memory[5]++;
        SnapshotManifest second = TestData.save(dir, new byte[10], memory, null);
        assertEquals(1, second.streams().get(1).newChunks());
        assertEquals(0, second.streams().get(0).newChunks());
        assertEquals(first.sequence() + 1, second.sequence());
        try (SnapshotStore store = SnapshotStore.open(dir, Access.READ_ONLY);
                SnapshotReader reader = store.read(store.find(second.id().substring(0, 6)))) {
            assertArrayEquals(memory, TestData.readMapped(reader, reader.memoryRegion("ram")));
            assertEquals(List.of(first, second), store.list());
        }
    }

    @Test
    void emptyStreamsAreFine() throws Exception {
        Path dir = temp.resolve("store");
        try (SnapshotStore store = SnapshotStore.open(dir, Access.CREATE)) {
            try (SnapshotWriter writer = store.begin()) {
                writer.objects(new ByteArrayInputStream(new byte[0]));
                writer.memory("none", MemorySegment.ofArray(new byte[MIB]), List.of());
                writer.memory(
                        "zero",
                        MemorySegment.ofArray(new byte[MIB]),
                        List.of(new ByteRange(0, MIB)));
                writer.publish(SnapshotDescription.builder().build());
            }
            store.refresh();
            try (SnapshotReader reader = store.read(store.newest());
                    Arena arena = Arena.ofConfined()) {
                assertEquals(0, reader.openObjects().readAllBytes().length);
                assertEquals(2, reader.memoryRegions().size());
                for (StreamInfo region : reader.memoryRegions()) {
                    assertEquals(0, region.chunkCount());
                    reader.read(region, arena.allocate(MIB));
                }
                assertEquals(MIB, reader.open(reader.memoryRegion("zero")).readAllBytes().length);
            }
        }
    }

    @Test
    void descriptionIsKept() throws Exception {
        Path dir = temp.resolve("store");
        SnapshotDescription said =
                SnapshotDescription.builder()
                        .name("warm-1.0_x")
                        .parent("0123")
                        .runscVersion("0.1")
                        .spec("{\"a\":\"\u00e9\\n\"}")
                        .cpuFeatures(List.of("avx", "sse2"))
                        .networkMode("none")
                        .size("heap", Long.MAX_VALUE)
                        .stage("freeze", 12)
                        .stage("graph", 0)
                        .annotation("k", "v\"\u0001")
                        .build();
        try (SnapshotStore store = SnapshotStore.open(dir, Access.CREATE);
                SnapshotWriter writer = store.begin()) {
            writer.publish(said);
            store.refresh();
            assertEquals(said, store.find("warm-1.0_x").description());
            assertThrows(IllegalStateException.class, () -> writer.publish(said));
        }
    }

    @Test
    void abandonedWriterLeavesNothing() throws Exception {
        Path dir = temp.resolve("store");
        try (SnapshotStore store = SnapshotStore.open(dir, Access.CREATE)) {
            try (SnapshotWriter writer = store.begin()) {
                writer.objects(new ByteArrayInputStream(TestData.mixed(MIB, 9)));
            }
            assertEquals(0, TestData.filesBelow(dir.resolve("staging")));
            assertThrows(SnapshotException.class, store::newest);
        }
    }
}
