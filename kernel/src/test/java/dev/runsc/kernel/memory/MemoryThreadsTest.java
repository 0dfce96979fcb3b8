package dev.runsc.kernel.memory;

import static dev.runsc.kernel.memory.MemoryFixture.BASE;
import static dev.runsc.kernel.memory.MemoryFixture.PAGE;
import static dev.runsc.kernel.memory.MemoryFixture.READ_WRITE;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.MmapFlags;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Tasks that share an address space, each at work in a part of its own, and fork at any time. */
class MemoryThreadsTest {
    private static final int THREADS = 4;
    private static final int PAGES = 64;
    private static final int STEPS = 3000;

    @Test
    void tasksOfOneAddressSpaceDoNotDisturbEachOther()
            throws ErrnoException, InterruptedException, ExecutionException {
        long seed = Long.getLong("seed", 1);
        System.out.println("MemoryThreadsTest seed " + seed);
        try (MemoryFixture fixture = new MemoryFixture();
                ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            MemoryManager manager = fixture.newManager();
            List<Future<?>> tasks = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                if (i > 0) {
                    manager.retain();
                }
                long base = BASE + i * (PAGES * PAGE);
                SplittableRandom random = new SplittableRandom(seed + i);
                tasks.add(
                        threads.submit(() -> {
                            work(fixture, manager, base, random);
                            manager.release();
                            return null;
                        }));
            }
            for (Future<?> task : tasks) {
                task.get();
            }
            fixture.assertNothingLeft();
        }
    }

    private static void work(
            MemoryFixture fixture, MemoryManager manager, long base, SplittableRandom random)
            throws ErrnoException {
        MemoryFixture.map(manager, base, PAGES);
        long[] values = new long[PAGES];
        for (int step = 0; step < STEPS; step++) {
            int first = random.nextInt(PAGES);
            int count = 1 + random.nextInt(PAGES - first);
            long address = base + first * PAGE;
            switch (random.nextInt(8)) {
                case 0 -> {
                    MemoryFixture.map(manager, address, count);
                    java.util.Arrays.fill(values, first, first + count, 0);
                }
                case 1 -> {
                    manager.advise(address, count * PAGE, MmapFlags.MADV_DONTNEED);
                    java.util.Arrays.fill(values, first, first + count, 0);
                }
                case 2 -> {
                    manager.protect(address, count * PAGE, MmapFlags.PROT_READ);
                    check(manager, base, values);
                    manager.protect(address, count * PAGE, READ_WRITE);
                }
                case 3 -> {
                    if (random.nextInt(8) == 0) {
                        fork(fixture, manager, base, values);
                    }
                }
                default -> {
                    values[first] = random.nextLong();
                    manager.writeLong(address, values[first]);
                }
            }
            check(manager, base, values);
        }
    }

    private static void fork(MemoryFixture fixture, MemoryManager manager, long base, long[] values)
            throws ErrnoException {
        MemoryManager child = manager.fork(fixture.platform, MemoryLimits.None.INSTANCE);
        check(child, base, values);
        child.writeLong(base, 7);
        manager.writeLong(base, values[0] + 1);
        assertEquals(7, child.readLong(base));
        values[0]++;
        child.release();
    }

    private static void check(MemoryManager manager, long base, long[] values)
            throws ErrnoException {
        for (int i = 0; i < PAGES; i++) {
            assertEquals(values[i], manager.readLong(base + i * PAGE));
        }
    }
}
