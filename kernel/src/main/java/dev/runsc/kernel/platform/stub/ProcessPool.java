package dev.runsc.kernel.platform.stub;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.kernel.platform.PlatformException;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Stub processes ready for use, each with one thread at its first stop. A daemon thread makes them ahead and cleans those that
 * come back, so that neither forking nor cleaning is waited for.
 */
final class ProcessPool implements AutoCloseable {
    /** Kept ready: a shell's fork and the next one. */
    private static final int SPARES = 2;

    /** Most to keep after use; each holds some 200 KiB of the host's memory. */
    private static final int LIMIT = 16;

    private final StubPlatform platform;
    private final Object lock = new Object();
    private final Thread thread;

    @GuardedBy("lock")
    private final ArrayDeque<StubProcess> ready = new ArrayDeque<>();

    @GuardedBy("lock")
    private final ArrayDeque<StubProcess> used = new ArrayDeque<>();

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
        synchronized (lock) {
            StubProcess process;
            do {
                process = ready.pollFirst();
            } while (process != null && process.hasEnded());
            failing = false;
            lock.notifyAll();
            if (process != null) {
                return process;
            }
        }
        return platform.newProcess();
    }

    /** Takes a process whose address space was released. */
    void give(StubProcess process) {
        synchronized (lock) {
            if (!closed && ready.size() + used.size() < LIMIT) {
                used.addLast(process);
                lock.notifyAll();
                return;
            }
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
            synchronized (lock) {
                while (!closed && used.isEmpty() && (failing || ready.size() >= SPARES)) {
                    lock.wait();
                }
                if (closed) {
                    return null;
                }
                if (ready.size() >= SPARES || !used.isEmpty()) {
                    return used.removeFirst();
                }
            }
            try {
                return platform.newProcess();
            } catch (PlatformException e) {
                synchronized (lock) {
                    failing = true;
                }
            }
        }
    }

    private void makeReady(StubProcess process) {
        synchronized (lock) {
            if (!closed) {
                ready.addLast(process);
                return;
            }
        }
        process.kill();
    }

    /** Ends the thread. The processes end with the template. */
    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
            lock.notifyAll();
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
