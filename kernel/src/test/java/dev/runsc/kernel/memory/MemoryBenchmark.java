package dev.runsc.kernel.memory;

import static dev.runsc.kernel.memory.MemoryFixture.BASE;
import static dev.runsc.kernel.memory.MemoryFixture.PAGE;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.platform.PlatformException;
import java.util.Locale;

/** Times what the memory manager does on hot paths, with real stubs. Started by hand. */
final class MemoryBenchmark {
    private static final int ROUNDS = 5;
    private static final long HEAP_PAGES = 20480;

    private MemoryBenchmark() {}

    private interface Work {
        void run() throws ErrnoException;
    }

    private static void time(String what, long units, Work work) throws ErrnoException {
        long best = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            long start = System.nanoTime();
            work.run();
            best = Math.min(best, System.nanoTime() - start);
        }
        System.out.printf(Locale.ROOT, "%-60s %12.1f ns%n", what, (double) best / units);
    }

    /** Runs all. */
    public static void main(String[] args) throws ErrnoException, PlatformException {
        try (MemoryFixture fixture = MemoryFixture.real()) {
            MemoryManager manager = fixture.newManager();
            access(manager);
            mapping(fixture, manager);
            MemoryFixture.map(manager, BASE, HEAP_PAGES);
            manager.zero(BASE, HEAP_PAGES * PAGE);
            for (int i = 0; i < 60; i++) {
                int protection = i % 2 == 0 ? 1 : 3;
                long at = 0x5000_0000L + i * 16L * PAGE;
                manager.map(MapRequest.anonymous(at, 8 * PAGE, protection, MemoryFixture.FIXED));
            }
            time(
                    "fork of 80 MB in 60 areas, and release",
                    1,
                    () -> {
                        MemoryManager child =
                                manager.fork(fixture.platform, MemoryLimits.None.INSTANCE);
                        fixture.release(child);
                    });
            copying(fixture, manager, 1);
            copying(fixture, manager, 16);
            copying(fixture, manager, 64);
            fixture.release(manager);
        }
    }

    private static void access(MemoryManager manager) throws ErrnoException {
        long address = MemoryFixture.map(manager, 0, 1024);
        manager.zero(address, 1024 * PAGE);
        long[] sum = new long[1];
        int n = 2_000_000;
        time(
                "readInt",
                n,
                () -> {
                    for (int i = 0; i < n; i++) {
                        sum[0] += manager.readInt(address + (i & 0xffff) * 4L);
                    }
                });
        time(
                "writeInt",
                n,
                () -> {
                    for (int i = 0; i < n; i++) {
                        manager.writeInt(address + (i & 0xffff) * 4L, i);
                    }
                });
        byte[] one = new byte[1];
        time(
                "buffer and put of 1 byte",
                n,
                () -> {
                    for (int i = 0; i < n; i++) {
                        manager.buffer(address + (i & 0xffff), 1).put(one, 0, 1);
                    }
                });
        byte[] page = new byte[4096];
        time(
                "copyIn of a page",
                n / 4,
                () -> {
                    for (int i = 0; i < n / 4; i++) {
                        manager.copyIn(address + (i & 0xff) * PAGE, page);
                    }
                });
    }

    private static void mapping(MemoryFixture fixture, MemoryManager manager)
            throws ErrnoException {
        int n = 2000;
        time(
                "mmap and munmap of 64 KiB, with the stub",
                n,
                () -> {
                    for (int i = 0; i < n; i++) {
                        long at = MemoryFixture.map(manager, 0, 16);
                        fixture.guestTouch(manager, RealGuests.CODE);
                        manager.unmap(at, 16 * PAGE);
                        fixture.guestTouch(manager, RealGuests.CODE);
                    }
                });
        time(
                "the same, all 16 pages written",
                n,
                () -> {
                    for (int i = 0; i < n; i++) {
                        long at = MemoryFixture.map(manager, 0, 16);
                        for (int p = 0; p < 16; p++) {
                            fixture.guestWrite(manager, at + p * PAGE, i);
                        }
                        manager.unmap(at, 16 * PAGE);
                    }
                });
        time(
                "a call to the guest",
                n,
                () -> {
                    for (int i = 0; i < n; i++) {
                        fixture.guestTouch(manager, RealGuests.CODE);
                    }
                });
    }

    /** A child writes every so many pages of what it shares. */
    private static void copying(MemoryFixture fixture, MemoryManager manager, int stride)
            throws ErrnoException {
        long writes = HEAP_PAGES / 4 / stride;
        time(
                "child writes every " + stride + "th page, per write",
                writes,
                () -> {
                    MemoryManager child =
                            manager.fork(fixture.platform, MemoryLimits.None.INSTANCE);
                    for (long i = 0; i < writes; i++) {
                        fixture.guestWrite(child, BASE + i * stride * PAGE, i);
                    }
                    fixture.release(child);
                });
        time(
                "parent takes back, per write",
                writes,
                () -> {
                    for (long i = 0; i < writes; i++) {
                        fixture.guestWrite(manager, BASE + i * stride * PAGE, i);
                    }
                });
    }
}
