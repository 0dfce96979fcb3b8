package dev.runsc.kernel.fs.erofs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.fs.FsFixture;
import dev.runsc.kernel.fs.TestCaller;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.PathWalk;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Images that lie. A failing seed is run again by -Dtest.seed. */
final class ErofsDamageTest {
    private static final long SEED = Long.getLong("test.seed", 1);
    private static final int MUTANTS = 4000;
    private static final int VISITS_MAX = 2000;

    private interface Damage {
        void to(HandImage image);
    }

    private record Refused(String why, Damage damage) {}

    private record Broken(String path, Errno errno, Damage damage) {}

    private static int at(int inode) {
        return HandImage.INODES_AT + inode * 32;
    }

    @Test
    void superblocksThatMakeNoSense() throws Exception {
        List<Refused> rows =
                List.of(
                        new Refused("no superblock", i -> i.bytes.put(1024, (byte) 0)),
                        new Refused("blocks of 2^8 bytes", i -> i.bytes.put(1036, (byte) 8)),
                        new Refused("blocks of 2^13 bytes", i -> i.bytes.put(1036, (byte) 13)),
                        new Refused("blocks of 2^255 bytes", i -> i.bytes.put(1036, (byte) 255)),
                        new Refused("compressed files", i -> i.bytes.putInt(1104, 1)),
                        new Refused("compressed files", i -> i.bytes.putInt(1104, 2)),
                        new Refused("further devices", i -> i.bytes.putInt(1104, 12)),
                        new Refused("48-bit", i -> i.bytes.putInt(1104, 0x80)),
                        new Refused("feature 2^31", i -> i.bytes.putInt(1104, 1 << 31)),
                        new Refused("further devices", i -> i.bytes.putShort(1110, (short) 1)),
                        new Refused("directory blocks", i -> i.bytes.put(1114, (byte) 1)),
                        new Refused("cut off", i -> i.bytes.putInt(1060, -1)),
                        new Refused("another checksum", i -> i.sum().bytes.put(1072, (byte) 7)),
                        new Refused("the root", i -> i.bytes.putShort(1038, (short) 0xffff)),
                        new Refused("no directory", i -> i.bytes.putShort(1038, (short) 6)),
                        new Refused("the root", i -> i.bytes.putInt(1064, -1)));
        try (FsFixture fixture = new FsFixture()) {
            HandImage.small(12).sum().open(fixture);
            HandImage.small(9).sum().open(fixture);
            for (Refused row : rows) {
                HandImage image = HandImage.small(12);
                row.damage.to(image);
                ErofsFault fault = assertThrows(ErofsFault.class, () -> image.open(fixture));
                assertTrue(String.valueOf(fault.getMessage()).contains(row.why), fault::toString);
            }
            for (int size : new int[] {0, 1, 1024, 1151, 1152, 4095}) {
                byte[] cut = java.util.Arrays.copyOf(HandImage.small(12).bytes.array(), size);
                assertThrows(ErofsFault.class, () -> HandImage.open(fixture, cut));
            }
        }
    }

    @Test
    void inodesThatMakeNoSense() throws Exception {
        fail(
                List.of(
                        new Broken(
                                "/f", Errno.EUCLEAN, i -> i.bytes.putShort(at(6) + 4, (short) 0)),
                        new Broken(
                                "/f",
                                Errno.EOPNOTSUPP,
                                i -> i.bytes.putShort(at(6), (short) 0x100)),
                        new Broken("/f", Errno.EOPNOTSUPP, i -> i.bytes.putShort(at(6), (short) 2)),
                        new Broken(
                                "/f", Errno.EOPNOTSUPP, i -> i.bytes.putShort(at(6), (short) 14)),
                        new Broken("/f", Errno.EUCLEAN, i -> i.bytes.putInt(at(6) + 16, -1)),
                        new Broken("/f", Errno.EUCLEAN, i -> i.bytes.putInt(at(6) + 16, 17)),
                        new Broken(
                                "/f",
                                Errno.EUCLEAN,
                                i -> i.large(6, HandImage.PLAIN, HandImage.FILE, -1, 4)),
                        new Broken("/d/g", Errno.EUCLEAN, i -> i.bytes.putInt(at(10) + 8, 4090)),
                        new Broken("/s", Errno.EUCLEAN, i -> i.bytes.putInt(at(8) + 8, 0)),
                        new Broken("/s", Errno.EUCLEAN, i -> i.bytes.putInt(at(8) + 8, -1)),
                        new Broken("/s", Errno.EUCLEAN, i -> i.bytes.putInt(at(8) + 8, 4096)),
                        new Broken("/s", Errno.EUCLEAN, i -> i.bytes.putInt(at(8) + 8, 4))));
    }

    @Test
    void directoriesThatMakeNoSense() throws Exception {
        int d = HandImage.DATA_AT + 4096;
        fail(
                List.of(
                        // A directory that is in itself, or in another as well.
                        new Broken("/d/g", Errno.EUCLEAN, i -> i.bytes.putLong(d + 24, 1)),
                        new Broken("/d/g", Errno.EUCLEAN, i -> i.bytes.putLong(d + 24, 4)),
                        new Broken("/d/g", Errno.EUCLEAN, i -> i.bytes.putLong(d + 24, -1)),
                        new Broken("/d/g", Errno.EUCLEAN, i -> i.bytes.putLong(d + 24, 1L << 58)),
                        new Broken("/d/g", Errno.EUCLEAN, i -> i.bytes.putInt(at(4) + 8, -1)),
                        new Broken("/d/g", Errno.EUCLEAN, i -> i.bytes.putInt(at(4) + 8, 11)),
                        new Broken("/d/g", Errno.EUCLEAN, i -> i.bytes.putShort(d + 8, (short) 0)),
                        new Broken("/d/g", Errno.EUCLEAN, i -> i.bytes.putShort(d + 8, (short) 13)),
                        new Broken(
                                "/d/g", Errno.EUCLEAN, i -> i.bytes.putShort(d + 8, (short) 4104)),
                        new Broken(
                                "/d/g", Errno.EUCLEAN, i -> i.bytes.putShort(d + 20, (short) 35)),
                        new Broken(
                                "/d/g", Errno.EUCLEAN, i -> i.bytes.putShort(d + 20, (short) 50)),
                        new Broken(
                                "/d/g", Errno.EUCLEAN, i -> i.bytes.putShort(d + 32, (short) -1)),
                        new Broken("/d/g", Errno.EUCLEAN, i -> i.bytes.put(d + 37, (byte) '/')),
                        new Broken("/d/g", Errno.EUCLEAN, i -> i.bytes.put(d + 39, (byte) 0))));
    }

    @Test
    void chunksThatMakeNoSense() throws Exception {
        int root = HandImage.DATA_AT;
        fail(
                List.of(
                        // Chunks of an unknown form, beyond the image, of a table that is not
                        // there.
                        new Broken(
                                "/f",
                                Errno.EOPNOTSUPP,
                                i -> i.inode(6, HandImage.CHUNKS, HandImage.FILE, 5000, 0x40)),
                        new Broken(
                                "/f",
                                Errno.EUCLEAN,
                                i ->
                                        i.inode(6, HandImage.CHUNKS, HandImage.FILE, 5000, 0)
                                                .bytes
                                                .putInt(at(6) + 32, 17)),
                        new Broken(
                                "/f",
                                Errno.EUCLEAN,
                                i ->
                                        i.inode(6, HandImage.CHUNKS, HandImage.FILE, 5000, 0x20)
                                                .bytes
                                                .putLong(at(6) + 32, 0x4_0001_0000L)),
                        new Broken(
                                "/far",
                                Errno.EUCLEAN,
                                i ->
                                        i.directory(root, 12, "far", 1919, 1)
                                                .inode(
                                                        1919,
                                                        HandImage.CHUNKS,
                                                        HandImage.FILE,
                                                        5000,
                                                        0))));
    }

    private static void fail(List<Broken> rows) throws Exception {
        try (FsFixture fixture = new FsFixture()) {
            for (int row = 0; row < rows.size(); row++) {
                HandImage image = HandImage.small(12);
                rows.get(row).damage.to(image);
                TestCaller caller = fixture.caller(image.open(fixture));
                String path = rows.get(row).path;
                ErrnoException failed =
                        assertThrows(ErrnoException.class, () -> use(caller, path), "row " + row);
                assertEquals(rows.get(row).errno, failed.errno(), "row " + row);
            }
        }
    }

    private static void use(TestCaller caller, String path) throws ErrnoException {
        Inode inode = PathWalk.find(caller, path, 0).inode();
        if (inode.isSymlink()) {
            inode.readLink(caller);
        } else {
            read(caller, inode);
        }
    }

    private static void read(TestCaller caller, Inode inode) throws ErrnoException {
        byte[] bytes = new byte[8192];
        long done = 0;
        long count;
        do {
            count = inode.readAt(caller, UserBuffer.of(bytes), done);
            done += count;
        } while (count > 0 && done < 1 << 17);
        if (done < Math.min(inode.size(), 1 << 17)) {
            throw Errno.EUCLEAN.error();
        }
    }

    /** Whatever is changed, there is an errno and an end. */
    @Test
    void anyByteMayBeWrong() throws Exception {
        System.err.println("erofs damage: -Dtest.seed=" + SEED);
        List<byte[]> originals = new ArrayList<>();
        originals.add(HandImage.small(12).bytes.array());
        originals.add(HandImage.small(9).bytes.array());
        originals.addAll(MadeImages.all());
        Random random = new Random(SEED);
        try (FsFixture fixture = new FsFixture()) {
            for (int i = 0; i < MUTANTS; i++) {
                byte[] mutant = originals.get(i % originals.size()).clone();
                // Without a checksum, which would find it all.
                mutant[1032] &= ~1;
                int changes = 1 + random.nextInt(8);
                for (int change = 0; change < changes; change++) {
                    int at = 1028 + random.nextInt(Math.min(mutant.length, 20_000) - 1028);
                    mutant[at] = random.nextBoolean() ? (byte) random.nextInt() : (byte) -1;
                }
                mutant[1032] &= ~1;
                int number = i;
                org.junit.jupiter.api.Assertions.assertDoesNotThrow(
                        () -> walk(fixture, mutant), () -> "mutant " + number);
            }
        }
    }

    private static void walk(FsFixture fixture, byte[] image) throws ErrnoException {
        ErofsFileSystem files;
        try {
            files = HandImage.open(fixture, image);
        } catch (ErofsFault refused) {
            return;
        }
        TestCaller caller = fixture.caller(files);
        List<Inode> found = new ArrayList<>(List.of(files.root()));
        for (int i = 0; i < found.size() && i < VISITS_MAX; i++) {
            Inode inode = found.get(i);
            tolerate(() -> inode.stat(caller));
            tolerate(() -> {
                for (String name : inode.listXattrs(caller)) {
                    inode.getXattr(caller, name);
                }
            });
            switch (inode) {
                case ErofsDirectory directory -> tolerate(() -> descend(caller, directory, found));
                case ErofsSymlink link -> tolerate(() -> link.readLink(caller));
                case ErofsFile file -> {
                    tolerate(() -> read(caller, file));
                    tolerate(() -> file.translate(0, 1 << 20, false));
                    tolerate(() -> file.translate((file.size() - 1) & -4096, 4096, false));
                    tolerate(() -> file.seekData(0));
                    tolerate(() -> file.readAt(caller, UserBuffer.of(new byte[9]), 1L << 40));
                    file.addMapping(new NoObserver());
                    file.removeMapping(new NoObserver());
                }
                default -> tolerate(() -> inode.size());
            }
        }
    }

    private static void descend(TestCaller caller, ErofsDirectory directory, List<Inode> found)
            throws ErrnoException {
        List<String> names = new ArrayList<>();
        directory.list(
                caller,
                2,
                (name, inode, next, type) -> {
                    names.add(new String(name, java.nio.charset.StandardCharsets.ISO_8859_1));
                    return names.size() < VISITS_MAX;
                });
        for (String name : names) {
            tolerate(() -> {
                Inode child = directory.lookup(caller, name);
                if (child != null) {
                    found.add(child);
                }
            });
        }
    }

    private interface Step {
        void run() throws ErrnoException;
    }

    private static void tolerate(Step step) {
        try {
            step.run();
        } catch (ErrnoException e) {
            assertTrue(
                    List.of(Errno.EUCLEAN, Errno.EIO, Errno.EOPNOTSUPP, Errno.EFAULT, Errno.ENXIO)
                            .contains(e.errno()),
                    e::toString);
        }
    }

    /** Maps nothing. */
    private static final class NoObserver
            implements dev.runsc.kernel.memory.Mappable.MappingObserver {
        @Override
        public void invalidate(long offset, long lengthBytes) {}
    }
}
