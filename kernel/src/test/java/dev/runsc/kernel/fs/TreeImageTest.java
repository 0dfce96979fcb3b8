package dev.runsc.kernel.fs;

import static dev.runsc.kernel.fs.TestFiles.CREATE;
import static dev.runsc.kernel.fs.TestFiles.PAGE;
import static dev.runsc.kernel.fs.TestFiles.contents;
import static dev.runsc.kernel.fs.TestFiles.inode;
import static dev.runsc.kernel.fs.TestFiles.open;
import static dev.runsc.kernel.fs.TestFiles.readAt;
import static dev.runsc.kernel.fs.TestFiles.write;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.kernel.fs.tmpfs.TmpfsDirectory;
import dev.runsc.kernel.fs.tmpfs.TmpfsFileSystem;
import dev.runsc.kernel.fs.tmpfs.TmpfsOptions;
import dev.runsc.kernel.fs.tmpfs.TreeReader;
import dev.runsc.kernel.fs.tmpfs.TreeWriter;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.MemoryInode;
import dev.runsc.kernel.vfs.NewInode;
import dev.runsc.kernel.vfs.PathOperations;
import dev.runsc.kernel.vfs.SavedAttributes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Trees in memory, written as images and read back. */
final class TreeImageTest {
    private static final long SEED = Long.getLong("seed", System.nanoTime());
    private static final String LEFT_OUT = "trusted.here";

    /** Deeper than recursion would go. */
    private static final int DEPTH = 20_000;

    /** Bytes of files as an image has them: those of a memory file, which are taken once. */
    private static final class Pieces implements TreeReader.Contents {
        private final MemorySegment memory;
        private final TreeMap<Long, Long> left = new TreeMap<>();

        Pieces(FsFixture fixture, List<long[]> pieces) {
            memory = fixture.memoryFile.segment(0, 1L << 40);
            pieces.forEach(piece -> left.put(piece[0], piece[0] + piece[1]));
        }

        @Override
        public long nextData(long from, long to) {
            var before = left.floorEntry(from);
            if (before != null && before.getValue() > from) {
                return from;
            }
            Long next = left.ceilingKey(from);
            return next == null ? to : Math.min(to, next);
        }

        @Override
        public long nextHole(long from, long to) {
            return Math.min(to, Objects.requireNonNull(left.floorEntry(from)).getValue());
        }

        @Override
        public int read(long offset, MemorySegment target) {
            target.copyFrom(memory.asSlice(offset, target.byteSize()));
            return (int) target.byteSize();
        }

        @Override
        public void drop(long offset, long lengthBytes) {
            var piece = Objects.requireNonNull(left.floorEntry(offset));
            long end = piece.getValue();
            left.put(piece.getKey(), offset);
            if (piece.getKey() == offset) {
                left.remove(offset);
            }
            if (offset + lengthBytes < end) {
                left.put(offset + lengthBytes, end);
            }
        }
    }

    private record Image(byte[] records, List<long[]> pieces) {
        static Image of(TmpfsFileSystem tree) throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            List<long[]> pieces = new ArrayList<>();
            new TreeWriter(
                            new DataOutputStream(bytes),
                            (offset, length) -> pieces.add(new long[] {offset, length}),
                            LEFT_OUT::equals)
                    .write(tree);
            return new Image(bytes.toByteArray(), pieces);
        }

        void into(FsFixture fixture, TmpfsFileSystem tree) throws IOException, ErrnoException {
            DataInputStream in = new DataInputStream(new ByteArrayInputStream(records));
            new TreeReader(in, new Pieces(fixture, pieces), LEFT_OUT::equals).read(tree);
        }
    }

    /** Every kind of file, and names and sizes at their limits. */
    private static TmpfsFileSystem sample(FsFixture fixture) throws ErrnoException {
        TmpfsFileSystem tree = fixture.tmpfs();
        TestCaller caller = fixture.caller(tree);
        TmpfsDirectory root = tree.rootDirectory();
        TestFiles.create(caller, "z", "first");
        TestFiles.create(caller, "a", "");
        FileDescription sparse = open(caller, "sparse", CREATE);
        sparse.truncate(caller, 1L << 40);
        sparse.release();
        FileDescription odd = open(caller, "x".repeat(255), CREATE);
        write(caller, odd, "y".repeat(3 * PAGE + 17));
        odd.truncate(caller, 3 * PAGE + 9);
        odd.release();
        TmpfsDirectory below =
                root.makeDirectory("d", new NewInode(FileMode.S_IFDIR | 01755, 3, 4, 0));
        below.link(caller, "second\n\377", inode(caller, "z"));
        below.makeSymlink("link", "t".repeat(4095), new NewInode(FileMode.S_IFLNK | 0777, 0, 0, 0));
        for (int type :
                new int[] {
                    FileMode.S_IFIFO, FileMode.S_IFSOCK, FileMode.S_IFCHR, FileMode.S_IFBLK
                }) {
            boolean device = type == FileMode.S_IFCHR || type == FileMode.S_IFBLK;
            below.create(caller, "n" + type, new NewInode(type | 0600, 0, 0, device ? 0x103 : 0));
        }
        below.create(caller, "whiteout", new NewInode(FileMode.S_IFCHR, 0, 0, 0));
        Inode file = inode(caller, "z");
        file.setXattr(caller, "user.k", new byte[] {0, 1, 2}, 0);
        file.setXattr(caller, LEFT_OUT, new byte[1], 0);
        below.setXattr(caller, "trusted.overlay.opaque", new byte[] {'y'}, 0);
        ((MemoryInode) file)
                .adopt(
                        new SavedAttributes(
                                FileMode.S_IFREG | 06755,
                                -2,
                                Integer.MIN_VALUE,
                                Long.MIN_VALUE,
                                -5,
                                Long.MAX_VALUE,
                                ((MemoryInode) file).attributes().xattrs()));
        return tree;
    }

    private static void same(MemoryInode was, MemoryInode is) {
        SavedAttributes before = was.attributes();
        SavedAttributes after = is.attributes();
        assertEquals(before.mode(), after.mode());
        assertEquals(before.uid(), after.uid());
        assertEquals(before.gid(), after.gid());
        assertEquals(before.accessNanos(), after.accessNanos());
        assertEquals(before.modifyNanos(), after.modifyNanos());
        assertEquals(before.changeNanos(), after.changeNanos());
        assertEquals(was.deviceNumber(), is.deviceNumber());
        assertEquals(was.links(), is.links());
        before.xattrs().remove(LEFT_OUT);
        assertEquals(before.xattrs().keySet(), after.xattrs().keySet());
        before.xattrs()
                .forEach((name, value) -> assertArrayEquals(value, after.xattrs().get(name)));
    }

    private static void same(TmpfsDirectory was, TmpfsDirectory is) throws ErrnoException {
        same((MemoryInode) was, is);
        assertEquals(was.names(), is.names(), "in the same order");
        for (String name : was.names()) {
            Inode before = Objects.requireNonNull(was.find(name));
            Inode after = Objects.requireNonNull(is.find(name));
            if (before instanceof TmpfsDirectory directory) {
                same(directory, (TmpfsDirectory) after);
            } else {
                assertEquals(before.size(), after.size());
                same((MemoryInode) before, (MemoryInode) after);
            }
        }
    }

    @Test
    void everythingComesBack() throws Exception {
        try (FsFixture fixture = new FsFixture()) {
            TmpfsFileSystem tree = sample(fixture);
            TmpfsFileSystem copy = fixture.tmpfs();
            Image.of(tree).into(fixture, copy);
            same(tree.rootDirectory(), copy.rootDirectory());
            TestCaller caller = fixture.caller(copy);
            assertEquals("first", contents(caller, "z"));
            assertSame(inode(caller, "z"), inode(caller, "d/second\n\377"));
            assertEquals("t".repeat(4095), inode(caller, "d/link").readLink(caller));
            assertEquals(0, inode(caller, "sparse").stat(caller).blocks(), "a hole");
            FileDescription odd = open(caller, "x".repeat(255), 0);
            assertEquals("y".repeat(9), readAt(caller, odd, 3 * PAGE, PAGE));
            odd.release();
            // What it counts is right: it can be emptied again.
            PathOperations.unlink(caller, caller.fs().root(), "z");
            assertEquals(1, ((MemoryInode) inode(caller, "d/second\n\377")).links());
        }
    }

    @Test
    void depthIsNoMatter() throws Exception {
        try (FsFixture fixture = new FsFixture()) {
            TmpfsFileSystem tree = fixture.tmpfs();
            TmpfsDirectory directory = tree.rootDirectory();
            for (int i = 0; i < DEPTH; i++) {
                directory = directory.makeDirectory("d", new NewInode(FileMode.S_IFDIR, 0, 0, 0));
            }
            TmpfsFileSystem copy = fixture.tmpfs();
            Image.of(tree).into(fixture, copy);
            int depth = 0;
            for (TmpfsDirectory at = copy.rootDirectory();
                    at.find("d") instanceof TmpfsDirectory below;
                    at = below) {
                depth++;
            }
            assertEquals(DEPTH, depth);
        }
    }

    @Test
    void limitsOfTheInstanceHold() throws Exception {
        try (FsFixture fixture = new FsFixture()) {
            Image image = Image.of(sample(fixture));
            for (String limit : List.of("size=4k", "nr_inodes=5")) {
                TmpfsFileSystem small =
                        new TmpfsFileSystem(
                                fixture.vfs,
                                fixture.memoryFile,
                                TmpfsOptions.parse(limit, TmpfsOptions.unlimited(0755)));
                ErrnoException full =
                        assertThrows(ErrnoException.class, () -> image.into(fixture, small));
                assertEquals(Errno.ENOSPC, full.errno(), limit);
            }
        }
    }

    /** Whatever the records say: refused, or some tree; and no more bytes than the image has. */
    @Test
    void damagedRecords() throws Exception {
        Random random = new Random(SEED);
        try (FsFixture fixture = new FsFixture()) {
            Image image = Image.of(sample(fixture));
            long bytes = image.pieces.stream().mapToLong(piece -> piece[1]).sum();
            int refused = 0;
            byte[] good = image.records;
            for (int at = 0; at < good.length; at++) {
                byte[] flipped = good.clone();
                flipped[at] ^= (byte) (1 << random.nextInt(8));
                byte[] cut = Arrays.copyOf(good, at);
                for (byte[] records : List.of(flipped, cut)) {
                    TmpfsFileSystem tree = fixture.tmpfs();
                    try {
                        new Image(records, image.pieces).into(fixture, tree);
                        same(tree.rootDirectory(), tree.rootDirectory());
                        assertTrue(records.length == good.length, "-Dseed=" + SEED + " cut " + at);
                    } catch (IOException | ErrnoException e) {
                        refused++;
                    }
                    assertTrue(tree.usedBytes() <= bytes, "-Dseed=" + SEED + " at " + at);
                }
            }
            assertTrue(refused > good.length, "hardly any damage was seen: " + refused);
        }
    }

    private static byte[] tree(Writing entries) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        attributes(out, FileMode.S_IFDIR | 0755);
        entries.write(out);
        return bytes.toByteArray();
    }

    private interface Writing {
        void write(DataOutputStream out) throws IOException;
    }

    private static void attributes(DataOutputStream out, int mode) throws IOException {
        out.writeInt(mode);
        out.write(new byte[4 + 4 + 8 + 8 + 8 + 2]);
    }

    private static void name(DataOutputStream out, int kind, String name) throws IOException {
        out.writeByte(kind);
        out.writeShort(name.length());
        out.writeBytes(name);
    }

    @Test
    void namesThatAreNone() throws Exception {
        try (FsFixture fixture = new FsFixture()) {
            for (String bad : List.of("", ".", "..", "a/b", "/", "a\0b", "x".repeat(256))) {
                byte[] records =
                        tree(out -> {
                            name(out, 1, bad);
                            attributes(out, FileMode.S_IFDIR);
                            out.write(new byte[] {6, 6});
                        });
                Image image = new Image(records, List.of());
                assertThrows(IOException.class, () -> image.into(fixture, fixture.tmpfs()), bad);
            }
            byte[] twice =
                    tree(out -> {
                        for (int i = 0; i < 2; i++) {
                            name(out, 1, "a");
                            attributes(out, FileMode.S_IFDIR);
                            out.write(6);
                        }
                    });
            Image image = new Image(twice, List.of());
            assertThrows(IOException.class, () -> image.into(fixture, fixture.tmpfs()));
        }
    }

    /** A small image stays small, however often its records name the same bytes. */
    @Test
    void bytesAreTakenOnce() throws Exception {
        try (FsFixture fixture = new FsFixture()) {
            TmpfsFileSystem tree = fixture.tmpfs();
            TestFiles.create(fixture.caller(tree), "f", "text");
            Image one = Image.of(tree);
            long memory = one.pieces.getFirst()[0];
            byte[] many =
                    tree(out -> {
                        for (int i = 0; i < 100; i++) {
                            name(out, 2, "f" + i);
                            attributes(out, FileMode.S_IFREG);
                            out.writeInt(0);
                            out.writeLong(1L << 50);
                            out.writeLong(0);
                            out.writeLong(0);
                            out.writeLong(1L << 50);
                            out.writeLong(-1);
                        }
                        out.write(6);
                    });
            assertTrue(memory >= 0);
            TmpfsFileSystem copy = fixture.tmpfs();
            new Image(many, one.pieces).into(fixture, copy);
            assertEquals(PAGE, copy.usedBytes());
        }
    }
}
