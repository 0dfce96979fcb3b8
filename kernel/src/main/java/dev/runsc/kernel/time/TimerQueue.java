package dev.runsc.kernel.time;

import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.state.Savable;
import java.util.TreeSet;
import java.util.concurrent.locks.Condition;
import org.jspecify.annotations.Nullable;

/**
 * All armed timers of the sandbox and the thread that fires them. The queue itself is derived:
 * timers put themselves back after a restore. While paused nothing fires; what ran out meanwhile
 * fires on resume.
 */
public final class TimerQueue implements Savable {
    private final Timekeeper clock;
    private final KernelLock lock = new KernelLock(LockClass.TIMER);

    /** Ordered by expiry; identity breaks ties through the sequence number. */
    private transient @Nullable TreeSet<Armed> armed;

    private transient @Nullable Condition changed;
    private transient @Nullable Thread thread;

    /** This and what follows: guarded by the lock, which timers take through {@link #lock}. */
    private transient boolean paused;

    private transient boolean firing;

    private transient long nextSequence;

    private record Armed(long expiryNanos, long sequence, KernelTimer timer)
            implements Comparable<Armed> {
        @Override
        public int compareTo(Armed other) {
            int byTime = Long.compare(expiryNanos, other.expiryNanos);
            return byTime != 0 ? byTime : Long.compare(sequence, other.sequence);
        }
    }

    public TimerQueue(Timekeeper clock) {
        this.clock = clock;
    }

    KernelLock lock() {
        return lock;
    }

    public long nowNanos() {
        return clock.monotonicNanos();
    }

    public Timekeeper clock() {
        return clock;
    }

    private TreeSet<Armed> armedLocked() {
        if (armed == null) {
            armed = new TreeSet<>();
        }
        return armed;
    }

    private Condition changedLocked() {
        if (changed == null) {
            changed = lock.newCondition();
        }
        return changed;
    }

    void addLocked(KernelTimer timer) {
        armedLocked().add(new Armed(timer.expiryNanosLocked(), nextSequence++, timer));
        if (thread == null) {
            thread = new Thread(this::fire, "timers");
            thread.setDaemon(true);
            thread.start();
        }
        changedLocked().signalAll();
    }

    void removeLocked(KernelTimer timer) {
        if (timer.expiryNanosLocked() != 0) {
            armedLocked().removeIf(entry -> entry.timer == timer);
        }
    }

    /** Stops firing and waits until no listener runs. */
    public void pause() {
        lock.lock();
        try {
            paused = true;
            while (firing) {
                changedLocked().awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    public void resume() {
        lock.lock();
        try {
            paused = false;
            changedLocked().signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void fire() {
        while (true) {
            KernelTimer due;
            long expirations;
            lock.lock();
            try {
                firing = false;
                changedLocked().signalAll();
                due = awaitDueLocked();
                expirations = due.takeExpirationsLocked(nowNanos());
                firing = true;
            } catch (InterruptedException e) {
                return;
            } finally {
                lock.unlock();
            }
            due.listener().expired(due, expirations);
        }
    }

    private KernelTimer awaitDueLocked() throws InterruptedException {
        while (true) {
            TreeSet<Armed> timers = armedLocked();
            if (paused || timers.isEmpty()) {
                changedLocked().await();
                continue;
            }
            Armed first = timers.first();
            long left = first.expiryNanos - nowNanos();
            if (left <= 0) {
                timers.remove(first);
                return first.timer;
            }
            // A wake-up in the host may come late, never early enough to matter: the loop checks
            // again.
            changedLocked().awaitNanos(left);
        }
    }
}
