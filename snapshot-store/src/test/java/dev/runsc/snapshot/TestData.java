package dev.runsc.snapshot;

import dev.runsc.snapshot.model.Access;
import dev.runsc.snapshot.model.ByteRange;
import dev.runsc.snapshot.model.SnapshotDescription;
import dev.runsc.snapshot.model.SnapshotManifest;
import dev.runsc.snapshot.model.StreamInfo;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Content and short cuts that the tests of the store share. */
final class TestData {
    private TestData() {}

    /** Bytes of which a third is random, a third compresses and a third is zero, in odd pieces. */
    static byte[] mixed(int length, long seed) {
        Random random = new Random(seed);
        byte[] bytes = new byte[length];
        for (int at = 0; at < length; ) {
            int piece = Math.min(length - at, 1 + random.nextInt(300_000));
            switch (random.nextInt(3)) {
                case 0 -> {
                    for (int i = at; i < at + piece; i++) {
                        bytes[i] = (byte) random.nextInt();
                    }
                }
                case 1 -> {
                    for (int i = at; i < at + piece; i++) {
                        bytes[i] = (byte) ((i >> 3) * 7);
                    }
                }
                default -> {}
            }
            at += piece;
        }
        return bytes;
    }

    /** Saves both streams as one snapshot. */
    static SnapshotManifest save(Path dir, byte[] objects, byte[] memory, @Nullable String name)
            throws IOException {
        try (SnapshotStore store = SnapshotStore.open(dir, Access.CREATE);
                SnapshotWriter writer = store.begin()) {
            writer.objects(new ByteArrayInputStream(objects));
            writer.memory(
                    "ram", MemorySegment.ofArray(memory), List.of(new ByteRange(0, memory.length)));
            return writer.publish(SnapshotDescription.builder().name(name).build());
        }
    }

    static byte[] readMapped(SnapshotReader reader, StreamInfo region) throws IOException {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment target = arena.allocate(region.lengthBytes());
            reader.read(region, target);
            return target.toArray(ValueLayout.JAVA_BYTE);
        }
    }

    static byte[] readFile(SnapshotReader reader, StreamInfo region, Path file) throws IOException {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            reader.read(region, channel);
        }
        byte[] bytes = Files.readAllBytes(file);
        // Zeros at the end are not written; the file is as long as its last part that is not zero.
        return Arrays.copyOf(bytes, (int) region.lengthBytes());
    }

    static long filesBelow(Path dir) throws IOException {
        try (Stream<Path> files = Files.walk(dir)) {
            return files.filter(Files::isRegularFile).count();
        }
    }
}
