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

    /** One waiting thread. */
    private static final class Sleeper {
        final ThreadWaiter waiter = new ThreadWaiter();
        final MemoryManager memory;
        final long address;
        final int tid;

        /** The word is its own. */
        boolean owns;

        Sleeper(MemoryManager memory, long address, int tid) {
            this.memory = memory;
            this.address = address;
            this.tid = tid;
        }
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
        Sleeper sleeper = new Sleeper(memory, address, tid);
        lock.lock();
        try {
            if (takeLocked(memory, address, key, tid, owners)) {
                return;
            }
            queuesLocked().computeIfAbsent(key, k -> new ArrayDeque<>()).add(sleeper);
        } finally {
            lock.unlock();
        }
        while (true) {
            switch (task.sleep(sleeper.waiter, deadlineNanos)) {
                case NOTIFIED -> {
                    if (owns(sleeper)) {
                        return;
                    }
                }
                case TIMED_OUT -> {
                    if (leave(key, sleeper)) {
                        throw Errno.ETIMEDOUT.error();
                    }
                    return;
                }
                case INTERRUPTED -> {
                    if (leave(key, sleeper)) {
                        throw InterruptedSyscall.ALWAYS;
                    }
                    return;
                }
            }
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

    /** Ends a wait; false when the word has become the sleeper's meanwhile. */
    private boolean leave(FutexTable.Key key, Sleeper sleeper) {
        lock.lock();
        try {
            ArrayDeque<Sleeper> queue = queuesLocked().get(key);
            if (sleeper.owns || queue == null) {
                return !sleeper.owns;
            }
            queue.remove(sleeper);
            if (queue.isEmpty()) {
                queuesLocked().remove(key);
            }
            return true;
        } finally {
            lock.unlock();
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
        queue.removeFirst();
        if (queue.isEmpty()) {
            queuesLocked().remove(key);
        }
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
