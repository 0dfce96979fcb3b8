package dev.runsc.kernel.vfs;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.kernel.sync.InterruptedSyscall;
import dev.runsc.kernel.sync.Interruptible;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.kernel.sync.ThreadWaiter;
import dev.runsc.kernel.sync.WaitQueue;
import dev.runsc.state.Savable;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The advisory locks on one file (Linux {@code struct file_lock_context}): record locks of
 * fcntl(2), owned by a descriptor table or, for open file description locks, by a description; and
 * flock(2) locks, owned by a description. The two kinds do not see each other.
 */
public final class FileLocks implements Savable {
    /** End of a lock that reaches to the end of the file, however it grows. */
    public static final long TO_END = Long.MAX_VALUE;

    /**
     * A lock held or asked for.
     *
     * @param owner the {@link FdTable} or {@link FileDescription} that holds it; compared by
     *     identity
     * @param processId what F_GETLK shows; -1 for open file description locks
     * @param exclusive a write lock
     * @param start first byte
     * @param end last byte, included
     */
    public record Lock(Savable owner, int processId, boolean exclusive, long start, long end)
            implements Savable {
        boolean overlaps(Lock other) {
            return start <= other.end && other.start <= end;
        }

        boolean conflicts(Lock other) {
            return owner != other.owner && (exclusive || other.exclusive) && overlaps(other);
        }

        Lock withRange(long newStart, long newEnd) {
            return new Lock(owner, processId, exclusive, newStart, newEnd);
        }
    }

    private final KernelLock lock = new KernelLock(LockClass.INODE);
    private final WaitQueue waiters = new WaitQueue();
    private final VirtualFileSystem vfs;

    @GuardedBy("lock")
    private final ArrayList<Lock> records = new ArrayList<>();

    @GuardedBy("lock")
    private final ArrayList<Lock> flocks = new ArrayList<>();

    FileLocks(VirtualFileSystem vfs) {
        this.vfs = vfs;
    }

    // Record locks.

    /** F_GETLK: a lock that is in the way of this one, or null. */
    public @Nullable Lock findConflict(Lock wanted) {
        lock.lock();
        try {
            return conflictLocked(records, wanted);
        } finally {
            lock.unlock();
        }
    }

    /** F_SETLK: EAGAIN when another owner is in the way. */
    public void lockRecord(Lock wanted) throws ErrnoException {
        if (tryRecord(wanted) != null) {
            throw Errno.EAGAIN.error();
        }
    }

    /** F_SETLKW: sleeps until nobody is in the way. Restarts after signals (ERESTARTSYS). */
    public void lockRecordWaiting(Caller caller, Lock wanted) throws ErrnoException {
        Lock first = tryRecord(wanted);
        if (first == null) {
            return;
        }
        LockWaits waits = vfs.lockWaits();
        boolean detect = wanted.owner instanceof FdTable;
        ThreadWaiter waiter = new ThreadWaiter();
        waiters.add(waiter, PollEvents.POLLIN);
        try {
            while (true) {
                Lock holder = tryRecord(wanted);
                if (holder == null) {
                    return;
                }
                if (detect && !waits.begin(wanted.owner, holder.owner)) {
                    throw Errno.EDEADLK.error();
                }
                sleep(caller, waiter);
            }
        } finally {
            waiters.remove(waiter);
            if (detect) {
                waits.end(wanted.owner);
            }
        }
    }

    /** F_UNLCK over a range. */
    public void unlockRecord(Savable owner, long start, long end) {
        lock.lock();
        try {
            cutLocked(owner, start, end);
        } finally {
            lock.unlock();
        }
        waiters.notify(PollEvents.POLLIN);
    }

    private @Nullable Lock tryRecord(Lock wanted) {
        lock.lock();
        try {
            Lock conflict = conflictLocked(records, wanted);
            if (conflict != null) {
                return conflict;
            }
            cutLocked(wanted.owner, wanted.start, wanted.end);
            insertLocked(wanted);
        } finally {
            lock.unlock();
        }
        // A write lock may have become a read lock.
        waiters.notify(PollEvents.POLLIN);
        return null;
    }

    private static @Nullable Lock conflictLocked(List<Lock> locks, Lock wanted) {
        for (Lock held : locks) {
            if (held.conflicts(wanted)) {
                return held;
            }
        }
        return null;
    }

    /** Takes a range out of an owner's locks, splitting what sticks out. */
    @GuardedBy("lock")
    private void cutLocked(Savable owner, long start, long end) {
        ArrayList<Lock> pieces = new ArrayList<>();
        for (int i = records.size() - 1; i >= 0; i--) {
            Lock held = records.get(i);
            if (held.owner != owner || held.end < start || held.start > end) {
                continue;
            }
            records.remove(i);
            if (held.start < start) {
                pieces.add(held.withRange(held.start, start - 1));
            }
            if (held.end > end) {
                pieces.add(held.withRange(end + 1, held.end));
            }
        }
        records.addAll(pieces);
    }

    /** Adds a lock, joined with the same owner's neighbours of the same kind. */
    @GuardedBy("lock")
    private void insertLocked(Lock wanted) {
        long start = wanted.start;
        long end = wanted.end;
        for (int i = records.size() - 1; i >= 0; i--) {
            Lock held = records.get(i);
            if (held.owner != wanted.owner || held.exclusive != wanted.exclusive) {
                continue;
            }
            boolean before = held.end != TO_END && held.end + 1 == start;
            boolean behind = end != TO_END && end + 1 == held.start;
            if (before || behind) {
                start = Math.min(start, held.start);
                end = Math.max(end, held.end);
                records.remove(i);
            }
        }
        records.add(wanted.withRange(start, end));
    }

    // Flock.

    /** flock(2) with LOCK_NB: EAGAIN when another description is in the way. */
    public void flock(FileDescription owner, boolean exclusive) throws ErrnoException {
        if (tryFlock(owner, exclusive) != null) {
            throw Errno.EAGAIN.error();
        }
    }

    /**
     * flock(2): sleeps; restarts after signals. Changing the kind of a lock gives the old one up
     * first, as in Linux.
     */
    public void flockWaiting(Caller caller, FileDescription owner, boolean exclusive)
            throws ErrnoException {
        if (tryFlock(owner, exclusive) == null) {
            return;
        }
        ThreadWaiter waiter = new ThreadWaiter();
        waiters.add(waiter, PollEvents.POLLIN);
        try {
            while (tryFlock(owner, exclusive) != null) {
                sleep(caller, waiter);
            }
        } finally {
            waiters.remove(waiter);
        }
    }

    public void unlockFlock(FileDescription owner) {
        lock.lock();
        try {
            flocks.removeIf(held -> held.owner == owner);
        } finally {
            lock.unlock();
        }
        waiters.notify(PollEvents.POLLIN);
    }

    private @Nullable Lock tryFlock(FileDescription owner, boolean exclusive) {
        Lock wanted = new Lock(owner, 0, exclusive, 0, TO_END);
        boolean gaveUp;
        Lock conflict;
        lock.lock();
        try {
            for (Lock held : flocks) {
                if (held.owner == owner && held.exclusive == exclusive) {
                    return null;
                }
            }
            gaveUp = flocks.removeIf(held -> held.owner == owner);
            conflict = conflictLocked(flocks, wanted);
            if (conflict == null) {
                flocks.add(wanted);
            }
        } finally {
            lock.unlock();
        }
        if (gaveUp) {
            waiters.notify(PollEvents.POLLIN);
        }
        return conflict;
    }

    // Common.

    /** Drops everything an owner has: a closed descriptor's table, or a closed description. */
    void releaseOwner(Savable owner) {
        boolean some;
        lock.lock();
        try {
            some = records.removeIf(held -> held.owner == owner);
            some |= flocks.removeIf(held -> held.owner == owner);
        } finally {
            lock.unlock();
        }
        if (some) {
            waiters.notify(PollEvents.POLLIN);
        }
    }

    /** For /proc/locks: record locks, then flock locks. */
    public List<Lock> records() {
        lock.lock();
        try {
            return List.copyOf(records);
        } finally {
            lock.unlock();
        }
    }

    public List<Lock> flocks() {
        lock.lock();
        try {
            return List.copyOf(flocks);
        } finally {
            lock.unlock();
        }
    }

    private static void sleep(Caller caller, ThreadWaiter waiter) throws ErrnoException {
        if (caller.sleep(waiter, Interruptible.FOREVER) == Interruptible.Wake.INTERRUPTED) {
            throw InterruptedSyscall.SYSTEM;
        }
    }
}
