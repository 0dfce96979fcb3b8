package dev.runsc.kernel.fs;

import static dev.runsc.kernel.fs.TestFiles.CREATE;
import static dev.runsc.kernel.fs.TestFiles.PAGE;
import static dev.runsc.kernel.fs.TestFiles.contents;
import static dev.runsc.kernel.fs.TestFiles.fails;
import static dev.runsc.kernel.fs.TestFiles.inode;
import static dev.runsc.kernel.fs.TestFiles.open;
import static dev.runsc.kernel.fs.TestFiles.readAt;
import static dev.runsc.kernel.fs.TestFiles.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.Stat;
import dev.runsc.kernel.fs.overlay.OverlayFileSystem;
import dev.runsc.kernel.fs.tmpfs.TmpfsFileSystem;
import dev.runsc.kernel.memory.Mappable;
import dev.runsc.kernel.vfs.AttributeOperations;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.ListedEntry;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.PathOperations;
import dev.runsc.kernel.vfs.PathWalk;
import dev.runsc.kernel.vfs.XattrOperations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What an overlay shows of its layers and what it leaves in the upper one. */
final class OverlayTest {
    /** An overlay over a directory of the host, its upper tree visible by itself. */
    private static final class World implements AutoCloseable {
        final FsFixture fixture;
        final Path host;
        final TmpfsFileSystem upper;
        final TestCaller caller;
        final TestCaller beneath;

        World() throws ErrnoException {
            fixture = new FsFixture();
            host = fixture.hostDirectory();
            try {
                Files.createDirectories(host.resolve("dir/sub"));
                Files.writeString(host.resolve("a"), "lower a");
                Files.writeString(host.resolve("dir/b"), "lower b");
                Files.writeString(host.resolve("dir/sub/c"), "c".repeat(3 * PAGE));
            } catch (IOException e) {
                throw new AssertionError(e);
            }
            upper = fixture.tmpfs();
            Inode lower = fixture.goferFs(host, true, false).root();
            caller = fixture.caller(new OverlayFileSystem(fixture.vfs, upper, List.of(lower)));
            beneath = fixture.caller(upper);
        }

        Location root() {
            return caller.fs().root();
        }

        String names(TestCaller who, String path) throws ErrnoException {
            StringBuilder names = new StringBuilder();
            inode(who, path).listAll(who).stream()
                    .map(ListedEntry::name)
                    .sorted()
                    .forEach(n -> names.append(n).append(' '));
            return names.toString().strip();
        }

        @Override
        public void close() {
            fixture.close();
        }
    }

    @Test
    void theFirstChangeCopiesUpWithoutATrace() throws ErrnoException {
        try (World world = new World()) {
            Stat before = inode(world.caller, "/dir/b").stat(world.caller);
            Stat parent = inode(world.caller, "/dir").stat(world.caller);
            FileDescription old = open(world.caller, "/dir/b", OpenFlags.O_RDONLY);
            assertEquals("", world.names(world.beneath, "/"));
            FileDescription writer = open(world.caller, "/dir/b", OpenFlags.O_WRONLY);
            assertEquals("dir", world.names(world.beneath, "/"));
            Stat after = inode(world.caller, "/dir/b").stat(world.caller);
            assertEquals(before.ino(), after.ino());
            assertEquals(before.mtime(), after.mtime());
            assertEquals(before.mode(), after.mode());
            Stat parentAfter = inode(world.caller, "/dir").stat(world.caller);
            assertEquals(parent.ino(), parentAfter.ino());
            assertEquals(parent.mtime(), parentAfter.mtime());
            write(world.caller, writer, "UPPER");
            assertEquals("UPPER b", readAt(world.caller, old, 0, 100));
            assertEquals("UPPER b", contents(world.caller, "/dir/b"));
            assertEquals("b sub", world.names(world.caller, "/dir"));
        }
    }

    @Test
    void truncatingOpensDoNotReadTheLowerFile() throws ErrnoException {
        try (World world = new World()) {
            open(world.caller, "/dir/sub/c", OpenFlags.O_WRONLY | OpenFlags.O_TRUNC);
            assertEquals("", contents(world.beneath, "/dir/sub/c"));
            assertEquals(0, world.fixture.memoryFile.usedBytes());
        }
    }

    @Test
    void numbersOfListingAndStatAgree() throws ErrnoException {
        try (World world = new World()) {
            TestFiles.create(world.caller, "/dir/new", "new");
            open(world.caller, "/dir/b", OpenFlags.O_WRONLY).release();
            Set<Long> seen = new HashSet<>();
            for (ListedEntry entry : inode(world.caller, "/dir").listAll(world.caller)) {
                Inode found = inode(world.caller, "/dir/" + entry.name());
                assertEquals(found.number(), entry.inode(), entry.name());
                assertEquals(found.direntType(), entry.type(), entry.name());
                assertTrue(seen.add(entry.inode()));
            }
            assertEquals(3, seen.size());
        }
    }

    @Test
    void removedLowerNamesAreWhitedOut() throws ErrnoException {
        try (World world = new World()) {
            PathOperations.unlink(world.caller, world.root(), "/a");
            fails(Errno.ENOENT, () -> contents(world.caller, "/a"));
            assertEquals("dir", world.names(world.caller, "/"));
            Inode whiteout = inode(world.beneath, "/a");
            assertEquals(FileMode.S_IFCHR, whiteout.type());
            assertEquals(0, whiteout.deviceNumber());
            TestFiles.create(world.caller, "/a", "again");
            assertEquals("again", contents(world.caller, "/a"));
            assertEquals("a dir", world.names(world.caller, "/"));
            fails(
                    Errno.EPERM,
                    () ->
                            PathOperations.mknod(
                                    world.caller, world.root(), "/w", FileMode.S_IFCHR, 0));
        }
    }

    @Test
    void aDirectoryMadeOverARemovedOneIsEmpty() throws ErrnoException {
        try (World world = new World()) {
            fails(Errno.ENOTEMPTY, () -> PathOperations.rmdir(world.caller, world.root(), "/dir"));
            PathOperations.unlink(world.caller, world.root(), "/dir/b");
            PathOperations.unlink(world.caller, world.root(), "/dir/sub/c");
            PathOperations.rmdir(world.caller, world.root(), "/dir/sub");
            PathOperations.rmdir(world.caller, world.root(), "/dir");
            PathOperations.mkdir(world.caller, world.root(), "/dir", 0755);
            assertEquals("", world.names(world.caller, "/dir"));
            TestFiles.create(world.caller, "/dir/b", "new");
            assertEquals("new", contents(world.caller, "/dir/b"));
            assertEquals(2, inode(world.caller, "/dir").stat(world.caller).nlink());
        }
    }

    @Test
    void lowerDirectoriesDoNotMove() throws ErrnoException {
        try (World world = new World()) {
            fails(Errno.EXDEV, () -> rename(world, "/dir", "/dir2"));
            PathOperations.mkdir(world.caller, world.root(), "/own", 0755);
            TestFiles.create(world.caller, "/own/f", "f");
            rename(world, "/own", "/dir/own");
            rename(world, "/dir/own", "/dir2");
            assertEquals("f", contents(world.caller, "/dir2/f"));
            rename(world, "/dir/b", "/dir2/b");
            assertEquals("lower b", contents(world.caller, "/dir2/b"));
            assertEquals("sub", world.names(world.caller, "/dir"));
        }
    }

    private static void rename(World world, String from, String to) throws ErrnoException {
        PathOperations.rename(world.caller, world.root(), from, world.root(), to, 0);
    }

    @Test
    void mappingsMoveToTheCopy() throws ErrnoException {
        try (World world = new World()) {
            FileDescription reader = open(world.caller, "/dir/sub/c", OpenFlags.O_RDONLY);
            Mappable file = reader.mappable(world.caller);
            TestFiles.Observer observer = new TestFiles.Observer();
            file.addMapping(observer);
            assertEquals("/dir/sub/c", file.mappedName());
            Mappable.Backing lower = file.translate(0, 9 * PAGE, false);
            assertInstanceOf(Mappable.InHostFile.class, lower);
            assertEquals(3 * PAGE, lower.lengthBytes());
            FileDescription writer = open(world.caller, "/dir/sub/c", OpenFlags.O_RDWR);
            assertEquals(List.of("0-"), observer.invalidated);
            assertInstanceOf(Mappable.InMemory.class, file.translate(0, PAGE, true));
            writer.truncate(world.caller, PAGE);
            assertEquals(List.of("0-", "1-"), observer.invalidated);
            PathOperations.unlink(world.caller, world.root(), "/dir/sub/c");
            assertEquals("/dir/sub/c (deleted)", file.mappedName());
            writer.release();
            reader.release();
            assertTrue(world.fixture.memoryFile.usedBytes() > 0);
            file.removeMapping(observer);
            assertEquals(0, world.fixture.memoryFile.usedBytes());
        }
    }

    @Test
    void attributesOfOpenFilesWithoutANameCanChange() throws ErrnoException {
        try (World world = new World()) {
            FileDescription reader = open(world.caller, "/a", OpenFlags.O_RDONLY);
            PathOperations.unlink(world.caller, world.root(), "/a");
            assertEquals(0, reader.stat(world.caller).nlink());
            Location location = Objects.requireNonNull(reader.location());
            AttributeOperations.chmod(world.caller, location, 0600);
            assertEquals(0100600, reader.stat(world.caller).mode());
            assertEquals("lower a", readAt(world.caller, reader, 0, 100));
            reader.release();
            assertEquals(0, world.fixture.memoryFile.usedBytes());
        }
    }

    @Test
    void theOverlaysOwnAttributesStayHidden() throws ErrnoException {
        try (World world = new World()) {
            Location location = PathWalk.find(world.caller, "/a", 0);
            XattrOperations.set(world.caller, location, "user.x", new byte[] {1}, 0);
            assertEquals(List.of("user.x"), XattrOperations.list(world.caller, location));
            fails(
                    Errno.ENODATA,
                    () -> XattrOperations.get(world.caller, location, OverlayNames.ORIGIN));
            fails(
                    Errno.EPERM,
                    () ->
                            XattrOperations.set(
                                    world.caller, location, OverlayNames.ORIGIN, new byte[0], 0));
            fails(Errno.ENODATA, () -> XattrOperations.remove(world.caller, location, "user.none"));
            Location below = PathWalk.find(world.beneath, "/a", 0);
            assertEquals(2, XattrOperations.list(world.beneath, below).size());
        }
    }

    /** Names that images and other kernels rely on. */
    private static final class OverlayNames {
        static final String ORIGIN = "trusted.overlay.origin";
    }

    @Test
    void hardLinksShareOneFile() throws ErrnoException {
        try (World world = new World()) {
            PathOperations.link(
                    world.caller, PathWalk.find(world.caller, "/a", 0), world.root(), "/dir/a2");
            Stat one = inode(world.caller, "/a").stat(world.caller);
            Stat two = inode(world.caller, "/dir/a2").stat(world.caller);
            assertEquals(one.ino(), two.ino());
            assertEquals(2, two.nlink());
            FileDescription writer =
                    open(world.caller, "/dir/a2", OpenFlags.O_WRONLY | OpenFlags.O_APPEND);
            write(world.caller, writer, "!");
            assertEquals("lower a!", contents(world.caller, "/a"));
            FileDescription other = open(world.caller, "/new", CREATE);
            assertEquals(1, other.stat(world.caller).nlink());
        }
    }
}
