package dev.runsc.gofer.host;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.gofer.abi.AtFlags;
import dev.runsc.gofer.abi.DescriptorFlags;
import dev.runsc.gofer.abi.Dirent64;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FallocateModes;
import dev.runsc.gofer.abi.FcntlCommands;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.Ioctls;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.Stat;
import dev.runsc.gofer.abi.StatxMasks;
import dev.runsc.gofer.abi.Timespec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostFilesTest {
    @TempDir Path directory;

    private HostFd create(String name) throws ErrnoException {
        return HostTree.open(
                directory.resolve(name).toString(), OpenFlags.O_RDWR | OpenFlags.O_CREAT, 0640);
    }

    private static void assertErrno(Errno expected, ThrowingCall call) {
        assertEquals(expected, assertThrows(ErrnoException.class, call::run).errno());
    }

    private interface ThrowingCall {
        void run() throws ErrnoException;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void writesAndReadsThroughBuffersAndAddresses() throws ErrnoException {
        try (HostFd file = create("f");
                Arena arena = Arena.ofConfined()) {
            ByteBuffer heap = ByteBuffer.wrap(bytes("hello world"));
            assertEquals(11, HostFiles.write(file.number(), heap));
            assertFalse(heap.hasRemaining());
            MemorySegment native6 = arena.allocateFrom("WORLD");
            assertEquals(5, HostFiles.pwrite(file.number(), native6.asSlice(0, 5), 6));
            ByteBuffer direct = ByteBuffer.allocateDirect(100);
            assertEquals(11, HostFiles.pread(file.number(), direct, 0));
            assertEquals("hello WORLD", StandardCharsets.UTF_8.decode(direct.flip()).toString());
            MemorySegment segment = arena.allocate(16);
            assertEquals(4, HostFiles.pread(file.number(), segment, 7));
            assertEquals('O', segment.get(ValueLayout.JAVA_BYTE, 0));
            ByteBuffer rest = ByteBuffer.allocate(10);
            assertEquals(0, HostFiles.read(file.number(), rest));
            assertEquals(11, HostFiles.fstat(file.number()).size());
        }
    }

    @Test
    void errorsCarryTheNumberOfTheFailedCall() throws ErrnoException {
        assertErrno(Errno.EBADF, () -> HostFiles.fstat(-1));
        assertErrno(Errno.ENOENT, () -> HostTree.open("/does/not/exist", 0, 0));
        assertErrno(Errno.EINVAL, () -> HostTree.open("a\0b", 0, 0));
        assertErrno(Errno.ENAMETOOLONG, () -> HostTree.open("a".repeat(4096), 0, 0));
        try (HostFd file = create("f")) {
            assertErrno(Errno.ENOTTY, () -> HostFiles.ioctl(file.number(), Ioctls.TCGETS, 0));
            assertErrno(Errno.EFAULT, () -> HostFiles.pwrite(file.number(), 1L << 50, 10, 0));
        }
        assertEquals(Errno.EBADF.result(), HostFiles.tryRead(-1, 0, 0));
    }

    /** Failing and succeeding calls side by side in two threads never mix up their errors. */
    @Test
    void errorNumbersDoNotCrossThreads() throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            List<Future<Integer>> wrong = new ArrayList<>();
            wrong.add(threads.submit(() -> countWrong(Errno.EBADF, () -> HostFiles.fsync(-1))));
            wrong.add(
                    threads.submit(
                            () -> countWrong(Errno.ENOENT, () -> HostTree.stat("/no/such"))));
            for (Future<Integer> one : wrong) {
                assertEquals(0, one.get());
            }
        }
    }

    private static int countWrong(Errno expected, ThrowingCall call) {
        int wrong = 0;
        for (int i = 0; i < 20_000; i++) {
            try {
                call.run();
                wrong++;
            } catch (ErrnoException e) {
                wrong += e.is(expected) ? 0 : 1;
            }
        }
        return wrong;
    }

    @Test
    void findsDataAndHoles() throws ErrnoException {
        try (HostFd memory = HostFiles.memfdCreate("test", DescriptorFlags.MFD_CLOEXEC)) {
            int fd = memory.number();
            HostFiles.ftruncate(fd, 1 << 20);
            HostFiles.pwrite(fd, ByteBuffer.wrap(new byte[] {1}), 8192);
            assertEquals(8192, HostFiles.seekData(fd, 0));
            assertEquals(12288, HostFiles.seekHole(fd, 8192));
            assertEquals(-1, HostFiles.seekData(fd, 12288));
            int punch = FallocateModes.FALLOC_FL_PUNCH_HOLE | FallocateModes.FALLOC_FL_KEEP_SIZE;
            HostFiles.fallocate(fd, punch, 8192, 4096);
            assertEquals(-1, HostFiles.seekData(fd, 0));
        }
    }

    @Test
    void attributesAgreeWithJava() throws Exception {
        Path path = Files.writeString(directory.resolve("ä name"), "12345");
        Stat stat = HostTree.stat(path.toString());
        assertEquals(5, stat.size());
        assertEquals(FileMode.S_IFREG, stat.mode() & FileMode.S_IFMT);
        assertEquals(Files.getAttribute(path, "unix:ino"), stat.ino());
        assertEquals(Files.getAttribute(path, "unix:nlink"), (int) stat.nlink());
        try (HostFd node = HostTree.open(path.toString(), OpenFlags.O_PATH, 0)) {
            assertEquals(
                    stat.ino(), HostTree.statx(node.number(), StatxMasks.STATX_BASIC_STATS).ino());
            HostTree.utimensat(
                    node.number(),
                    new byte[0],
                    new Timespec(5, 6),
                    new Timespec(7, 8),
                    AtFlags.AT_EMPTY_PATH);
        }
        assertEquals(new Timespec(7, 8), HostTree.stat(path.toString()).mtime());
        assertTrue(HostFiles.fstatfs(HostTree.open("/", 0, 0).release()).blocks() >= 0);
    }

    @Test
    void treeOperations() throws ErrnoException {
        try (HostFd root = HostTree.open(directory.toString(), OpenFlags.O_DIRECTORY, 0)) {
            int fd = root.number();
            HostTree.mkdirat(fd, bytes("d"), 0755);
            HostTree.symlinkat(bytes("d/target"), fd, bytes("link"));
            assertArrayEquals(bytes("d/target"), HostTree.readlinkat(fd, bytes("link")));
            HostTree.mknodat(fd, bytes("pipe"), FileMode.S_IFIFO | 0600, 0);
            HostTree.linkat(fd, bytes("pipe"), fd, bytes("d/pipe2"), 0);
            assertEquals(2, HostTree.fstatat(fd, bytes("pipe"), 0).nlink());
            HostTree.renameat2(fd, bytes("link"), fd, bytes("d/moved"), 0);
            assertErrno(Errno.ENOENT, () -> HostTree.fstatat(fd, bytes("link"), 0));
            assertErrno(Errno.EISDIR, () -> HostTree.unlinkat(fd, bytes("d"), 0));
            assertErrno(
                    Errno.ELOOP,
                    () ->
                            HostTree.openat2(
                                    fd, bytes("d/moved"), 0, 0, OpenFlags.RESOLVE_NO_SYMLINKS));
            List<String> names = new ArrayList<>();
            ByteBuffer entries = ByteBuffer.allocateDirect(4096);
            while (HostFiles.getdents64(fd, entries) > 0) {
                entries.flip();
                while (entries.hasRemaining()) {
                    names.add(
                            new String(Dirent64.readFrom(entries).name(), StandardCharsets.UTF_8));
                }
                entries.clear();
            }
            assertEquals(List.of(".", "..", "d", "pipe"), names.stream().sorted().toList());
        }
    }

    @Test
    void extendedAttributes() throws ErrnoException {
        try (HostFd file = create("x")) {
            int fd = file.number();
            try {
                HostXattr.set(fd, bytes("user.a"), bytes("value"), 0);
            } catch (ErrnoException e) {
                assertEquals(Errno.EOPNOTSUPP, e.errno());
                return; // this file system has none: the error is the behaviour
            }
            assertArrayEquals(bytes("value"), HostXattr.get(fd, bytes("user.a")));
            assertTrue(new String(HostXattr.list(fd), StandardCharsets.UTF_8).contains("user.a\0"));
            HostXattr.remove(fd, bytes("user.a"));
            assertErrno(Errno.ENODATA, () -> HostXattr.get(fd, bytes("user.a")));
        }
    }

    @Test
    void descriptorsHaveOneOwner() throws ErrnoException {
        HostFd file = create("f");
        HostFd second = file.duplicate();
        assertNotEquals(file.number(), second.number());
        assertEquals(1, HostFiles.fcntl(second.number(), FcntlCommands.F_GETFD, 0));
        int number = file.number();
        file.close();
        file.close();
        assertThrows(IllegalStateException.class, file::number);
        assertErrno(Errno.EBADF, () -> HostFiles.fstat(number));
        int released = second.release();
        second.close();
        assertEquals(0, HostFiles.fstat(released).size());
        HostFd.own(released).close();
    }

    @Test
    void locksExclude() throws Exception {
        try (HostFd one = create("lock");
                HostFd other = create("lock")) {
            HostFiles.flock(one.number(), FcntlCommands.LOCK_EX);
            int tryIt = FcntlCommands.LOCK_EX | FcntlCommands.LOCK_NB;
            assertErrno(Errno.EAGAIN, () -> HostFiles.flock(other.number(), tryIt));
            try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
                Callable<Boolean> wait =
                        () -> {
                            HostFiles.flock(other.number(), FcntlCommands.LOCK_EX);
                            return true;
                        };
                Future<Boolean> waiting = threads.submit(wait);
                HostFiles.flock(one.number(), FcntlCommands.LOCK_UN);
                assertTrue(waiting.get());
            }
        }
    }
}
