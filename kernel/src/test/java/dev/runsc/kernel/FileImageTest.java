package dev.runsc.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.gofer.abi.DescriptorFlags;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.kernel.fs.FsFixture;
import dev.runsc.kernel.fs.tmpfs.TmpfsFileSystem;
import dev.runsc.kernel.vfs.NewInode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What of an image is found, and what is not. */
final class FileImageTest {
    private static final long SEED = Long.getLong("seed", System.nanoTime());
    private static final int FOLDER = 0040755;

    private static FileImage image(byte[] records) throws ErrnoException {
        HostFd file = HostFiles.memfdCreate("records", DescriptorFlags.MFD_CLOEXEC);
        HostFiles.writeFully(file.number(), ByteBuffer.wrap(records));
        return new FileImage(file, HostFiles.memfdCreate("contents", DescriptorFlags.MFD_CLOEXEC));
    }

    private static TmpfsFileSystem tree(FsFixture fixture, String name) throws ErrnoException {
        TmpfsFileSystem tree = fixture.tmpfs();
        tree.rootDirectory().makeDirectory(name, new NewInode(FOLDER, 0, 0, 0));
        return tree;
    }

    private static byte[] sample(FsFixture fixture) throws Exception {
        ByteArrayOutputStream records = new ByteArrayOutputStream();
        FileImageWriter writer = new FileImageWriter(records);
        writer.add("c", "/", "", tree(fixture, "root"));
        writer.add("c", "/data", "", tree(fixture, "data"));
        writer.add("d", "/", "", tree(fixture, "other"));
        writer.add("d", "/mnt", "v", tree(fixture, "volume"));
        writer.finish();
        return records.toByteArray();
    }

    @Test
    void fileSystemsAreFoundByContainerAndPlace() throws Exception {
        try (FsFixture fixture = new FsFixture();
                FileImage image = image(sample(fixture))) {
            TmpfsFileSystem root = fixture.tmpfs();
            image.fill("c", "/", "", root);
            assertEquals(List.of("root"), root.rootDirectory().names());
            TmpfsFileSystem volume = fixture.tmpfs();
            image.fill("c", "/elsewhere", "v", volume);
            assertEquals(List.of("volume"), volume.rootDirectory().names());
            TmpfsFileSystem nothing = fixture.tmpfs();
            image.fill("c", "/mnt", "", nothing);
            image.fill("c", "/", "w", nothing);
            assertEquals(List.of(), nothing.rootDirectory().names());
            refused("/data of this container", () -> image.requireUsed("c"));
            refused("two file systems", () -> image.fill("c", "/", "", fixture.tmpfs()));
            image.fill("c", "/data", "", fixture.tmpfs());
            image.requireUsed("c");
        }
        try (FsFixture fixture = new FsFixture();
                FileImage image = image(sample(fixture))) {
            refused("nothing of container e", () -> image.requireUsed("e"));
        }
    }

    private interface Call {
        void run() throws KernelException, ErrnoException;
    }

    private static void refused(String why, Call call) {
        String message = assertThrows(KernelException.class, call::run).getMessage();
        assertTrue(String.valueOf(message).contains(why), message);
    }

    @Test
    void damagedImages() throws Exception {
        Random random = new Random(SEED);
        try (FsFixture fixture = new FsFixture()) {
            byte[] good = sample(fixture);
            for (int at = 0; at < good.length; at++) {
                byte[] flipped = good.clone();
                flipped[at] ^= (byte) (1 << random.nextInt(8));
                for (byte[] records : List.of(flipped, Arrays.copyOf(good, at))) {
                    try (FileImage image = image(records)) {
                        image.fill("c", "/", "", fixture.tmpfs());
                        assertEquals(good.length, records.length, "cut at " + at);
                    } catch (KernelException e) {
                        String line = String.valueOf(e.getMessage());
                        assertTrue(line.startsWith("cannot restore files"), line);
                        assertTrue(line.chars().noneMatch(Character::isISOControl), line);
                    }
                }
            }
        }
    }

    @Test
    void piecesAreThoseThatAreCommitted() throws IOException {
        MemoryPieces pieces = new MemoryPieces();
        pieces.add(100, 10);
        pieces.add(110, 10);
        pieces.add(0, 50);
        pieces.add(200, 5);
        assertArrayEquals(new long[] {}, pieces.within(new long[] {}));
        assertArrayEquals(new long[] {}, pieces.within(new long[] {50, 50, 120, 80, 205, 9}));
        assertArrayEquals(
                new long[] {0, 50, 100, 20, 200, 5}, pieces.within(new long[] {0, 1 << 20}));
        assertArrayEquals(
                new long[] {10, 5, 40, 10, 100, 10, 115, 5, 204, 1},
                pieces.within(new long[] {10, 5, 40, 70, 115, 20, 204, 100}));
    }
}
