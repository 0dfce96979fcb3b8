package dev.runsc.kernel.platform.stub;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.kernel.platform.PlatformException;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import org.jspecify.annotations.Nullable;

/**
 * Stub processes ready for use, each with one thread at its first stop. A daemon thread makes them
 * ahead and cleans those that come back, so that neither forking nor cleaning is waited for.
 */
final class ProcessPool implements AutoCloseable {
    /** Most that are made ahead: a shell's fork and the next one. */
    private static final int SPARES = 2;

    /** Most to keep after use; each holds some 200 KiB of the host's memory. */
    private static final int LIMIT = 16;

    private final StubPlatform platform;
    private final KernelLock lock = new KernelLock(LockClass.PLATFORM);
    private final Condition work = lock.newCondition();
    private final Thread thread;

    @GuardedBy("lock")
    private final ArrayDeque<StubProcess> ready = new ArrayDeque<>();

    @GuardedBy("lock")
    private final ArrayDeque<StubProcess> used = new ArrayDeque<>();

    /**
     * How many to have ready: one for the first program, and after that none before the guest has
     * forked; many guests never do, and a spare takes a start 7 ms and a host 200 KiB.
     */
    @GuardedBy("lock")
    private int spares = 1;

    @GuardedBy("lock")
    private boolean taken;

    /** Making one failed: nothing is made ahead until somebody asks for one and learns why. */
    @GuardedBy("lock")
    private boolean failing;

    @GuardedBy("lock")
    private boolean closed;

    ProcessPool(StubPlatform platform) {
        this.platform = platform;
        thread = Thread.ofPlatform().daemon().name("stub-pool").unstarted(this::loop);
    }

    void start() {
        thread.start();
    }

    StubProcess take() throws PlatformException {
        lock.lock();
        try {
            StubProcess process;
            do {
                process = ready.pollFirst();
            } while (process != null && process.hasEnded());
            failing = false;
            spares = taken ? Math.min(spares + 1, SPARES) : 0;
            taken = true;
            work.signalAll();
            if (process != null) {
                return process;
            }
        } finally {
            lock.unlock();
        }
        return platform.newProcess();
    }

    /** Takes a process whose address space was released. */
    void give(StubProcess process) {
        lock.lock();
        try {
            if (!closed && ready.size() + used.size() < LIMIT) {
                used.addLast(process);
                work.signalAll();
                return;
            }
        } finally {
            lock.unlock();
        }
        process.kill();
    }

    private void loop() {
        try {
            StubProcess process = awaitWork();
            while (process != null) {
                if (process.clean()) {
                    makeReady(process);
                }
                process = awaitWork();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A process to clean, made or used; null at the end. */
    private @Nullable StubProcess awaitWork() throws InterruptedException {
        while (true) {
            lock.lock();
            try {
                while (!closed && used.isEmpty() && (failing || ready.size() >= spares)) {
                    work.await();
                }
                if (closed) {
                    return null;
                }
                if (ready.size() >= spares || !used.isEmpty()) {
                    return used.removeFirst();
                }
            } finally {
                lock.unlock();
            }
            try {
                return platform.newProcess();
            } catch (PlatformException e) {
                lock.lock();
                try {
                    failing = true;
                } finally {
                    lock.unlock();
                }
            }
        }
    }

    private void makeReady(StubProcess process) {
        lock.lock();
        try {
            if (!closed) {
                ready.addLast(process);
                return;
            }
        } finally {
            lock.unlock();
        }
        process.kill();
    }

    /** Ends the thread. The processes end with the template. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            work.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
