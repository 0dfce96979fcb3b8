package dev.runsc.kernel.task;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.SigInfo;
import dev.runsc.gofer.abi.SignalNumbers;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.kernel.task.signal.PendingSignals;
import dev.runsc.kernel.time.KernelTimer;
import dev.runsc.kernel.time.TimerListener;
import dev.runsc.kernel.time.TimerQueue;
import dev.runsc.state.Savable;
import java.util.ArrayList;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The interval timers (setitimer(2)) and POSIX timers (timer_create(2)) of one process.
 * ITIMER_VIRTUAL and ITIMER_PROF count ticks of CPU time.
 */
public final class ProcessTimers implements Savable, PendingSignals.Delivery {
    private static final int MAX_POSIX_TIMERS = 1 << 16;

    private final ThreadGroup group;
    private final TimerQueue queue;
    private final KernelTimer real;

    private final KernelLock lock = new KernelLock(LockClass.TIMER);

    /**
     * ITIMER_VIRTUAL and ITIMER_PROF: nanoseconds of CPU time left, and periods. Guarded by the
     * lock.
     */
    private final long[] cpuLeftNanos = new long[2];

    private final long[] cpuPeriodNanos = new long[2];

    /** By timer id. Guarded by the lock, and so is the next id. */
    private final TreeMap<Integer, PosixTimer> posixTimers = new TreeMap<>();

    private int nextId;

    /** ITIMER_REAL: SIGALRM. */
    record RealTimer(ThreadGroup group) implements TimerListener {
        @Override
        public void expired(KernelTimer timer, long expirations) {
            Signals.sendToGroup(
                    group, SigInfo.kill(SignalNumbers.SIGALRM, SignalNumbers.SI_KERNEL, 0, 0));
        }
    }

    ProcessTimers(ThreadGroup group, TimerQueue queue) {
        this.group = group;
        this.queue = queue;
        this.real = new KernelTimer(queue, new RealTimer(group));
    }

    public KernelTimer real() {
        return real;
    }

    /**
     * ITIMER_VIRTUAL (1) or ITIMER_PROF (2): sets what is left and the period, and returns the old
     * values.
     */
    public KernelTimer.Setting setCpu(int which, long leftNanos, long periodNanos) {
        lock.lock();
        try {
            KernelTimer.Setting old = cpuLocked(which);
            cpuLeftNanos[which - 1] = leftNanos;
            cpuPeriodNanos[which - 1] = periodNanos;
            return old;
        } finally {
            lock.unlock();
        }
    }

    public KernelTimer.Setting cpu(int which) {
        lock.lock();
        try {
            return cpuLocked(which);
        } finally {
            lock.unlock();
        }
    }

    private KernelTimer.Setting cpuLocked(int which) {
        return new KernelTimer.Setting(cpuLeftNanos[which - 1], cpuPeriodNanos[which - 1]);
    }

    /** Counts CPU time; sends SIGVTALRM and SIGPROF as they run out. */
    void charge(long nanos, boolean user) {
        boolean virtual;
        boolean profile;
        lock.lock();
        try {
            virtual = user && runsOutLocked(0, nanos);
            profile = runsOutLocked(1, nanos);
        } finally {
            lock.unlock();
        }
        if (virtual) {
            Signals.sendToGroup(group, kernelSignal(SignalNumbers.SIGVTALRM));
        }
        if (profile) {
            Signals.sendToGroup(group, kernelSignal(SignalNumbers.SIGPROF));
        }
    }

    private static SigInfo kernelSignal(int signal) {
        return SigInfo.kill(signal, SignalNumbers.SI_KERNEL, 0, 0);
    }

    private boolean runsOutLocked(int index, long nanos) {
        if (cpuLeftNanos[index] == 0) {
            return false;
        }
        cpuLeftNanos[index] = Math.max(0, cpuLeftNanos[index] - nanos);
        if (cpuLeftNanos[index] != 0) {
            return false;
        }
        cpuLeftNanos[index] = cpuPeriodNanos[index];
        return true;
    }

    /** One POSIX timer. */
    public static final class PosixTimer implements TimerListener {
        private final int id;
        private final int clockId;
        private final ThreadGroup group;

        /** SIGEV_THREAD_ID: the thread to signal; null for the process. */
        private final @Nullable Task target;

        /** 0 for SIGEV_NONE. */
        private final int signal;

        private final long value;
        private final KernelTimer timer;

        /** Expirations while the signal of an earlier one is pending. */
        private final AtomicLong overrun = new AtomicLong();

        private volatile long lastOverrun;

        /** Held while an expiry is told, so that none is under way when a deletion returns. */
        private final KernelLock expiry = new KernelLock(LockClass.TIMER_EXPIRY);

        /** Guarded by the lock. No image holds a deleted timer. */
        private transient boolean deleted;

        PosixTimer(
                int id,
                int clockId,
                ThreadGroup group,
                @Nullable Task target,
                int signal,
                long value,
                TimerQueue queue) {
            this.id = id;
            this.clockId = clockId;
            this.group = group;
            this.target = target;
            this.signal = signal;
            this.value = value;
            this.timer = new KernelTimer(queue, this);
        }

        public int id() {
            return id;
        }

        public int clockId() {
            return clockId;
        }

        public KernelTimer timer() {
            return timer;
        }

        /** Expirations that the last delivered signal stood for besides its own. */
        public int overrun() {
            return (int) Math.min(Integer.MAX_VALUE, lastOverrun);
        }

        /** What was missed counts up to the moment of delivery. */
        private SigInfo delivered(SigInfo info) {
            lastOverrun = info.overrun() + overrun.getAndSet(0);
            return SigInfo.timer(info.signal(), id, overrun(), value);
        }

        /** Once this returns it sends no more signals; what it has sent stays pending. */
        private void delete() {
            timer.set(0, 0);
            expiry.lock();
            try {
                deleted = true;
            } finally {
                expiry.unlock();
            }
        }

        @Override
        public void expired(KernelTimer fired, long expirations) {
            expiry.lock();
            try {
                if (signal != 0 && !deleted) {
                    tellLocked(expirations);
                }
            } finally {
                expiry.unlock();
            }
        }

        private void tellLocked(long expirations) {
            if (Signals.timerPending(group, target, id, signal)) {
                overrun.addAndGet(expirations);
                return;
            }
            int missed = (int) Math.min(Integer.MAX_VALUE, expirations - 1);
            SigInfo info = SigInfo.timer(signal, id, missed, value);
            if (target == null) {
                Signals.sendToGroup(group, info);
            } else {
                Signals.sendToTask(target, info);
            }
        }
    }

    /** timer_create(2). */
    public PosixTimer create(
            int clockId, @Nullable Task target, int signal, long value, boolean valueIsId)
            throws ErrnoException {
        lock.lock();
        try {
            if (posixTimers.size() >= MAX_POSIX_TIMERS) {
                throw Errno.EAGAIN.error();
            }
            while (posixTimers.containsKey(nextId)) {
                nextId = nextId + 1 & Integer.MAX_VALUE;
            }
            int id = nextId;
            nextId = nextId + 1 & Integer.MAX_VALUE;
            long told = valueIsId ? id : value;
            PosixTimer timer = new PosixTimer(id, clockId, group, target, signal, told, queue);
            posixTimers.put(id, timer);
            return timer;
        } finally {
            lock.unlock();
        }
    }

    /**
     * @throws ErrnoException EINVAL when there is none with this id
     */
    public PosixTimer require(int id) throws ErrnoException {
        PosixTimer timer = find(id);
        if (timer == null) {
            throw Errno.EINVAL.error();
        }
        return timer;
    }

    private @Nullable PosixTimer find(int id) {
        lock.lock();
        try {
            return posixTimers.get(id);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public SigInfo complete(SigInfo info) {
        if (info.code() != SignalNumbers.SI_TIMER) {
            return info;
        }
        PosixTimer timer = find(info.timerId());
        return timer == null ? info : timer.delivered(info);
    }

    public void delete(int id) throws ErrnoException {
        PosixTimer timer;
        lock.lock();
        try {
            timer = posixTimers.remove(id);
        } finally {
            lock.unlock();
        }
        if (timer == null) {
            throw Errno.EINVAL.error();
        }
        timer.delete();
    }

    /** execve(2) deletes POSIX timers and keeps interval timers. */
    void clearPosix() {
        ArrayList<PosixTimer> old;
        lock.lock();
        try {
            old = new ArrayList<>(posixTimers.values());
            posixTimers.clear();
        } finally {
            lock.unlock();
        }
        for (PosixTimer timer : old) {
            timer.delete();
        }
    }

    /** The process is gone. */
    void stop() {
        clearPosix();
        real.set(0, 0);
        lock.lock();
        try {
            cpuLeftNanos[0] = 0;
            cpuLeftNanos[1] = 0;
        } finally {
            lock.unlock();
        }
    }
}
