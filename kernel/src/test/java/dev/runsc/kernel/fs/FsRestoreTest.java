package dev.runsc.kernel.fs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.SeekWhence;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.auth.UserNamespace;
import dev.runsc.kernel.fs.gofer.GoferConnections;
import dev.runsc.kernel.fs.gofer.GoferFileSystem;
import dev.runsc.kernel.fs.overlay.OverlayFileSystem;
import dev.runsc.kernel.memory.MemoryFile;
import dev.runsc.kernel.memory.MemoryFileHost;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.platform.Platform;
import dev.runsc.kernel.vfs.FdTable;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.FileLocks;
import dev.runsc.kernel.vfs.FsContext;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.MountListing;
import dev.runsc.kernel.vfs.MountNamespace;
import dev.runsc.kernel.vfs.MountOperations;
import dev.runsc.kernel.vfs.OpenRequest;
import dev.runsc.kernel.vfs.Opener;
import dev.runsc.kernel.vfs.PathOperations;
import dev.runsc.kernel.vfs.PathWalk;
import dev.runsc.kernel.vfs.Sealable;
import dev.runsc.kernel.vfs.VirtualFileSystem;
import dev.runsc.state.ObjectGraph;
import dev.runsc.state.RestoreContext;
import dev.runsc.state.RestoreException;
import dev.runsc.state.Savable;
import dev.runsc.state.StateException;
import dev.runsc.state.StateSchema;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** File systems that are saved, and go on over another memory file and other gofers. */
final class FsRestoreTest {
    private static final StateSchema SCHEMA =
            FsSchema.types().type("test.World", 1, World.class).build();

    /** What an image of these tests holds. */
    private static final class World implements Savable {
        final MemoryFile memoryFile;
        final VirtualFileSystem vfs;
        final MountNamespace namespace;
        final FsContext fs;
        final FdTable files = new FdTable();

        World(FsFixture fixture) throws ErrnoException {
            memoryFile = fixture.memoryFile;
            vfs = fixture.vfs;
            namespace = vfs.newNamespace(new UserNamespace(), fixture.tmpfs(), "tmpfs", 0);
            fs = new FsContext(namespace.rootLocation(), namespace.rootLocation(), 022);
        }

        TestCaller caller() {
            return new TestCaller(fs, files, Credentials.root(new UserNamespace()));
        }

        int open(String path, int flags) throws ErrnoException {
            TestCaller caller = caller();
            FileDescription file =
                    Opener.open(caller, fs.workingDirectory(), path, OpenRequest.of(flags, 0644));
            return files.install(caller, file, false);
        }

        void write(int fd, String text) throws ErrnoException {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            assertEquals(bytes.length, files.require(fd).write(caller(), UserBuffer.of(bytes)));
        }

        String read(int fd) throws ErrnoException {
            byte[] bytes = new byte[1000];
            long count = files.require(fd).read(caller(), UserBuffer.of(bytes));
            return new String(bytes, 0, (int) count, StandardCharsets.UTF_8);
        }

        void seek(int fd, long offset) throws ErrnoException {
            files.require(fd).seek(caller(), offset, SeekWhence.SEEK_SET);
        }

        String contents(String path) throws ErrnoException {
            int fd = open(path, OpenFlags.O_RDONLY);
            String text = read(fd);
            files.close(caller(), fd);
            return text;
        }

        void create(String path, String text) throws ErrnoException {
            int fd = open(path, OpenFlags.O_CREAT | OpenFlags.O_WRONLY);
            write(fd, text);
            files.close(caller(), fd);
        }

        Location find(String path) throws ErrnoException {
            return PathWalk.find(caller(), path, 0);
        }

        void mkdir(String path) throws ErrnoException {
            PathOperations.mkdir(caller(), fs.workingDirectory(), path, 0755);
        }

        void unlink(String path) throws ErrnoException {
            PathOperations.unlink(caller(), fs.workingDirectory(), path);
        }

        String path(Location location) {
            return MountListing.path(location, fs.root());
        }
    }

    /** Saves a world and brings it back over the other fixture's memory file. */
    private static World copy(
            World world, FsFixture to, Map<String, GoferConnections.Connection> gofers)
            throws ErrnoException, StateException {
        world.vfs.prepareSave();
        world.memoryFile.reclaim();
        long[] ranges = world.memoryFile.committedRanges();
        for (int i = 0; i < ranges.length; i += 2) {
            MemorySegment.copy(
                    world.memoryFile.segment(ranges[i], ranges[i + 1]),
                    0,
                    to.memoryFile.segment(ranges[i], ranges[i + 1]),
                    0,
                    ranges[i + 1]);
        }
        RestoreContext context =
                RestoreContext.builder()
                        .put(MemoryFileHost.class, to.host)
                        .put(Platform.class, new NoPlatform())
                        .put(GoferConnections.class, new GoferConnections(gofers))
                        .build();
        World restored = ObjectGraph.copy(SCHEMA, world, context);
        to.closeLater(restored.memoryFile);
        return restored;
    }

    @Test
    void everyReachableTypeIsRegistered() {
        // Programs that run are the loader's, a layer above.
        assertEquals(
                List.of(
                        "memory.MemoryManager.program: no registered type implements"
                                + " dev.runsc.kernel.memory.ProgramHold"),
                SCHEMA.verifyReachable(World.class));
    }

    @Test
    void tmpfsGoesOnWhereItWas() throws ErrnoException, StateException {
        try (FsFixture before = new FsFixture();
                FsFixture after = new FsFixture()) {
            World world = new World(before);
            world.mkdir("/d");
            world.create("/d/kept", "kept");
            PathOperations.symlink(world.caller(), "d/kept", world.fs.root(), "/link");
            int open = world.open("/d/open", OpenFlags.O_CREAT | OpenFlags.O_RDWR);
            world.write(open, "before ");
            world.files.require(open).truncate(world.caller(), 1 << 20);
            int gone = world.open("/gone", OpenFlags.O_CREAT | OpenFlags.O_RDWR);
            world.write(gone, "nameless");
            world.unlink("/gone");
            FileDescription memfd = before.vfs.createMemoryFile(world.caller(), "m", 2);
            int memory = world.files.install(world.caller(), memfd, true);
            world.write(memory, "sealed");
            Inode sealed = Objects.requireNonNull(memfd.inode());
            ((Sealable) sealed).addSeals(2);
            world.files.duplicate(world.caller(), open, 10, false);
            FileLocks.Lock lock = new FileLocks.Lock(world.files, 7, true, 3, 9);
            sealed.locks().lockRecord(lock);
            PathOperations.changeDirectory(world.caller(), world.find("/d"));

            World restored = copy(world, after, Map.of());

            assertEquals("kept", restored.contents("/link"));
            assertEquals("/d", restored.path(restored.fs.workingDirectory()));
            restored.write(open, "after");
            restored.seek(10, 0);
            assertEquals("before after\0", restored.read(open).substring(0, 13));
            assertEquals(1 << 20, restored.files.require(10).stat(restored.caller()).size());
            restored.seek(gone, 0);
            assertEquals("nameless", restored.read(gone));
            assertTrue(
                    restored.path(Objects.requireNonNull(restored.files.require(gone).location()))
                            .endsWith("/gone (deleted)"));
            restored.seek(memory, 0);
            assertEquals("sealed", restored.read(memory));
            Inode memoryInode = Objects.requireNonNull(restored.files.require(memory).inode());
            assertEquals(2, ((Sealable) memoryInode).seals());
            FileLocks.Lock other = new FileLocks.Lock(new FdTable(), 8, false, 0, 100);
            FileLocks.Lock conflict = memoryInode.locks().findConflict(other);
            assertEquals(7, Objects.requireNonNull(conflict).processId());
            restored.create("kept2", "new");
            assertEquals("new", restored.contents("/d/kept2"));
            assertThrows(ErrnoException.class, () -> world.contents("/d/kept2"));
            // Numbers go on, too.
            assertNotEquals(
                    restored.find("/d/kept").inode().number(),
                    restored.find("/d/kept2").inode().number());
        }
    }

    @Test
    void memoryOfUnusedFilesIsFreed() throws ErrnoException, StateException {
        try (FsFixture before = new FsFixture();
                FsFixture after = new FsFixture()) {
            World world = new World(before);
            int gone = world.open("/gone", OpenFlags.O_CREAT | OpenFlags.O_RDWR);
            world.write(gone, "x".repeat(100_000));
            world.unlink("/gone");
            World restored = copy(world, after, Map.of());
            long used = restored.memoryFile.usedBytes();
            restored.files.close(restored.caller(), gone);
            assertTrue(restored.memoryFile.usedBytes() <= used - 100_000);
            world.files.close(world.caller(), gone);
            assertEquals(0, world.memoryFile.usedBytes());
        }
    }

    private static void plant(Path directory) {
        try {
            Files.createDirectories(directory.resolve("sub/deep"));
            Files.writeString(directory.resolve("a"), "lower a");
            Files.writeString(directory.resolve("b"), "lower b");
            Files.writeString(directory.resolve("sub/c"), "lower c");
            Files.writeString(directory.resolve("sub/deep/d"), "lower d");
            Files.createSymbolicLink(directory.resolve("l"), Path.of("sub/c"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void overlayGoesOnOverTheSameRoot() throws ErrnoException, StateException {
        try (FsFixture before = new FsFixture();
                FsFixture after = new FsFixture()) {
            Path served = before.hostDirectory();
            plant(served);
            World world = new World(before);
            GoferFileSystem lower = before.goferFs(served, true, false);
            OverlayFileSystem overlay =
                    new OverlayFileSystem(before.vfs, before.tmpfs(), List.of(lower.root()));
            world.mkdir("/o");
            MountOperations.attach(world.find("/o"), overlay, "none", 0);
            int read = world.open("/o/sub/c", OpenFlags.O_RDONLY);
            byte[] five = new byte[5];
            world.files.require(read).read(world.caller(), UserBuffer.of(five));
            world.unlink("/o/b");
            int written = world.open("/o/a", OpenFlags.O_WRONLY | OpenFlags.O_APPEND);
            world.write(written, " and upper");
            world.create("/o/sub/new", "upper");
            long number = world.find("/o/sub/deep/d").inode().number();
            PathOperations.changeDirectory(world.caller(), world.find("/o/sub/deep"));

            World restored = copy(world, after, Map.of("test:/", before.gofer(served, true)));

            assertEquals("/o/sub/deep", restored.path(restored.fs.workingDirectory()));
            assertEquals("lower d", restored.contents("d"));
            assertEquals(number, restored.find("d").inode().number());
            assertEquals(" c", restored.read(read));
            assertEquals("lower a and upper", restored.contents("/o/a"));
            assertEquals("upper", restored.contents("../new"));
            assertErrno(Errno.ENOENT, () -> restored.contents("/o/b"));
            restored.write(written, "!");
            assertEquals("lower a and upper!", restored.contents("/o/a"));
            // The open lower file moves to its copy when somebody writes.
            int writer = restored.open("/o/sub/c", OpenFlags.O_WRONLY);
            restored.write(writer, "UPPER");
            restored.seek(read, 0);
            assertEquals("UPPER c", restored.read(read));
            assertEquals("lower c", world.contents("/o/sub/c"));
        }
    }

    @Test
    void goferFilesAreOpenedAgain() throws ErrnoException, StateException, IOException {
        try (FsFixture before = new FsFixture();
                FsFixture after = new FsFixture()) {
            Path served = before.hostDirectory();
            plant(served);
            World world = new World(before);
            world.mkdir("/g");
            MountOperations.attach(
                    world.find("/g"), before.goferFs(served, false, true), "none", 0);
            int open = world.open("/g/sub/c", OpenFlags.O_RDWR);
            world.seek(open, 6);
            int gone = world.open("/g/b", OpenFlags.O_RDWR);
            world.unlink("/g/b");
            world.write(gone, "LOWER");

            World restored = copy(world, after, Map.of("test:/", before.gofer(served, false)));

            restored.write(open, "changed");
            assertEquals("lower changed", Files.readString(served.resolve("sub/c")));
            assertEquals(" b", restored.read(gone));
            restored.write(gone, " and more");
            restored.seek(gone, 0);
            assertEquals("LOWER b and more", restored.read(gone));
            assertEquals(0, restored.files.require(gone).stat(restored.caller()).nlink());
            // The old kernel went on with the host's file.
            world.seek(gone, 0);
            assertEquals("LOWER b", world.read(gone));
            // And once more, from what is in memory already.
            try (FsFixture third = new FsFixture()) {
                World again = copy(restored, third, Map.of("test:/", before.gofer(served, false)));
                again.seek(gone, 0);
                assertEquals("LOWER b and more", again.read(gone));
            }
        }
    }

    @Test
    void aMissingHostFileFailsTheRestoreByName() throws ErrnoException, IOException {
        try (FsFixture before = new FsFixture();
                FsFixture after = new FsFixture()) {
            Path served = before.hostDirectory();
            plant(served);
            World world = new World(before);
            world.mkdir("/g");
            MountOperations.attach(
                    world.find("/g"), before.goferFs(served, false, false), "none", 0);
            world.open("/g/sub/c", OpenFlags.O_RDONLY);
            Files.move(served.resolve("sub/c"), served.resolve("sub/elsewhere"));
            Map<String, GoferConnections.Connection> gofers =
                    Map.of("test:/", before.gofer(served, false));
            RestoreException missing =
                    assertThrows(RestoreException.class, () -> copy(world, after, gofers));
            assertTrue(message(missing).contains("/sub/c of mount 'test:/'"), missing.getMessage());
            Files.createDirectory(served.resolve("sub/c"));
            RestoreException changed =
                    assertThrows(RestoreException.class, () -> copy(world, after, gofers));
            assertTrue(message(changed).contains("another kind"), changed.getMessage());
            RestoreException none =
                    assertThrows(RestoreException.class, () -> copy(world, after, Map.of()));
            assertTrue(message(none).contains("test:/"), none.getMessage());
        }
    }

    private static String message(RestoreException failure) {
        return String.valueOf(failure.getMessage());
    }

    private interface Call {
        void run() throws ErrnoException;
    }

    private static void assertErrno(Errno expected, Call call) {
        ErrnoException failure = assertThrows(ErrnoException.class, call::run);
        assertEquals(expected, failure.errno());
        assertArrayEquals(new StackTraceElement[0], failure.getStackTrace());
    }
}
