package dev.runsc.kernel.vfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.auth.UserNamespace;
import dev.runsc.kernel.fs.FsFixture;
import dev.runsc.kernel.fs.TestCaller;
import dev.runsc.kernel.sync.InterruptedSyscall;
import dev.runsc.state.Savable;
import java.util.Arrays;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Record locks against a model that keeps an owner for every byte; waiting; flock. */
final class FileLocksTest {
    private static final int BYTES = 24;
    private static final long SEED = Long.getLong("test.seed", 1);

    private static FileLocks.Lock lock(Savable owner, boolean exclusive, long start, long end) {
        return new FileLocks.Lock(owner, 1, exclusive, start, end);
    }

    @Test
    void recordLocksAnswerAsAModelOfBytes() throws ErrnoException {
        System.err.println("file locks: -Dtest.seed=" + SEED);
        Random random = new Random(SEED);
        try (FsFixture fixture = new FsFixture()) {
            FileLocks locks = new FileLocks(fixture.vfs);
            FdTable[] owners = {new FdTable(), new FdTable(), new FdTable()};
            // 0 free, 1 shared, 2 exclusive; the last byte stands for all to the end.
            int[][] model = new int[owners.length][BYTES];
            for (int step = 0; step < 20_000; step++) {
                int who = random.nextInt(owners.length);
                int from = random.nextInt(BYTES);
                int to = from + random.nextInt(BYTES - from);
                int kind = random.nextInt(3);
                long end = to == BYTES - 1 ? FileLocks.TO_END : to;
                String what = "step " + step + ": " + who + " " + kind + " " + from + "-" + to;
                if (kind == 0) {
                    locks.unlockRecord(owners[who], from, end);
                    Arrays.fill(model[who], from, to + 1, 0);
                } else {
                    boolean free = isFree(model, who, from, to, kind);
                    assertEquals(
                            free,
                            locks.findConflict(lock(owners[who], kind == 2, from, end)) == null,
                            what);
                    assertEquals(free, take(locks, lock(owners[who], kind == 2, from, end)), what);
                    if (free) {
                        Arrays.fill(model[who], from, to + 1, kind);
                    }
                }
                assertEquals(pieces(model), locks.records().size(), what);
            }
        }
    }

    private static boolean isFree(int[][] model, int who, int from, int to, int kind) {
        for (int other = 0; other < model.length; other++) {
            for (int at = from; at <= to; at++) {
                if (other != who && model[other][at] != 0 && (kind == 2 || model[other][at] == 2)) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean take(FileLocks locks, FileLocks.Lock wanted) {
        try {
            locks.lockRecord(wanted);
            return true;
        } catch (ErrnoException e) {
            assertEquals(Errno.EAGAIN, e.errno());
            return false;
        }
    }

    /** Neighbours of one kind are one lock. */
    private static int pieces(int[][] model) {
        int count = 0;
        for (int[] bytes : model) {
            for (int at = 0; at < bytes.length; at++) {
                if (bytes[at] != 0 && (at == 0 || bytes[at - 1] != bytes[at])) {
                    count++;
                }
            }
        }
        return count;
    }

    private static TestCaller caller(FsFixture fixture) {
        MountNamespace namespace =
                fixture.vfs.newNamespace(new UserNamespace(), fixture.tmpfs(), "none", 0);
        return new TestCaller(namespace, Credentials.root(new UserNamespace()));
    }

    private interface Call {
        void run() throws ErrnoException;
    }

    /** Runs a call on a thread of its own; what it threw comes out in the reference. */
    private static Thread start(
            CountDownLatch started, AtomicReference<ErrnoException> failure, Call call) {
        return Thread.ofPlatform()
                .start(() -> {
                    started.countDown();
                    try {
                        call.run();
                    } catch (ErrnoException e) {
                        failure.set(e);
                    }
                });
    }

    @Test
    void aWaiterGetsTheLockWhenItIsFree() throws ErrnoException, InterruptedException {
        try (FsFixture fixture = new FsFixture()) {
            FileLocks locks = new FileLocks(fixture.vfs);
            TestCaller one = caller(fixture);
            TestCaller two = caller(fixture);
            locks.lockRecord(lock(one.files(), true, 0, 9));
            CountDownLatch started = new CountDownLatch(1);
            AtomicReference<ErrnoException> failure = new AtomicReference<>();
            Thread waiter =
                    start(
                            started,
                            failure,
                            () -> locks.lockRecordWaiting(two, lock(two.files(), true, 5, 5)));
            started.await();
            locks.unlockRecord(one.files(), 0, 9);
            waiter.join();
            assertNull(failure.get());
            assertNotNull(locks.findConflict(lock(one.files(), false, 5, 5)));
        }
    }

    @Test
    void aCircleOfWaitersIsRefused() throws ErrnoException, InterruptedException {
        try (FsFixture fixture = new FsFixture()) {
            FileLocks locks = new FileLocks(fixture.vfs);
            TestCaller one = caller(fixture);
            TestCaller two = caller(fixture);
            locks.lockRecord(lock(one.files(), true, 0, 0));
            locks.lockRecord(lock(two.files(), true, 1, 1));
            CountDownLatch started = new CountDownLatch(1);
            AtomicReference<ErrnoException> failure = new AtomicReference<>();
            Thread waiter =
                    start(
                            started,
                            failure,
                            () -> locks.lockRecordWaiting(two, lock(two.files(), true, 0, 0)));
            started.await();
            // Whoever comes second closes the circle and is refused; until then this one gives up
            // and
            // tries again.
            one.interrupted = true;
            ErrnoException refused = null;
            while (refused == null) {
                ErrnoException answer =
                        assertThrows(
                                ErrnoException.class,
                                () -> locks.lockRecordWaiting(one, lock(one.files(), true, 1, 1)));
                refused = answer == InterruptedSyscall.SYSTEM ? failure.get() : answer;
            }
            assertEquals(Errno.EDEADLK, refused.errno());
            locks.unlockRecord(one.files(), 0, 0);
            waiter.join();
        }
    }

    @Test
    void interruptionRestarts() throws ErrnoException {
        try (FsFixture fixture = new FsFixture()) {
            FileLocks locks = new FileLocks(fixture.vfs);
            TestCaller one = caller(fixture);
            TestCaller two = caller(fixture);
            locks.lockRecord(lock(one.files(), false, 0, 0));
            two.interrupted = true;
            ErrnoException stopped =
                    assertThrows(
                            ErrnoException.class,
                            () -> locks.lockRecordWaiting(two, lock(two.files(), true, 0, 0)));
            assertTrue(stopped == InterruptedSyscall.SYSTEM);
            assertEquals(1, locks.records().size());
        }
    }

    @Test
    void closingAnyDescriptorDropsTheOwnersLocks() throws ErrnoException {
        try (FsFixture fixture = new FsFixture()) {
            TestCaller caller = fixture.caller(fixture.tmpfs());
            int flags = OpenFlags.O_CREAT | OpenFlags.O_RDWR;
            FileDescription one =
                    Opener.open(caller, caller.fs().root(), "f", OpenRequest.of(flags, 0600));
            FileDescription two =
                    Opener.open(caller, caller.fs().root(), "f", OpenRequest.of(flags, 0600));
            caller.files().install(caller, one, false);
            caller.files().install(caller, two, false);
            FileLocks locks = Objects.requireNonNull(one.inode()).locks();
            locks.lockRecord(lock(caller.files(), true, 0, FileLocks.TO_END));
            locks.lockRecord(lock(caller.files(), false, 50, 60));
            locks.flock(one, true);
            caller.files().close(caller, 1);
            assertEquals(0, locks.records().size(), "the process's locks are gone");
            assertEquals(1, locks.flocks().size());
            caller.files().close(caller, 0);
            assertEquals(0, locks.flocks().size());
        }
    }

    @Test
    void flockIsOwnedByDescriptions() throws ErrnoException {
        try (FsFixture fixture = new FsFixture()) {
            TestCaller caller = fixture.caller(fixture.tmpfs());
            int flags = OpenFlags.O_CREAT | OpenFlags.O_RDWR;
            FileDescription one =
                    Opener.open(caller, caller.fs().root(), "f", OpenRequest.of(flags, 0600));
            FileDescription two =
                    Opener.open(caller, caller.fs().root(), "f", OpenRequest.of(flags, 0600));
            FileLocks locks = Objects.requireNonNull(one.inode()).locks();
            locks.flock(one, false);
            locks.flock(two, false);
            ErrnoException busy = assertThrows(ErrnoException.class, () -> locks.flock(one, true));
            assertEquals(Errno.EAGAIN, busy.errno());
            // Linux gives the old lock up before it tries for the new one.
            assertEquals(1, locks.flocks().size());
            locks.flock(two, true);
            locks.unlockFlock(two);
            locks.flock(one, true);
        }
    }
}
