package dev.runsc.snapshot.internal;

import dev.runsc.snapshot.model.SnapshotException;
import dev.runsc.snapshot.model.SnapshotException.Kind;
import java.io.IOException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A lock file, shared or exclusive, between processes and between threads of this one.
 *
 * <p>The system's record locks (fcntl) end with the process that holds them, however it dies, so
 * none can be stale. But they belong to a process, not to a descriptor: a second lock of the same
 * process is granted at once, and closing any descriptor of the file drops them all. Therefore each
 * file is opened once per process, and the threads settle among themselves here first.
 */
public final class StoreLock {
    /** All locks of this process by file; guarded by itself, as is every field of a lock. */
    private static final Map<Path, StoreLock> IN_USE = new HashMap<>();

    private final Path file;

    /** Holders and waiters in this process; at zero the file is closed. */
    private int users;

    private int sharedHolders;
    private boolean exclusivelyHeld;

    /** Some thread is asking the system for the lock; all others wait for its answer. */
    private boolean asking;

    private @Nullable FileChannel channel;
    private @Nullable FileLock granted;

    private StoreLock(Path file) {
        this.file = file;
    }

    /** A lock that is held until closed; closing twice is harmless. */
    public static final class Held implements AutoCloseable {
        private final StoreLock lock;
        private final boolean shared;
        private boolean released;

        private Held(StoreLock lock, boolean shared) {
            this.lock = lock;
            this.shared = shared;
        }

        @Override
        public void close() {
            synchronized (IN_USE) {
                if (!released) {
                    released = true;
                    lock.releaseLocked(shared);
                }
            }
        }
    }

    /** Waits at most so long for a shared lock; the store's directory is named in messages. */
    public static Held shared(Path store, Path file, long waitNanos) throws SnapshotException {
        return acquire(store, file, true, waitNanos);
    }

    /** Waits at most so long for the exclusive lock. */
    public static Held exclusive(Path store, Path file, long waitNanos) throws SnapshotException {
        return acquire(store, file, false, waitNanos);
    }

    private static Held acquire(Path store, Path file, boolean shared, long waitNanos)
            throws SnapshotException {
        try {
            Path key = canonical(file);
            StoreLock lock;
            synchronized (IN_USE) {
                lock = IN_USE.computeIfAbsent(key, StoreLock::new);
                lock.users++;
            }
            boolean done = false;
            try {
                done = lock.take(shared, System.nanoTime() + waitNanos);
            } finally {
                if (!done) {
                    lock.leave();
                }
            }
            if (!done) {
                throw new SnapshotException(
                        Kind.BUSY,
                        "snapshot store "
                                + store
                                + " is in use by another command (waited "
                                + TimeUnit.NANOSECONDS.toMillis(waitNanos)
                                + " ms for its "
                                + file.getFileName()
                                + " lock)");
            }
            return new Held(lock, shared);
        } catch (IOException e) {
            throw Failures.of(store, "cannot lock " + file.getFileName(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SnapshotException(
                    Kind.BUSY, "interrupted while waiting for snapshot store " + store, e);
        }
    }

    /** One name per file, whatever path led to the store. */
    private static Path canonical(Path file) throws IOException {
        Path parent = file.toAbsolutePath().getParent();
        if (parent == null) {
            throw new IOException("lock file without directory: " + file);
        }
        return parent.toRealPath().resolve(file.getFileName());
    }

    private boolean take(boolean shared, long deadline) throws IOException, InterruptedException {
        synchronized (IN_USE) {
            while (asking || exclusivelyHeld || (!shared && sharedHolders > 0)) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                TimeUnit.NANOSECONDS.timedWait(IN_USE, left);
            }
            if (sharedHolders > 0) {
                sharedHolders++;
                return true;
            }
            asking = true;
        }
        boolean got = false;
        try {
            got = askSystem(shared, deadline);
        } finally {
            synchronized (IN_USE) {
                asking = false;
                if (got && shared) {
                    sharedHolders = 1;
                } else if (got) {
                    exclusivelyHeld = true;
                }
                IN_USE.notifyAll();
            }
        }
        return got;
    }

    /** Only the thread that set {@link #asking} comes here, so the channel has no other user. */
    private boolean askSystem(boolean shared, long deadline)
            throws IOException, InterruptedException {
        while (true) {
            FileChannel file = channel;
            if (file == null || !file.isOpen()) {
                file = open(shared);
                channel = file;
            }
            if (file == null) {
                // A read-only file system without lock files: nobody can be writing there.
                return shared;
            }
            try {
                granted = file.tryLock(0, Long.MAX_VALUE, shared);
                if (granted != null) {
                    return true;
                }
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                granted = lockWithin(file, shared, left);
                return granted != null;
            } catch (IOException e) {
                // The kernel sees one owner per process and may take two threads of it, waiting for
                // different files, for a deadlock (EDEADLK). The store's lock order has none.
                if (!String.valueOf(e.getMessage()).contains("deadlock")
                        || deadline - System.nanoTime() <= 0) {
                    throw e;
                }
                Thread.onSpinWait();
            }
        }
    }

    private @Nullable FileChannel open(boolean shared) throws IOException {
        try {
            return FileChannel.open(
                    file,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE);
        } catch (FileSystemException readOnly) {
            if (!shared) {
                throw readOnly;
            }
            try {
                return FileChannel.open(file, StandardOpenOption.READ);
            } catch (NoSuchFileException missing) {
                if (Files.isWritable(file.resolveSibling(""))) {
                    throw readOnly;
                }
                return null;
            }
        }
    }

    /** The system's wait has no bound of its own; a helper closes the file when time is up. */
    private static @Nullable FileLock lockWithin(FileChannel file, boolean shared, long nanos)
            throws IOException, InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        Thread watchdog =
                Thread.ofPlatform()
                        .daemon()
                        .name("store-lock-timeout")
                        .start(() -> {
                            try {
                                if (!done.await(nanos, TimeUnit.NANOSECONDS)) {
                                    file.close();
                                }
                            } catch (InterruptedException | IOException e) {
                                // Closing a lock file writes nothing; there is no one to tell.
                                Thread.currentThread().interrupt();
                            }
                        });
        FileLock lock = null;
        try {
            lock = file.lock(0, Long.MAX_VALUE, shared);
        } catch (AsynchronousCloseException timeIsUp) {
            // Falls through to the answer "no lock".
        } finally {
            done.countDown();
            watchdog.join();
        }
        // Time may have run out just when the lock was granted; then the file is closed.
        return lock != null && lock.isValid() ? lock : null;
    }

    private void releaseLocked(boolean shared) {
        if (shared) {
            sharedHolders--;
        } else {
            exclusivelyHeld = false;
        }
        if (sharedHolders == 0) {
            dropGrant();
        }
        users--;
        closeWhenUnusedLocked();
        IN_USE.notifyAll();
    }

    private void leave() {
        synchronized (IN_USE) {
            users--;
            closeWhenUnusedLocked();
            IN_USE.notifyAll();
        }
    }

    private void dropGrant() {
        FileLock lock = granted;
        granted = null;
        if (lock != null && lock.isValid()) {
            try {
                lock.release();
            } catch (IOException e) {
                throw new AssertionError("cannot release a lock held by this process", e);
            }
        }
    }

    private void closeWhenUnusedLocked() {
        if (users > 0) {
            return;
        }
        IN_USE.remove(file);
        FileChannel open = channel;
        channel = null;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                throw new AssertionError("cannot close a lock file", e);
            }
        }
    }
}
