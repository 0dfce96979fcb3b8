package dev.runsc.kernel.fs;

import static dev.runsc.kernel.fs.TestFiles.CREATE;
import static dev.runsc.kernel.fs.TestFiles.PAGE;
import static dev.runsc.kernel.fs.TestFiles.fails;
import static dev.runsc.kernel.fs.TestFiles.open;
import static dev.runsc.kernel.fs.TestFiles.readAt;
import static dev.runsc.kernel.fs.TestFiles.write;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FallocateModes;
import dev.runsc.gofer.abi.FcntlCommands;
import dev.runsc.gofer.abi.MmapFlags;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.kernel.fs.tmpfs.TmpfsFile;
import dev.runsc.kernel.fs.tmpfs.TmpfsFileSystem;
import dev.runsc.kernel.fs.tmpfs.TmpfsOptions;
import dev.runsc.kernel.memory.Mappable;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.PathOperations;
import dev.runsc.kernel.vfs.Sealable;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Contents, mappings, limits and seals of files in memory. */
final class TmpfsTest {
    private static TmpfsFile file(FileDescription description) {
        return (TmpfsFile) Objects.requireNonNull(description.inode());
    }

    private static Mappable.InMemory at(TmpfsFile file, long page, long pages)
            throws ErrnoException {
        return (Mappable.InMemory) file.translate(page * PAGE, pages * PAGE, true);
    }

    @Test
    void mappingsShowTheFilesOwnPages() throws ErrnoException {
        try (FsFixture fixture = new FsFixture()) {
            TestCaller caller = fixture.caller(fixture.tmpfs());
            FileDescription open = open(caller, "f", CREATE);
            write(caller, open, "x".repeat(3 * PAGE));
            TmpfsFile file = file(open);
            Mappable.InMemory run = at(file, 0, 9);
            assertEquals(3 * PAGE, run.lengthBytes(), "no pages behind the end");
            MemorySegment seen = fixture.memoryFile.segment(run.memoryOffset(), run.lengthBytes());
            seen.set(ValueLayout.JAVA_BYTE, PAGE, (byte) 'y');
            assertEquals("xyx", readAt(caller, open, PAGE - 1, 3));
            fails(Errno.EFAULT, () -> file.translate(3 * PAGE, PAGE, false));
            fails(Errno.EFAULT, () -> file.translate(-PAGE, PAGE, false));
        }
    }

    @Test
    void cuttingAFileTellsWhoMapsIt() throws ErrnoException {
        try (FsFixture fixture = new FsFixture()) {
            TestCaller caller = fixture.caller(fixture.tmpfs());
            FileDescription open = open(caller, "f", CREATE);
            write(caller, open, "x".repeat(8 * PAGE));
            TmpfsFile file = file(open);
            TestFiles.Observer observer = new TestFiles.Observer();
            file.addMapping(observer);
            open.truncate(caller, 5 * PAGE + 1);
            int punch = FallocateModes.FALLOC_FL_KEEP_SIZE | FallocateModes.FALLOC_FL_PUNCH_HOLE;
            open.allocate(caller, punch, PAGE - 1, 2 * PAGE + 2);
            open.truncate(caller, 100 * PAGE);
            assertEquals(List.of("6-", "1+2"), observer.invalidated);
            assertEquals("x\0", readAt(caller, open, PAGE - 2, 2));
            assertEquals("\0x", readAt(caller, open, 3L * PAGE, 2));
            assertEquals("x\0", readAt(caller, open, 5L * PAGE, 2));
            assertEquals(4 * 8, open.stat(caller).blocks(), "pages 0, 3, 4 and 5");
            file.removeMapping(observer);
        }
    }

    @Test
    void pagesLiveAsLongAsNameOpenFileOrMapping() throws ErrnoException {
        try (FsFixture fixture = new FsFixture()) {
            TestCaller caller = fixture.caller(fixture.tmpfs());
            TestFiles.Observer observer = new TestFiles.Observer();
            for (int order = 0; order < 6; order++) {
                FileDescription open = open(caller, "f", CREATE);
                write(caller, open, "x".repeat(100));
                TmpfsFile file = file(open);
                file.addMapping(observer);
                List<TestFiles.Call> ends =
                        new ArrayList<>(
                                List.of(
                                        () ->
                                                PathOperations.unlink(
                                                        caller, caller.fs().root(), "f"),
                                        open::release,
                                        () -> file.removeMapping(observer)));
                ends.add(ends.remove(order % 3));
                ends.addFirst(ends.remove(order / 3));
                for (TestFiles.Call end : ends) {
                    assertTrue(fixture.memoryFile.usedBytes() > 0);
                    end.run();
                }
                assertEquals(0, fixture.memoryFile.usedBytes(), "order " + order);
                fails(Errno.ESTALE, file::opened);
            }
        }
    }

    @Test
    void theSizeLimitHolds() throws ErrnoException {
        try (FsFixture fixture = new FsFixture()) {
            TmpfsOptions options =
                    TmpfsOptions.parse(
                            "size=40k,nr_inodes=4,mode=700", TmpfsOptions.defaults(1000));
            TmpfsFileSystem fileSystem =
                    new TmpfsFileSystem(fixture.vfs, fixture.memoryFile, options);
            TestCaller caller = fixture.caller(fileSystem);
            assertEquals("size=40k,nr_inodes=4,mode=700", fileSystem.options());
            FileDescription open = open(caller, "f", CREATE);
            byte[] much = new byte[50_000];
            assertEquals(10 * PAGE, open.write(caller, UserBuffer.of(much)));
            fails(Errno.ENOSPC, () -> open.write(caller, UserBuffer.of(much)));
            assertEquals(0, fileSystem.statfs(caller).blocksFree());
            open.truncate(caller, 1);
            assertEquals(9, fileSystem.statfs(caller).blocksFree());
            open.truncate(caller, 1 << 20);
            fails(Errno.ENOSPC, () -> open.allocate(caller, 0, 0, 1 << 20));
            fails(Errno.EFAULT, () -> file(open).translate(20 * PAGE, PAGE, false));
            open(caller, "g", CREATE);
            open(caller, "h", CREATE);
            fails(Errno.ENOSPC, () -> open(caller, "i", CREATE));
            PathOperations.unlink(caller, caller.fs().root(), "f");
            open.release();
            open(caller, "i", CREATE);
            assertEquals(10, fileSystem.statfs(caller).blocksFree());
        }
    }

    @Test
    void badOptionsAreRefused() {
        for (String bad :
                List.of(
                        "size",
                        "size=",
                        "size=x",
                        "size=-1",
                        "mode=9",
                        "nonsense",
                        "size=99999999999999999999")) {
            fails(Errno.EINVAL, () -> TmpfsOptions.parse(bad, TmpfsOptions.defaults(100)));
        }
    }

    @Test
    void theFileSizeLimitSendsItsSignal() throws ErrnoException {
        try (FsFixture fixture = new FsFixture()) {
            TestCaller caller = fixture.caller(fixture.tmpfs());
            caller.fileSizeLimit = 10;
            FileDescription open = open(caller, "f", CREATE | OpenFlags.O_APPEND);
            assertEquals(10, open.write(caller, UserBuffer.of(new byte[12])));
            fails(Errno.EFBIG, () -> open.write(caller, UserBuffer.of(new byte[1])));
            fails(Errno.EFBIG, () -> open.truncate(caller, 11));
            open.truncate(caller, 10);
            assertEquals(2, caller.sizeSignals);
        }
    }

    /** What memfd_create(2) and fcntl(2) say of each seal. */
    @Test
    void sealsForbidWhatTheySay() throws ErrnoException {
        try (FsFixture fixture = new FsFixture()) {
            TestCaller caller = fixture.caller(fixture.tmpfs());
            int[] seals = {
                FcntlCommands.F_SEAL_SHRINK,
                FcntlCommands.F_SEAL_GROW,
                FcntlCommands.F_SEAL_WRITE,
                FcntlCommands.F_SEAL_FUTURE_WRITE
            };
            for (int seal : seals) {
                FileDescription memfd = fixture.vfs.createMemoryFile(caller, "m", 2);
                write(caller, memfd, "12345678");
                ((Sealable) file(memfd)).addSeals(seal | FcntlCommands.F_SEAL_SEAL);
                fails(Errno.EPERM, () -> file(memfd).addSeals(FcntlCommands.F_SEAL_WRITE));
                boolean write = seal >= FcntlCommands.F_SEAL_WRITE;
                expect(write, () -> memfd.writeAt(caller, UserBuffer.of(new byte[1]), 0));
                boolean grow = seal == FcntlCommands.F_SEAL_GROW;
                expect(write || grow, () -> memfd.writeAt(caller, UserBuffer.of(new byte[9]), 0));
                expect(grow, () -> memfd.truncate(caller, 100));
                expect(seal == FcntlCommands.F_SEAL_SHRINK, () -> memfd.truncate(caller, 1));
                int shared = MmapFlags.PROT_READ | MmapFlags.PROT_WRITE;
                expect(write, () -> memfd.checkMapping(caller, true, shared));
                memfd.checkMapping(caller, true, MmapFlags.PROT_READ);
                memfd.checkMapping(caller, false, shared);
                memfd.release();
            }
        }
    }

    private static void expect(boolean forbidden, TestFiles.Call call) throws ErrnoException {
        if (forbidden) {
            fails(Errno.EPERM, call);
        } else {
            call.run();
        }
    }

    @Test
    void aWritableMappingKeepsTheWriteSealAway() throws ErrnoException {
        try (FsFixture fixture = new FsFixture()) {
            TestCaller caller = fixture.caller(fixture.tmpfs());
            FileDescription memfd = fixture.vfs.createMemoryFile(caller, "m", 2);
            memfd.truncate(caller, PAGE);
            TestFiles.Observer observer = new TestFiles.Observer();
            file(memfd).addMapping(observer);
            file(memfd).translate(0, PAGE, true);
            fails(Errno.EBUSY, () -> file(memfd).addSeals(FcntlCommands.F_SEAL_WRITE));
            file(memfd).addSeals(FcntlCommands.F_SEAL_FUTURE_WRITE);
            file(memfd).removeMapping(observer);
            file(memfd).addSeals(FcntlCommands.F_SEAL_WRITE);
            FileDescription unsealed = fixture.vfs.createMemoryFile(caller, "n", 0);
            fails(Errno.EPERM, () -> file(unsealed).addSeals(FcntlCommands.F_SEAL_WRITE));
            assertEquals(FcntlCommands.F_SEAL_SEAL, file(unsealed).seals());
        }
    }

    /** Guest memory that ends in a hole after some bytes. */
    private record Faulting(UserBuffer bytes) implements UserBuffer {
        @Override
        public long remaining() {
            return bytes.remaining() + PAGE;
        }

        @Override
        public long put(MemorySegment source) throws ErrnoException {
            return orFault(bytes.put(source));
        }

        @Override
        public long take(MemorySegment target) throws ErrnoException {
            return orFault(bytes.take(target));
        }

        @Override
        public long putZeros(long lengthBytes) throws ErrnoException {
            return orFault(bytes.putZeros(lengthBytes));
        }

        private static long orFault(long count) throws ErrnoException {
            if (count == 0) {
                throw Errno.EFAULT.error();
            }
            return count;
        }

        @Override
        public void skip(long lengthBytes) {
            bytes.skip(lengthBytes);
        }

        @Override
        public void rewind(long lengthBytes) {
            bytes.rewind(lengthBytes);
        }
    }

    @Test
    void faultsCutTransfersShort() throws ErrnoException {
        try (FsFixture fixture = new FsFixture()) {
            Caller caller = fixture.caller(fixture.tmpfs());
            FileDescription open = open(caller, "f", CREATE);
            assertEquals(
                    PAGE + 5, open.write(caller, new Faulting(UserBuffer.of(new byte[PAGE + 5]))));
            assertEquals(PAGE + 5, open.stat(caller).size());
            assertThrows(
                    ErrnoException.class,
                    () -> open.write(caller, new Faulting(UserBuffer.of(new byte[0]))));
            assertEquals(PAGE + 5, open.stat(caller).size());
            assertEquals(7, open.readAt(caller, new Faulting(UserBuffer.of(new byte[7])), 0));
            assertThrows(
                    ErrnoException.class,
                    () -> open.readAt(caller, new Faulting(UserBuffer.of(new byte[0])), 0));
        }
    }

    @Test
    void appendsOfManyThreadsDoNotOverlap() throws ErrnoException, InterruptedException {
        try (FsFixture fixture = new FsFixture()) {
            TestCaller caller = fixture.caller(fixture.tmpfs());
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                String line = "" + (char) ('a' + t);
                FileDescription open = open(caller, "log", CREATE | OpenFlags.O_APPEND);
                threads.add(
                        Thread.ofPlatform()
                                .start(() -> {
                                    for (int i = 0; i < 500; i++) {
                                        appendLine(caller, open, line.repeat(31) + "\n");
                                    }
                                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            String log = TestFiles.contents(caller, "log");
            assertEquals(4 * 500 * 32, log.length());
            for (String line : log.split("\n")) {
                assertEquals(line.substring(0, 1).repeat(31), line);
            }
        }
    }

    private static void appendLine(Caller caller, FileDescription open, String line) {
        try {
            write(caller, open, line);
        } catch (ErrnoException e) {
            throw new AssertionError(e);
        }
    }
}
