package dev.runsc.snapshot.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.snapshot.model.SnapshotException;
import dev.runsc.snapshot.model.SnapshotException.Kind;
import java.io.BufferedReader;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Locks between threads and between processes. */
@Timeout(60)
class StoreLockTest {
    private static final long SHORT = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long LONG = TimeUnit.SECONDS.toNanos(30);

    @TempDir Path temp;

    private StoreLock.Held shared(long wait) throws SnapshotException {
        return StoreLock.shared(temp, temp.resolve("lock"), wait);
    }

    private StoreLock.Held exclusive(long wait) throws SnapshotException {
        return StoreLock.exclusive(temp, temp.resolve("lock"), wait);
    }

    @Test
    void withinOneProcess() throws Exception {
        StoreLock.Held first = shared(0);
        StoreLock.Held second = shared(0);
        assertEquals(
                Kind.BUSY, assertThrows(SnapshotException.class, () -> exclusive(SHORT)).kind());
        first.close();
        first.close();
        assertThrows(SnapshotException.class, () -> exclusive(0));
        second.close();
        try (StoreLock.Held _ = exclusive(0)) {
            assertThrows(SnapshotException.class, () -> shared(SHORT));
            assertThrows(SnapshotException.class, () -> exclusive(SHORT));
        }
        exclusive(0).close();
    }

    @Test
    void threadsExcludeOneAnother() throws Exception {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger wrong = new AtomicInteger();
        Thread[] threads = new Thread[6];
        for (int i = 0; i < threads.length; i++) {
            boolean writes = i % 2 == 0;
            threads[i] =
                    Thread.ofPlatform()
                            .start(() -> {
                                for (int n = 0; n < 200; n++) {
                                    try (StoreLock.Held _ =
                                            writes ? exclusive(LONG) : shared(LONG)) {
                                        int others = inside.getAndAdd(writes ? 1000 : 1);
                                        if (writes ? others != 0 : others >= 1000) {
                                            wrong.incrementAndGet();
                                        }
                                        inside.addAndGet(writes ? -1000 : -1);
                                    } catch (SnapshotException e) {
                                        wrong.incrementAndGet();
                                    }
                                }
                            });
        }
        for (Thread thread : threads) {
            thread.join();
        }
        assertEquals(0, wrong.get());
    }

    @Test
    void waiterGetsTheLockWhenItIsFree() throws Exception {
        StoreLock.Held held = exclusive(0);
        CountDownLatch got = new CountDownLatch(1);
        Thread waiter =
                Thread.ofPlatform()
                        .start(() -> {
                            try (StoreLock.Held _ = shared(LONG)) {
                                got.countDown();
                            } catch (SnapshotException e) {
                                throw new AssertionError(e);
                            }
                        });
        assertFalse(got.await(50, TimeUnit.MILLISECONDS));
        held.close();
        assertTrue(got.await(20, TimeUnit.SECONDS));
        waiter.join();
    }

    @Test
    void otherProcesses() throws Exception {
        Process other =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                StoreLockTest.class.getName(),
                                temp.resolve("lock").toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (BufferedReader out = other.inputReader(StandardCharsets.UTF_8)) {
            assertEquals("locked", out.readLine());
            long start = System.nanoTime();
            assertThrows(SnapshotException.class, () -> shared(SHORT));
            assertThrows(SnapshotException.class, () -> exclusive(SHORT));
            assertTrue(System.nanoTime() - start >= 2 * SHORT);
            CountDownLatch got = new CountDownLatch(1);
            Thread waiter =
                    Thread.ofPlatform()
                            .start(() -> {
                                try (StoreLock.Held _ = exclusive(LONG)) {
                                    got.countDown();
                                } catch (SnapshotException e) {
                                    throw new AssertionError(e);
                                }
                            });
            assertFalse(got.await(50, TimeUnit.MILLISECONDS));
            other.destroyForcibly();
            assertTrue(got.await(20, TimeUnit.SECONDS), "a killed process holds no lock");
            waiter.join();
        } finally {
            other.destroyForcibly().waitFor();
        }
    }

    /** Holds a lock until it is killed. */
    public static void main(String[] args) throws Exception {
        try (FileChannel file =
                FileChannel.open(
                        Path.of(args[0]), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            file.lock();
            System.out.println("locked");
            System.in.read();
        }
    }
}
