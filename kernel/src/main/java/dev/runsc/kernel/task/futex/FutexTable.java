package dev.runsc.kernel.task.futex;

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
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;

/**
 * Who waits on which futex word (futex(2), Linux kernel/futex). At a freeze nobody does: waits are
 * cut short and repeated with their absolute deadlines, so nothing here is saved.
 */
public final class FutexTable implements Savable {
    /** FUTEX_BITSET_MATCH_ANY. */
    public static final int ANY = -1;

    private final KernelLock lock = new KernelLock(LockClass.FUTEX);
    private transient HashMap<Key, LinkedHashSet<Sleeper>> queues = new HashMap<>();

    /** Key with the scope compared by identity. */
    record Key(Object scope, long offset) {
        static Key of(FutexKey key) {
            return new Key(key.scope(), key.offset());
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Key key && key.scope == scope && key.offset == offset;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(scope) * 31 + Long.hashCode(offset);
        }
    }

    /** One waiting thread; requeued by changing its key. */
    private static final class Sleeper {
        final ThreadWaiter waiter = new ThreadWaiter();
        final int bits;
        Key key;
        boolean woken;

        Sleeper(Key key, int bits) {
            this.key = key;
            this.bits = bits;
        }
    }

    /** An expected value seen under the lock. */
    @FunctionalInterface
    public interface Check {
        boolean holds() throws ErrnoException;
    }

    private HashMap<Key, LinkedHashSet<Sleeper>> queuesLocked() {
        if (queues == null) {
            queues = new HashMap<>();
        }
        return queues;
    }

    /**
     * FUTEX_WAIT: sleeps unless the word has changed.
     *
     * @param onInterrupt how it restarts
     * @throws ErrnoException EAGAIN when the word differs, ETIMEDOUT, EFAULT
     */
    public void await(
            Interruptible task,
            MemoryManager memory,
            long address,
            FutexKey futexKey,
            int expected,
            int bits,
            long deadlineNanos,
            InterruptedSyscall onInterrupt)
            throws ErrnoException {
        // Brings the page in first, so that the read under the lock does not fault in the common
        // case.
        memory.getIntVolatile(address);
        Sleeper sleeper = new Sleeper(Key.of(futexKey), bits);
        // The word is read with the address space's lock, which comes before this table's: so queue
        // first, then look.
        enqueue(sleeper);
        boolean changed = true;
        try {
            changed = memory.getIntVolatile(address) != expected;
            if (changed && !isWoken(sleeper)) {
                throw Errno.EAGAIN.error();
            }
            while (!isWoken(sleeper)) {
                switch (task.sleep(sleeper.waiter, deadlineNanos)) {
                    case NOTIFIED -> {}
                    case TIMED_OUT -> {
                        if (!isWoken(sleeper)) {
                            throw Errno.ETIMEDOUT.error();
                        }
                    }
                    case INTERRUPTED -> {
                        if (!isWoken(sleeper)) {
                            throw onInterrupt;
                        }
                    }
                }
            }
        } finally {
            dequeue(sleeper);
        }
    }

    private void enqueue(Sleeper sleeper) {
        lock.lock();
        try {
            queuesLocked().computeIfAbsent(sleeper.key, k -> new LinkedHashSet<>()).add(sleeper);
        } finally {
            lock.unlock();
        }
    }

    private boolean isWoken(Sleeper sleeper) {
        lock.lock();
        try {
            return sleeper.woken;
        } finally {
            lock.unlock();
        }
    }

    private void dequeue(Sleeper sleeper) {
        lock.lock();
        try {
            if (!sleeper.woken) {
                removeLocked(sleeper);
            }
        } finally {
            lock.unlock();
        }
    }

    private void removeLocked(Sleeper sleeper) {
        LinkedHashSet<Sleeper> queue = queuesLocked().get(sleeper.key);
        if (queue != null) {
            queue.remove(sleeper);
            if (queue.isEmpty()) {
                queuesLocked().remove(sleeper.key);
            }
        }
    }

    /** FUTEX_WAKE_BITSET: wakes up to {@code count} sleepers that share a bit; returns how many. */
    public int wake(FutexKey futexKey, int count, int bits) {
        lock.lock();
        try {
            return wakeLocked(Key.of(futexKey), count, bits);
        } finally {
            lock.unlock();
        }
    }

    private int wakeLocked(Key key, int count, int bits) {
        LinkedHashSet<Sleeper> queue = queuesLocked().get(key);
        if (queue == null) {
            return 0;
        }
        int woken = 0;
        for (Iterator<Sleeper> each = queue.iterator(); each.hasNext() && woken < count; ) {
            Sleeper sleeper = each.next();
            if ((sleeper.bits & bits) != 0) {
                each.remove();
                sleeper.woken = true;
                sleeper.waiter.notified(1);
                woken++;
            }
        }
        if (queue.isEmpty()) {
            queuesLocked().remove(key);
        }
        return woken;
    }

    /**
     * FUTEX_CMP_REQUEUE: wakes some and moves others to a second word.
     *
     * @return woken, plus moved when {@code countMoved}
     */
    public int requeue(
            FutexKey from, FutexKey to, int wakeCount, int moveCount, boolean countMoved) {
        lock.lock();
        try {
            Key source = Key.of(from);
            Key target = Key.of(to);
            int woken = wakeLocked(source, wakeCount, ANY);
            LinkedHashSet<Sleeper> queue = queuesLocked().get(source);
            int moved = 0;
            if (queue != null && !source.equals(target)) {
                LinkedHashSet<Sleeper> destination =
                        queuesLocked().computeIfAbsent(target, k -> new LinkedHashSet<>());
                for (Iterator<Sleeper> each = queue.iterator();
                        each.hasNext() && moved < moveCount; ) {
                    Sleeper sleeper = each.next();
                    each.remove();
                    sleeper.key = target;
                    destination.add(sleeper);
                    moved++;
                }
                if (queue.isEmpty()) {
                    queuesLocked().remove(source);
                }
                if (destination.isEmpty()) {
                    queuesLocked().remove(target);
                }
            }
            return countMoved ? woken + moved : woken;
        } finally {
            lock.unlock();
        }
    }

    /** Whether nobody sleeps: must hold at a freeze. */
    public boolean isEmpty() {
        lock.lock();
        try {
            return queuesLocked().isEmpty();
        } finally {
            lock.unlock();
        }
    }
}
