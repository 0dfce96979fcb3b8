package dev.runsc.kernel.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.fs.overlay.OverlayFileSystem;
import dev.runsc.kernel.vfs.FileSystem;
import dev.runsc.kernel.vfs.ListedEntry;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.PathOperations;
import dev.runsc.kernel.vfs.PathWalk;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/**
 * Many threads on one tree: locks are taken in order (KernelLock asserts it), nothing but errno
 * comes out, and once all is removed no memory is left.
 */
final class TreeRaceTest {
    private static final int THREADS = 4;
    private static final int STEPS = Integer.getInteger("test.steps", 3000);
    private static final long SEED = Long.getLong("test.seed", 1);

    @Test
    void threadsShareATmpfs() throws ErrnoException, InterruptedException {
        try (FsFixture fixture = new FsFixture()) {
            race(fixture, fixture.tmpfs());
            assertEquals(0, fixture.memoryFile.usedBytes());
        }
    }

    @Test
    void threadsShareAnOverlay() throws ErrnoException, InterruptedException {
        try (FsFixture fixture = new FsFixture()) {
            FileSystem lower = fixture.goferFs(fixture.hostDirectory(), true, false);
            race(
                    fixture,
                    new OverlayFileSystem(fixture.vfs, fixture.tmpfs(), List.of(lower.root())));
            assertEquals(0, fixture.memoryFile.usedBytes());
        }
    }

    @Test
    void threadsShareAGofer() throws ErrnoException, InterruptedException {
        try (FsFixture fixture = new FsFixture()) {
            race(fixture, fixture.goferFs(fixture.hostDirectory(), false, true));
        }
    }

    private static void race(FsFixture fixture, FileSystem fileSystem)
            throws ErrnoException, InterruptedException {
        System.err.println("tree race: -Dtest.seed=" + SEED);
        TestCaller caller = fixture.caller(fileSystem);
        Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < THREADS; t++) {
            long seed = SEED + t;
            threads.add(Thread.ofPlatform().start(() -> work(caller, seed, failures)));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        if (!failures.isEmpty()) {
            throw new AssertionError("a thread failed", failures.peek());
        }
        clear(caller, caller.fs().root());
    }

    private static void work(TestCaller caller, long seed, Queue<Throwable> failures) {
        try (FileTree tree = new KernelTree(caller)) {
            TreeTorture torture = TreeTorture.alone(tree, seed);
            for (int step = 0; step < STEPS; step++) {
                torture.stepAlone();
            }
        } catch (RuntimeException | AssertionError e) {
            failures.add(e);
        }
    }

    private static void clear(TestCaller caller, Location directory) throws ErrnoException {
        for (ListedEntry entry : directory.inode().listAll(caller)) {
            Location found = PathWalk.find(caller, directory, entry.name(), 0);
            if (found.inode().isDirectory()) {
                clear(caller, found);
                PathOperations.rmdir(caller, directory, entry.name());
            } else {
                PathOperations.unlink(caller, directory, entry.name());
            }
        }
    }
}
