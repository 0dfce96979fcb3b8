package dev.runsc.kernel.memory;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.ErrnoException;
import java.lang.System.Logger;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Gives pages without users back to the host, in batches, by a thread of its own, so that munmap
 * and exit do not wait for it. The thread lives while there is work.
 */
final class Reclaimer {
    /** How long to gather a batch. */
    private static final long BATCH_NANOS = 2_000_000;

    /** How long the thread stays without work. */
    private static final long IDLE_NANOS = 5_000_000_000L;

    private record Later(HostSpace user, long offset, long lengthBytes) {}

    private final MemoryFile file;

    /** One drain at a time. Taken with no kernel lock held but those before MEMORY_FILE. */
    private final ReentrantLock draining = new ReentrantLock();

    /** Guards the fields below; innermost. */
    private final Object monitor = new Object();

    @GuardedBy("monitor")
    private ArrayList<Later> later = new ArrayList<>();

    @GuardedBy("monitor")
    private @Nullable Thread thread;

    @GuardedBy("monitor")
    private boolean pending;

    @GuardedBy("monitor")
    private boolean closed;

    Reclaimer(MemoryFile file) {
        this.file = file;
    }

    void wake() {
        synchronized (monitor) {
            wakeLocked();
        }
    }

    void releaseLater(HostSpace user, long offset, long lengthBytes) {
        synchronized (monitor) {
            later.add(new Later(user, offset, lengthBytes));
            wakeLocked();
        }
    }

    @GuardedBy("monitor")
    private void wakeLocked() {
        if (pending || closed) {
            return;
        }
        pending = true;
        Thread current = thread;
        if (current == null) {
            thread = Thread.ofPlatform().daemon().name("memory-reclaimer").start(this::run);
        } else {
            LockSupport.unpark(current);
        }
    }

    private void run() {
        while (awaitWork()) {
            LockSupport.parkNanos(BATCH_NANOS);
            try {
                drain();
            } catch (ErrnoException e) {
                System.getLogger("dev.runsc.memory")
                        .log(
                                Logger.Level.WARNING,
                                "the host took no memory back: {0}",
                                e.getMessage());
            }
        }
    }

    /** False when the thread is to end. */
    private boolean awaitWork() {
        long deadline = System.nanoTime() + IDLE_NANOS;
        while (true) {
            synchronized (monitor) {
                if (pending && !closed) {
                    return true;
                }
                if (closed || System.nanoTime() - deadline >= 0) {
                    thread = null;
                    return false;
                }
            }
            LockSupport.parkNanos(IDLE_NANOS);
        }
    }

    /** Releases and punches all there is. */
    void drain() throws ErrnoException {
        draining.lock();
        try {
            ArrayList<Later> work;
            synchronized (monitor) {
                if (closed) {
                    return;
                }
                pending = false;
                work = later;
                later = new ArrayList<>();
            }
            Map<HostSpace, Boolean> settled = new IdentityHashMap<>();
            for (Later one : work) {
                if (settled.put(one.user, true) == null) {
                    one.user.settle();
                }
                file.release(one.offset, one.lengthBytes);
            }
            file.punchUnused();
        } finally {
            draining.unlock();
        }
    }

    /** Returns when nothing is being given back any more: the host's side may be closed then. */
    void close() {
        draining.lock();
        try {
            synchronized (monitor) {
                closed = true;
                LockSupport.unpark(thread);
            }
        } finally {
            draining.unlock();
        }
    }
}
