package dev.runsc.kernel.vfs;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.Stat;
import dev.runsc.gofer.abi.Timespec;
import dev.runsc.kernel.fs.FsFixture;
import dev.runsc.kernel.fs.TestCaller;
import org.junit.jupiter.api.Test;

/** Descriptors: lowest free first, limits, duplicates, closing. */
final class FdTableTest {
    /** A description that notes its end. */
    private static final class Noting extends FileDescription {
        boolean closed;

        Noting(int flags) {
            super(flags);
        }

        @Override
        protected void closed() {
            closed = true;
        }

        @Override
        public Stat stat(Caller caller) {
            Timespec zero = new Timespec(0, 0);
            return new Stat(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, zero, zero, zero);
        }
    }

    private interface Body {
        void run(TestCaller caller, FdTable files) throws ErrnoException;
    }

    private static void with(Body body) throws ErrnoException {
        try (FsFixture fixture = new FsFixture()) {
            TestCaller caller = fixture.caller(fixture.tmpfs());
            body.run(caller, caller.files());
        }
    }

    private interface Call {
        void run() throws ErrnoException;
    }

    private static void fails(Errno errno, Call call) {
        assertEquals(errno, assertThrows(ErrnoException.class, call::run).errno());
    }

    @Test
    void theLowestFreeDescriptorIsTaken() throws ErrnoException {
        with((caller, files) -> {
            for (int fd = 0; fd < 200; fd++) {
                assertEquals(fd, files.install(caller, new Noting(0), false));
            }
            files.close(caller, 7);
            files.close(caller, 150);
            assertEquals(7, files.install(caller, new Noting(0), false));
            assertEquals(150, files.duplicate(caller, 3, 100, true));
            assertTrue(files.isCloseOnExec(150));
            assertEquals(200, files.duplicate(caller, 3, 0, false));
            assertSame(files.find(3), files.find(200));
        });
    }

    @Test
    void theLimitHoldsForNewDescriptorsOnly() throws ErrnoException {
        with((caller, files) -> {
            files.installAt(50, new Noting(0), false);
            caller.descriptorLimit = 2;
            files.install(caller, new Noting(0), false);
            files.install(caller, new Noting(0), false);
            fails(Errno.EMFILE, () -> files.requireRoom(caller));
            fails(Errno.EMFILE, () -> files.install(caller, new Noting(0), false));
            fails(Errno.EBADF, () -> files.duplicateTo(caller, 50, 2, false));
            fails(Errno.EBADF, () -> files.duplicateTo(caller, 50, -1, false));
            assertEquals(1, files.duplicateTo(caller, 50, 1, false));
        });
    }

    @Test
    void aFileClosesWithItsLastDescriptor() throws ErrnoException {
        with((caller, files) -> {
            Noting file = new Noting(0);
            files.install(caller, file, false);
            files.duplicate(caller, 0, 0, false);
            FdTable child = files.copy();
            files.close(caller, 0);
            files.close(caller, 1);
            fails(Errno.EBADF, () -> files.close(caller, 1));
            assertFalse(file.closed);
            child.retain();
            child.release(caller);
            assertFalse(file.closed);
            child.release(caller);
            assertTrue(file.closed);
        });
    }

    @Test
    void replacingADescriptorClosesWhatWasThere() throws ErrnoException {
        with((caller, files) -> {
            Noting first = new Noting(0);
            Noting second = new Noting(0);
            files.install(caller, first, true);
            files.install(caller, second, true);
            files.duplicateTo(caller, 1, 0, false);
            assertTrue(first.closed);
            assertFalse(files.isCloseOnExec(0));
            files.closeOnExec(caller);
            assertArrayEquals(new int[] {0}, files.descriptors());
            assertFalse(second.closed);
        });
    }

    @Test
    void rangesAreClosedOrMarked() throws ErrnoException {
        with((caller, files) -> {
            for (int fd = 0; fd < 10; fd++) {
                files.install(caller, new Noting(0), false);
            }
            files.closeRange(caller, 3, 5, false);
            files.closeRange(caller, 8, 0xffffffffL, true);
            assertArrayEquals(new int[] {0, 1, 2, 6, 7, 8, 9}, files.descriptors());
            assertFalse(files.isCloseOnExec(7));
            assertTrue(files.isCloseOnExec(8));
            assertNull(files.find(4));
        });
    }

    @Test
    void pathDescriptionsAreNotForReading() throws ErrnoException {
        with((caller, files) -> {
            files.install(caller, new Noting(OpenFlags.O_PATH), false);
            files.install(caller, new Noting(OpenFlags.O_WRONLY), false);
            files.requireAny(0);
            fails(Errno.EBADF, () -> files.require(0));
            fails(Errno.EBADF, () -> files.requireReadable(1));
            files.requireWritable(1);
            fails(Errno.EBADF, () -> files.requireAny(-1));
            fails(Errno.EBADF, () -> files.requireAny(1 << 30));
        });
    }
}
