package dev.runsc.gofer.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.MmapFlags;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class HostMemoryTest {
    private static final int READ_WRITE = MmapFlags.PROT_READ | MmapFlags.PROT_WRITE;
    private static final long SIZE = 16 * HostMemory.PAGE_BYTES;

    @Test
    void twoMappingsOfOneMemoryFileShareBytes() throws ErrnoException {
        try (HostFd memory = HostFiles.memfdCreate("m", 0);
                Arena arena = Arena.ofShared()) {
            int fd = memory.number();
            HostFiles.ftruncate(fd, SIZE);
            MemorySegment one =
                    HostMemory.map(fd, 0, SIZE, READ_WRITE, MmapFlags.MAP_SHARED, arena);
            long address = HostMemory.mmap(0, SIZE, READ_WRITE, MmapFlags.MAP_SHARED, fd, 0);
            MemorySegment two = HostMemory.view(address, SIZE);
            one.set(ValueLayout.JAVA_LONG, 8192, 0x1122334455667788L);
            assertEquals(0x1122334455667788L, two.get(ValueLayout.JAVA_LONG, 8192));
            assertThrows(
                    IndexOutOfBoundsException.class, () -> one.get(ValueLayout.JAVA_BYTE, SIZE));
            HostMemory.madvise(address, SIZE, MmapFlags.MADV_REMOVE);
            assertEquals(0, one.get(ValueLayout.JAVA_LONG, 8192));
            HostMemory.mprotect(address, SIZE, MmapFlags.PROT_READ);
            HostMemory.munmap(address, SIZE);
        }
    }

    @Test
    void failuresAreErrnos() {
        ErrnoException e =
                assertThrows(
                        ErrnoException.class,
                        () -> HostMemory.mmap(0, 4096, READ_WRITE, MmapFlags.MAP_SHARED, -1, 0));
        assertEquals(Errno.EBADF, e.errno());
    }

    @Test
    void futexWaitsAndWakes() throws Exception {
        int flags = MmapFlags.MAP_SHARED | MmapFlags.MAP_ANONYMOUS;
        long word = HostMemory.mmap(0, 4096, READ_WRITE, flags, -1, 0);
        MemorySegment view = HostMemory.view(word, 4096);
        assertEquals(Futex.Wakeup.CHANGED, Futex.await(word, 7));
        assertEquals(
                Futex.Wakeup.TIMED_OUT, Futex.await(word, 0, TimeUnit.MILLISECONDS.toNanos(5)));
        assertEquals(0, Futex.wake(word, 1));

        AtomicReference<Object> result = new AtomicReference<>();
        Thread sleeper =
                Thread.ofPlatform()
                        .start(() -> {
                            try {
                                Futex.Wakeup ended = Futex.Wakeup.INTERRUPTED;
                                while (view.get(ValueLayout.JAVA_INT, 0) == 0) {
                                    ended = Futex.await(word, 0);
                                }
                                result.set(ended);
                            } catch (ErrnoException e) {
                                result.set(e);
                            }
                        });
        while (Futex.wake(word, 1) == 0) {
            Thread.onSpinWait(); // until the sleeper is in the kernel
        }
        view.set(ValueLayout.JAVA_INT, 0, 1);
        Futex.wake(word, 1);
        sleeper.join();
        assertTrue(result.get() == Futex.Wakeup.WOKEN || result.get() == Futex.Wakeup.CHANGED);
        HostMemory.munmap(word, 4096);
    }
}
