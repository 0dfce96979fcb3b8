package dev.runsc.kernel.fs.erofs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.gofer.abi.AtFlags;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.Stat;
import dev.runsc.gofer.host.HostTree;
import dev.runsc.kernel.fs.FsFixture;
import dev.runsc.kernel.fs.TestCaller;
import dev.runsc.kernel.memory.Mappable.Backing;
import dev.runsc.kernel.memory.Mappable.InHostFile;
import dev.runsc.kernel.memory.Mappable.InMemory;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.PathWalk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What images show is what they were made of. */
final class ErofsTest {
    private static final int PAGE = 4096;

    @TempDir Path scratch;

    @Test
    void treesAreAsTheHostHasThem() throws Exception {
        Path tree = scratch.resolve("tree");
        MadeImages.makeTree(tree, 500);
        for (List<String> form : MadeImages.FORMS) {
            Path image = scratch.resolve("image");
            MadeImages.make(tree, image, form);
            try (FsFixture fixture = new FsFixture()) {
                TestCaller caller =
                        fixture.caller(HandImage.open(fixture, Files.readAllBytes(image)));
                boolean times = !form.contains("force-inode-compact");
                try (Stream<Path> all = Files.walk(tree)) {
                    for (Path each : all.toList()) {
                        String path = "/" + tree.relativize(each);
                        compare(caller, path, each, times, !form.contains("-x"));
                    }
                }
            }
            Files.delete(image);
        }
    }

    private static void compare(
            TestCaller caller, String path, Path host, boolean times, boolean xattrs)
            throws ErrnoException, IOException {
        Inode inode = PathWalk.find(caller, path, 0).inode();
        Stat ours = inode.stat(caller);
        Stat theirs =
                HostTree.fstatat(
                        AtFlags.AT_FDCWD,
                        host.toString().getBytes(StandardCharsets.UTF_8),
                        AtFlags.AT_SYMLINK_NOFOLLOW);
        assertEquals(theirs.mode(), ours.mode(), path);
        assertEquals(theirs.uid(), ours.uid(), path);
        assertEquals(theirs.gid(), ours.gid(), path);
        if (times) {
            assertEquals(theirs.mtime(), ours.mtime(), path);
        }
        if (inode.isDirectory()) {
            assertEquals(names(host), names(caller, inode), path);
            assertNull(((ErofsDirectory) inode).lookup(caller, "zz"));
            assertNull(((ErofsDirectory) inode).lookup(caller, "!"));
        } else {
            assertEquals(theirs.size(), ours.size(), path);
            assertEquals(theirs.nlink(), ours.nlink(), path);
        }
        if (inode.isSymlink()) {
            assertEquals(Files.readSymbolicLink(host).toString(), inode.readLink(caller), path);
        }
        if (inode.isRegular()) {
            assertArrayEquals(Files.readAllBytes(host), contents(caller, inode), path);
            assertArrayEquals(Files.readAllBytes(host), mapped((ErofsFile) inode), path);
        }
        if (xattrs && !inode.isSymlink()) {
            compareXattrs(caller, inode, host);
        }
    }

    private static void compareXattrs(TestCaller caller, Inode inode, Path host)
            throws ErrnoException, IOException {
        UserDefinedFileAttributeView view =
                Files.getFileAttributeView(host, UserDefinedFileAttributeView.class);
        TreeSet<String> theirs = new TreeSet<>();
        for (String name : view.list()) {
            theirs.add("user." + name);
            ByteBuffer value = ByteBuffer.allocate(view.size(name));
            view.read(name, value);
            assertArrayEquals(value.array(), inode.getXattr(caller, "user." + name));
        }
        assertEquals(theirs, new TreeSet<>(inode.listXattrs(caller)));
        fails(Errno.ENODATA, () -> inode.getXattr(caller, "user.none"));
    }

    private static TreeSet<String> names(Path host) throws IOException {
        TreeSet<String> names = new TreeSet<>();
        try (Stream<Path> all = Files.list(host)) {
            all.forEach(each -> names.add(String.valueOf(each.getFileName())));
        }
        return names;
    }

    /** A few names at a time, as getdents(2) with a small buffer. */
    private static TreeSet<String> names(TestCaller caller, Inode directory) throws ErrnoException {
        TreeSet<String> names = new TreeSet<>();
        long[] position = {2};
        int before;
        do {
            before = names.size();
            int most = before + 7;
            directory.list(
                    caller,
                    position[0],
                    (name, inode, next, type) -> {
                        if (names.size() == most) {
                            return false;
                        }
                        assertTrue(names.add(new String(name, StandardCharsets.ISO_8859_1)));
                        position[0] = next;
                        return true;
                    });
        } while (names.size() > before);
        assertEquals(names.size(), directory.listAll(caller).size());
        return names;
    }

    private static byte[] contents(TestCaller caller, Inode file) throws ErrnoException {
        byte[] all = new byte[(int) file.size() + 10];
        long count = file.readAt(caller, UserBuffer.of(all), 0);
        assertEquals(file.size(), count);
        assertEquals(0, file.readAt(caller, UserBuffer.of(new byte[1]), file.size()));
        return java.util.Arrays.copyOf(all, (int) count);
    }

    /** What somebody reads who maps it: of the image where pages lie there, else copies. */
    private static byte[] mapped(ErofsFile file) throws ErrnoException {
        ByteBuffer all = ByteBuffer.allocate((int) file.size());
        long end = (file.size() + PAGE - 1) & -PAGE;
        for (long at = 0; at < end; ) {
            Backing backing = file.translate(at, end - at, false);
            assertEquals(0, backing.lengthBytes() % PAGE);
            int wanted = (int) Math.min(backing.lengthBytes(), file.size() - at);
            byte[] piece = new byte[wanted];
            if (backing instanceof InMemory memory) {
                java.lang.foreign.MemorySegment.copy(
                        file.fileSystem().memoryFile().segment(memory.memoryOffset(), wanted),
                        java.lang.foreign.ValueLayout.JAVA_BYTE,
                        0,
                        piece,
                        0,
                        wanted);
            } else {
                long from = ((InHostFile) backing).fileOffset();
                assertEquals(0, from % PAGE);
                piece = file.fileSystem().image().bytes(from, wanted).array();
            }
            all.put(piece);
            at += backing.lengthBytes();
        }
        fails(Errno.EFAULT, () -> file.translate(end, PAGE, false));
        fails(Errno.EFAULT, () -> file.translate(0, PAGE, true));
        return all.array();
    }

    private interface Call {
        void run() throws ErrnoException;
    }

    private static void fails(Errno errno, Call call) {
        assertEquals(errno, assertThrows(ErrnoException.class, call::run).errno());
    }

    @Test
    void pagesOfTheImageAreMappedAndOthersCopied() throws Exception {
        try (FsFixture fixture = new FsFixture()) {
            ErofsFileSystem files = HandImage.small(12).open(fixture);
            TestCaller caller = fixture.caller(files);
            ErofsFile f = (ErofsFile) PathWalk.find(caller, "/f", 0).inode();
            InHostFile all = assertInstanceOf(InHostFile.class, f.translate(0, 1 << 20, false));
            assertEquals(16384, all.fileOffset());
            assertEquals(2 * PAGE, all.lengthBytes());
            ErofsFile g = (ErofsFile) PathWalk.find(caller, "/d/g", 0).inode();
            long used = fixture.memoryFile.usedBytes();
            InMemory copy = assertInstanceOf(InMemory.class, g.translate(0, PAGE, false));
            assertEquals(copy, g.translate(0, PAGE, false), "made once");
            assertTrue(fixture.memoryFile.usedBytes() > used);
            assertEquals("inline", new String(mapped(g), StandardCharsets.ISO_8859_1));
            g.addMapping(new NoObserver());
            g.addMapping(new NoObserver());
            g.removeMapping(new NoObserver());
            assertEquals(copy, g.translate(0, PAGE, false), "somebody still maps it");
            g.removeMapping(new NoObserver());
            assertEquals(used, fixture.memoryFile.usedBytes(), "nobody does");
        }
    }

    @Test
    void blocksMayBeSmallerThanPages() throws Exception {
        for (int bits = 9; bits <= 12; bits++) {
            try (FsFixture fixture = new FsFixture()) {
                HandImage made = HandImage.small(bits).sum();
                // The file moved by one block: no page of it is one of the image.
                made.inode(6, HandImage.PLAIN, HandImage.FILE, 4488, (16384 >> bits) + 1);
                TestCaller caller = fixture.caller(made.open(fixture));
                ErofsFile f = (ErofsFile) PathWalk.find(caller, "/f", 0).inode();
                assertArrayEquals(contents(caller, f), mapped(f));
                assertEquals('a' + (1 << bits) % 26, contents(caller, f)[0]);
                Inode s = PathWalk.find(caller, "/s", 0).inode();
                assertEquals("d/g", s.readLink(caller));
                assertEquals(6, PathWalk.find(caller, "/s", PathWalk.FOLLOW).inode().size());
                assertEquals(List.of("d", "f", "s"), new ArrayList<>(names(caller, root(caller))));
            }
        }
    }

    private static Inode root(TestCaller caller) {
        return caller.fs().root().inode();
    }

    @Test
    void chunksHaveHolesAndLieInAnyOrder() throws Exception {
        try (FsFixture fixture = new FsFixture()) {
            HandImage made = HandImage.small(12);
            int start = 16384 / PAGE;
            // Of 8 KiB each: the second half of the data, a hole, the data, a hole to the end.
            made.large(6, HandImage.CHUNKS, HandImage.FILE, 3L << 40, 1 | 31 << 8);
            made.bytes.putInt(HandImage.INODES_AT + 6 * 32 + 16, 1);
            int table = HandImage.INODES_AT + 6 * 32 + 64;
            made.inode(8, HandImage.PLAIN, HandImage.FILE, 0, 0);
            made.bytes.putInt(table, start).putInt(table + 4, -1).putInt(table + 8, start);
            made.bytes.putInt(table + 12, -1);
            made.bytes.putLong(HandImage.INODES_AT + 6 * 32 + 8, 32_000);
            TestCaller caller = fixture.caller(made.open(fixture));
            ErofsFile f = (ErofsFile) PathWalk.find(caller, "/f", 0).inode();
            byte[] all = contents(caller, f);
            assertEquals('a', all[0]);
            assertEquals(0, all[9000]);
            assertEquals('b', all[16385]);
            assertEquals(0, all[31_999]);
            assertArrayEquals(all, mapped(f));
            assertEquals(8192, f.seekHole(0));
            assertEquals(16384, f.seekData(9000));
            fails(Errno.ENXIO, () -> f.seekData(30_000));
        }
    }

    @Test
    void nothingCanBeChanged() throws Exception {
        try (FsFixture fixture = new FsFixture()) {
            ErofsFileSystem files = HandImage.small(12).open(fixture);
            TestCaller caller = fixture.caller(files);
            ErofsDirectory root = (ErofsDirectory) files.root();
            Inode f = PathWalk.find(caller, "/f", 0).inode();
            assertSame(f, root.lookup(caller, "f"), "one inode for a number");
            fails(Errno.EROFS, () -> f.prepareWriting(caller, false));
            fails(Errno.EROFS, () -> f.setXattr(caller, "user.x", new byte[0], 0));
            fails(Errno.EROFS, () -> f.removeXattr(caller, "user.x"));
            fails(Errno.EROFS, () -> root.unlink(caller, "f", f));
            fails(Errno.EROFS, () -> root.link(caller, "g", f));
            fails(Errno.EROFS, () -> root.rename(caller, "f", f, root, "g", null, 0));
            assertEquals(Superblock.MAGIC, files.statfs(caller).type());
        }
    }

    /** Maps nothing. */
    private static final class NoObserver
            implements dev.runsc.kernel.memory.Mappable.MappingObserver {
        @Override
        public void invalidate(long offset, long lengthBytes) {}
    }
}
