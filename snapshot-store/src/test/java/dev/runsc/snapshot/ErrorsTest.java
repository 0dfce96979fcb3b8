package dev.runsc.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.snapshot.model.Access;
import dev.runsc.snapshot.model.ByteRange;
import dev.runsc.snapshot.model.SnapshotDescription;
import dev.runsc.snapshot.model.SnapshotException;
import dev.runsc.snapshot.model.SnapshotException.Kind;
import dev.runsc.snapshot.model.SnapshotManifest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Every way of being wrong has a line of its own. */
class ErrorsTest {
    @TempDir Path temp;

    private static void fails(Kind kind, String part, Executable action) {
        SnapshotException e = assertThrows(SnapshotException.class, action);
        String line = String.valueOf(e.getMessage());
        assertEquals(kind, e.kind(), line);
        assertTrue(line.contains(part), line);
        assertFalse(line.contains("\n"), line);
    }

    private static Executable opening(Path dir, Access access) {
        return () -> SnapshotStore.open(dir, access).close();
    }

    private static void writeHead(Path dir, String body) throws IOException {
        CRC32C crc = new CRC32C();
        crc.update(body.getBytes(StandardCharsets.ISO_8859_1));
        Files.writeString(
                dir.resolve("runsc-store"), body + "crc32c %08x\n".formatted(crc.getValue()));
    }

    @Test
    void directoriesThatAreNoStore() throws Exception {
        Path missing = temp.resolve("missing");
        fails(Kind.MISSING, "does not exist", opening(missing, Access.READ_ONLY));
        fails(Kind.MISSING, "does not exist", opening(missing, Access.READ_WRITE));
        Path empty = Files.createDirectory(temp.resolve("empty"));
        fails(Kind.EMPTY, "no snapshot in " + empty, opening(empty, Access.READ_ONLY));
        Path other = Files.createDirectory(temp.resolve("other"));
        Files.writeString(other.resolve("checkpoint.img"), "x");
        fails(Kind.NOT_A_STORE, "is not a snapshot store", opening(other, Access.READ_ONLY));
        Path file = Files.writeString(temp.resolve("file"), "x");
        fails(Kind.NOT_A_STORE, "is not a directory", opening(file, Access.READ_ONLY));
        fails(
                Kind.NOT_A_STORE,
                "is not a directory",
                () -> SnapshotStore.open(file, Access.CREATE).begin());
        fails(
                Kind.NOT_A_STORE,
                "is not a directory",
                () -> SnapshotStore.open(file.resolve("x"), Access.CREATE).begin());
        assertEquals(List.of("checkpoint.img"), List.of(other.toFile().list()));
    }

    @Test
    void openingToWriteCreatesNothing() throws Exception {
        Path dir = temp.resolve("a/b");
        try (SnapshotStore store = SnapshotStore.open(dir, Access.CREATE)) {
            assertFalse(Files.exists(dir));
            assertEquals(List.of(), store.list());
            fails(Kind.EMPTY, "no snapshot in", store::newest);
            fails(Kind.NOT_FOUND, "no snapshot x in", () -> store.find("x"));
            assertTrue(store.verify().ok());
            try (SnapshotWriter writer = store.begin()) {
                fails(Kind.EMPTY, "no snapshot in", store::newest);
                writer.publish(SnapshotDescription.builder().build());
            }
            assertEquals(1, store.newest().sequence());
        }
    }

    @Test
    void otherFormats() throws Exception {
        Path dir = temp.resolve("store");
        TestData.save(dir, new byte[1], new byte[1], null);
        writeHead(dir, "runsc-snapshot-store\nformat 2\nsomething new\n");
        fails(
                Kind.FORMAT,
                "has format 2, this version reads format 1",
                opening(dir, Access.READ_ONLY));
        fails(Kind.FORMAT, "has format 2", () -> SnapshotStore.open(dir, Access.CREATE).begin());
        writeHead(dir, "runsc-snapshot-store\nformat 1\ngeneration 99\n");
        fails(Kind.DAMAGED, "but 99 was reached", opening(dir, Access.READ_ONLY));
        writeHead(dir, "runsc-snapshot-store\nformat 1\ngeneration x\n");
        fails(Kind.DAMAGED, "bad line", opening(dir, Access.READ_ONLY));
        writeHead(dir, "runsc-snapshot-store\nformat 1\n");
        fails(Kind.DAMAGED, "lacks the line 'generation'", opening(dir, Access.READ_ONLY));
        Files.write(dir.resolve("runsc-store"), new byte[100_000]);
        fails(Kind.DAMAGED, "head file", opening(dir, Access.READ_ONLY));
        Files.delete(dir.resolve("runsc-store"));
        fails(Kind.DAMAGED, "runsc-store is missing", opening(dir, Access.READ_ONLY));
        fails(
                Kind.DAMAGED,
                "runsc-store is missing",
                () -> SnapshotStore.open(dir, Access.CREATE).begin());
    }

    @Test
    void findingSnapshots() throws Exception {
        Path dir = temp.resolve("store");
        SnapshotManifest one = TestData.save(dir, new byte[1], new byte[1], "warm");
        SnapshotManifest two = TestData.save(dir, new byte[1], new byte[1], "warm");
        try (SnapshotStore store = SnapshotStore.open(dir, Access.READ_WRITE)) {
            assertEquals(two, store.find("warm"));
            assertEquals(one, store.find(one.id()));
            assertEquals(one, store.find(one.id().substring(0, 9)));
            fails(Kind.NOT_FOUND, "no snapshot", () -> store.find(one.id().substring(0, 3)));
            fails(Kind.NOT_FOUND, "no snapshot", () -> store.find(one.id() + "00"));
            fails(Kind.NOT_FOUND, "no snapshot", () -> store.find("../x"));
            fails(Kind.NOT_FOUND, "no snapshot", () -> store.find(""));
            store.name("cold", one.id());
            assertEquals(Map.of("warm", two.id(), "cold", one.id()), store.names());
            store.unname("cold");
            fails(Kind.NOT_FOUND, "no snapshot cold", () -> store.unname("cold"));
            fails(Kind.INVALID, "bad snapshot name", () -> store.name("a/b", one.id()));
            fails(Kind.INVALID, "bad snapshot name", () -> store.name("a".repeat(200), "warm"));
            store.delete("warm");
            assertEquals(one, store.newest());
            fails(Kind.NOT_FOUND, "no snapshot warm", () -> store.find("warm"));
            fails(Kind.NOT_FOUND, "no snapshot warm", () -> store.delete("warm"));
            store.delete(one.id());
            fails(Kind.EMPTY, "no snapshot in", store::newest);
        }
        fails(
                Kind.EMPTY,
                "no snapshot in",
                () -> {
                    try (SnapshotStore store = SnapshotStore.open(dir, Access.READ_ONLY)) {
                        store.newest();
                    }
                });
    }

    @Test
    void callersMistakes() throws Exception {
        Path dir = temp.resolve("store");
        SnapshotManifest saved = TestData.save(dir, new byte[9], new byte[1 << 20], null);
        try (SnapshotStore store = SnapshotStore.open(dir, Access.READ_ONLY)) {
            assertThrows(IllegalStateException.class, store::begin);
            try (SnapshotReader reader = store.read(saved);
                    Arena arena = Arena.ofConfined()) {
                fails(Kind.NOT_FOUND, "no stream disk", () -> reader.memoryRegion("disk"));
                fails(
                        Kind.INVALID,
                        "does not fit",
                        () -> reader.read(reader.memoryRegion("ram"), arena.allocate(100)));
            }
        }
        try (SnapshotStore store = SnapshotStore.open(dir, Access.READ_WRITE);
                SnapshotWriter writer = store.begin()) {
            MemorySegment memory = MemorySegment.ofArray(new byte[100]);
            fails(
                    Kind.INVALID,
                    "out of order or bounds",
                    () -> writer.memory("a", memory, List.of(new ByteRange(50, 51))));
            fails(
                    Kind.INVALID,
                    "out of order or bounds",
                    () ->
                            writer.memory(
                                    "a",
                                    memory,
                                    List.of(new ByteRange(50, 10), new ByteRange(0, 10))));
            assertThrows(IllegalArgumentException.class, () -> new ByteRange(-1, 1));
            assertThrows(IllegalArgumentException.class, () -> new ByteRange(1, Long.MAX_VALUE));
            writer.memory("a", memory, List.of());
            assertThrows(IllegalStateException.class, () -> writer.memory("a", memory, List.of()));
            fails(
                    Kind.INVALID,
                    "bad snapshot name",
                    () -> writer.publish(SnapshotDescription.builder().name("a b").build()));
        }
    }

    @Test
    void sourceThatFailsIsNoSnapshot() throws Exception {
        Path dir = temp.resolve("store");
        SnapshotManifest saved = TestData.save(dir, new byte[9], new byte[1 << 20], null);
        InputStream broken =
                new SequenceInputStream(
                        new ByteArrayInputStream(TestData.mixed(1 << 20, 5)),
                        new InputStream() {
                            @Override
                            public int read() throws IOException {
                                throw new IOException("the sandbox went away");
                            }

                            @Override
                            public int read(byte[] target, int at, int length) throws IOException {
                                throw new IOException("the sandbox went away");
                            }
                        });
        try (SnapshotStore store = SnapshotStore.open(dir, Access.READ_WRITE)) {
            try (SnapshotWriter writer = store.begin()) {
                IOException e = assertThrows(IOException.class, () -> writer.objects(broken));
                assertEquals("the sandbox went away", e.getMessage());
            }
            assertEquals(0, TestData.filesBelow(dir.resolve("staging")));
            assertEquals(saved, store.newest());
        }
    }
}
