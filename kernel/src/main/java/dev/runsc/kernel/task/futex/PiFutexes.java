package dev.runsc.kernel.task.futex;

import static dev.runsc.gofer.abi.FutexOps.FUTEX_OWNER_DIED;
import static dev.runsc.gofer.abi.FutexOps.FUTEX_TID_MASK;
import static dev.runsc.gofer.abi.FutexOps.FUTEX_WAITERS;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.memory.FutexKey;
import dev.runsc.kernel.memory.MemoryManager;
import dev.runsc.kernel.sync.InterruptedSyscall;
import dev.runsc.kernel.sync.Interruptible;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.kernel.sync.ThreadWaiter;
import dev.runsc.state.Savable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;

/**
 * Futex words that hold their owner's thread id and pass from owner to waiter in the kernel
 * (futex(2), FUTEX_LOCK_PI and its kin; Linux kernel/futex/pi.c). Who is to run is the host's
 * business, so nothing is inherited: waiters get the word in the order they came.
 *
 * <p>At a freeze nobody waits: waits are cut short and begun anew, and the words say who owns what.
 * Word and queue are changed together under one lock, which comes before that of address spaces.
 */
public final class PiFutexes implements Savable {
    private final KernelLock lock = new KernelLock(LockClass.PI_FUTEX);
    private transient HashMap<FutexTable.Key, ArrayDeque<Sleeper>> queues = new HashMap<>();

    /** Those who wait at another word to be moved to one with an owner. */
    private transient HashMap<FutexTable.Key, ArrayDeque<Sleeper>> movable = new HashMap<>();

    /** One waiting thread. */
    private static final class Sleeper {
        final ThreadWaiter waiter = new ThreadWaiter();
        final MemoryManager memory;
        final long address;
        final FutexTable.Key key;
        final int tid;

        /** The word is its own. */
        boolean owns;

        /** It waits for the word: at the beginning, or since it was moved there. */
        boolean queued;

        Sleeper(MemoryManager memory, long address, FutexTable.Key key, int tid) {
            this.memory = memory;
            this.address = address;
            this.key = key;
            this.tid = tid;
        }
    }

    /** How a wait to be moved ended. */
    public enum Moved {
        /** The word is the caller's. */
        OWNS,
        /** Cut short while the caller waited for the word. */
        CUT_SHORT
    }

    /** Whether there is a task with a thread id: throws ESRCH if not. */
    @FunctionalInterface
    public interface OwnerCheck {
        void require(int tid) throws ErrnoException;
    }

    private HashMap<FutexTable.Key, ArrayDeque<Sleeper>> queuesLocked() {
        if (queues == null) {
            queues = new HashMap<>();
        }
        return queues;
    }

    private HashMap<FutexTable.Key, ArrayDeque<Sleeper>> movableLocked() {
        if (movable == null) {
            movable = new HashMap<>();
        }
        return movable;
    }

    private void enqueueLocked(Sleeper sleeper) {
        sleeper.queued = true;
        queuesLocked().computeIfAbsent(sleeper.key, k -> new ArrayDeque<>()).add(sleeper);
    }

    /**
     * FUTEX_LOCK_PI: waits until the word is the caller's.
     *
     * @param tid the caller's
     * @throws ErrnoException EDEADLK when it is already, ESRCH when its owner does not exist,
     *     ETIMEDOUT, EFAULT
     */
    public void acquire(
            Interruptible task,
            MemoryManager memory,
            long address,
            FutexKey futexKey,
            int tid,
            OwnerCheck owners,
            long deadlineNanos)
            throws ErrnoException {
        FutexTable.Key key = FutexTable.Key.of(futexKey);
        Sleeper sleeper = new Sleeper(memory, address, key, tid);
        lock.lock();
        try {
            if (takeLocked(memory, address, key, tid, owners)) {
                return;
            }
            enqueueLocked(sleeper);
        } finally {
            lock.unlock();
        }
        if (!sleepUntilOwned(task, sleeper, key, deadlineNanos)) {
            throw InterruptedSyscall.ALWAYS;
        }
    }

    /**
     * Sleeps until the word is the sleeper's; false when that is cut short.
     *
     * @throws ErrnoException ETIMEDOUT
     */
    private boolean sleepUntilOwned(
            Interruptible task, Sleeper sleeper, FutexTable.Key first, long deadlineNanos)
            throws ErrnoException {
        while (true) {
            switch (task.sleep(sleeper.waiter, deadlineNanos)) {
                case NOTIFIED -> {
                    if (owns(sleeper)) {
                        return true;
                    }
                }
                case TIMED_OUT -> {
                    if (leave(sleeper, first)) {
                        throw Errno.ETIMEDOUT.error();
                    }
                    return true;
                }
                case INTERRUPTED -> {
                    return !leave(sleeper, first);
                }
            }
        }
    }

    /**
     * FUTEX_WAIT_REQUEUE_PI: waits at a word without an owner until somebody moves the caller to
     * one with an owner, and then until that is the caller's (Linux kernel/futex/requeue.c).
     *
     * @param target where it will be moved to
     * @param targetKey that word's
     * @throws ErrnoException EAGAIN when the word differs, ETIMEDOUT, EFAULT; ERESTARTNOINTR when
     *     cut short before it was moved
     */
    public Moved awaitMove(
            Interruptible task,
            MemoryManager memory,
            long address,
            FutexKey futexKey,
            int expected,
            long target,
            FutexKey targetKey,
            int tid,
            long deadlineNanos)
            throws ErrnoException {
        FutexTable.Key key = FutexTable.Key.of(futexKey);
        Sleeper sleeper = new Sleeper(memory, target, FutexTable.Key.of(targetKey), tid);
        lock.lock();
        try {
            if (memory.getIntVolatile(address) != expected) {
                throw Errno.EAGAIN.error();
            }
            movableLocked().computeIfAbsent(key, k -> new ArrayDeque<>()).add(sleeper);
        } finally {
            lock.unlock();
        }
        if (sleepUntilOwned(task, sleeper, key, deadlineNanos)) {
            return Moved.OWNS;
        }
        if (!sleeper.queued) {
            throw InterruptedSyscall.ALWAYS;
        }
        return Moved.CUT_SHORT;
    }

    /**
     * FUTEX_CMP_REQUEUE_PI: moves those who wait in {@link #awaitMove} at a word to the one with an
     * owner, which the first of them gets at once if it is free.
     *
     * @param count how many at most
     * @return how many
     * @throws ErrnoException EAGAIN when the word differs, EINVAL when they wait for another word,
     *     else as {@link #acquire}
     */
    public int move(
            MemoryManager memory,
            long address,
            FutexKey futexKey,
            int expected,
            long target,
            FutexKey targetKey,
            long count,
            OwnerCheck owners)
            throws ErrnoException {
        FutexTable.Key from = FutexTable.Key.of(futexKey);
        FutexTable.Key to = FutexTable.Key.of(targetKey);
        lock.lock();
        try {
            if (memory.getIntVolatile(address) != expected) {
                throw Errno.EAGAIN.error();
            }
            int moved = 0;
            ArrayDeque<Sleeper> queue = movableLocked().get(from);
            while (queue != null && !queue.isEmpty() && moved < count) {
                Sleeper next = queue.getFirst();
                if (!next.key.equals(to)) {
                    throw Errno.EINVAL.error();
                }
                if (takeLocked(memory, target, to, next.tid, owners)) {
                    next.owns = true;
                    next.waiter.notified(1);
                } else {
                    enqueueLocked(next);
                }
                removeLocked(movableLocked(), from, next);
                moved++;
            }
            return moved;
        } finally {
            lock.unlock();
        }
    }

    /**
     * FUTEX_TRYLOCK_PI.
     *
     * @throws ErrnoException EAGAIN when it is another's, else as {@link #acquire}
     */
    public void tryAcquire(
            MemoryManager memory, long address, FutexKey futexKey, int tid, OwnerCheck owners)
            throws ErrnoException {
        lock.lock();
        try {
            if (!takeLocked(memory, address, FutexTable.Key.of(futexKey), tid, owners)) {
                throw Errno.EAGAIN.error();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Takes a free word, or marks it as waited for; Linux futex_lock_pi_atomic. */
    private boolean takeLocked(
            MemoryManager memory, long address, FutexTable.Key key, int tid, OwnerCheck owners)
            throws ErrnoException {
        while (true) {
            int word = memory.getIntVolatile(address);
            int owner = word & FUTEX_TID_MASK;
            if (owner == tid) {
                throw Errno.EDEADLK.error();
            }
            boolean free = owner == 0;
            int waiters = free && !queuesLocked().containsKey(key) ? 0 : FUTEX_WAITERS;
            int wanted = free ? word & FUTEX_OWNER_DIED | tid | waiters : word | FUTEX_WAITERS;
            if (!free) {
                owners.require(owner);
            }
            if (memory.compareAndSetInt(address, word, wanted)) {
                return free;
            }
        }
    }

    private boolean owns(Sleeper sleeper) {
        lock.lock();
        try {
            return sleeper.owns;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends a wait; false when the word has become the sleeper's meanwhile.
     *
     * @param first where it waited at the beginning
     */
    private boolean leave(Sleeper sleeper, FutexTable.Key first) {
        lock.lock();
        try {
            if (sleeper.owns) {
                return false;
            }
            if (sleeper.queued) {
                removeLocked(queuesLocked(), sleeper.key, sleeper);
            } else {
                removeLocked(movableLocked(), first, sleeper);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private static void removeLocked(
            HashMap<FutexTable.Key, ArrayDeque<Sleeper>> from,
            FutexTable.Key key,
            Sleeper sleeper) {
        ArrayDeque<Sleeper> queue = from.get(key);
        if (queue != null) {
            queue.remove(sleeper);
            if (queue.isEmpty()) {
                from.remove(key);
            }
        }
    }

    /**
     * FUTEX_UNLOCK_PI.
     *
     * @throws ErrnoException EPERM when the word is not the caller's, EFAULT
     */
    public void release(MemoryManager memory, long address, FutexKey futexKey, int tid)
            throws ErrnoException {
        lock.lock();
        try {
            int word;
            do {
                word = memory.getIntVolatile(address);
                if ((word & FUTEX_TID_MASK) != tid) {
                    throw Errno.EPERM.error();
                }
            } while (!passLocked(memory, address, FutexTable.Key.of(futexKey), word, 0));
        } finally {
            lock.unlock();
        }
    }

    /** Gives the word to the first in the queue, or to nobody; false when it has changed. */
    private boolean passLocked(
            MemoryManager memory, long address, FutexTable.Key key, int word, int kept)
            throws ErrnoException {
        ArrayDeque<Sleeper> queue = queuesLocked().get(key);
        if (queue == null) {
            return memory.compareAndSetInt(address, word, kept);
        }
        Sleeper next = queue.getFirst();
        if (!memory.compareAndSetInt(address, word, next.tid | FUTEX_WAITERS | kept)) {
            return false;
        }
        removeLocked(queuesLocked(), key, next);
        next.owns = true;
        next.waiter.notified(1);
        return true;
    }

    /** A thread ended: what it owned and others wait for passes on (Linux exit_pi_state_list). */
    public void ownerDied(int tid) {
        lock.lock();
        try {
            for (var entry : new ArrayList<>(queuesLocked().entrySet())) {
                Sleeper first = entry.getValue().getFirst();
                passFromDead(first.memory, first.address, entry.getKey(), tid);
            }
        } finally {
            lock.unlock();
        }
    }

    private void passFromDead(MemoryManager memory, long address, FutexTable.Key key, int tid) {
        try {
            int word;
            do {
                word = memory.getIntVolatile(address);
                int owner = word & FUTEX_TID_MASK;
                boolean robust = owner == 0 && (word & FUTEX_OWNER_DIED) != 0;
                if (owner != tid && !robust) {
                    return;
                }
            } while (!passLocked(memory, address, key, word, FUTEX_OWNER_DIED));
        } catch (ErrnoException unmapped) {
            // The guest unmapped a word that threads wait for: they wait on, as on Linux.
            assert unmapped != null;
        }
    }
}
