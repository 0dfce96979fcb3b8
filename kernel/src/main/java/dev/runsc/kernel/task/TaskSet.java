package dev.runsc.kernel.task;

import dev.runsc.kernel.auth.UserNamespace;
import dev.runsc.kernel.cgroup.Cgroups;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.kernel.task.futex.FutexTable;
import dev.runsc.kernel.task.futex.PiFutexes;
import dev.runsc.kernel.time.Timekeeper;
import dev.runsc.kernel.time.TimerQueue;
import dev.runsc.state.AfterRestore;
import dev.runsc.state.RestoreContext;
import dev.runsc.state.Savable;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * All tasks of the sandbox and what they share: clocks, futexes, the root PID namespace, and the
 * external stop that pause and checkpoint use. The stop is a count and never part of an image.
 */
public final class TaskSet implements Savable, AfterRestore {
    private final KernelLock lock = new KernelLock(LockClass.TASK_SET);
    private final Timekeeper clock;
    private final TimerQueue timers;
    private final FutexTable futexes = new FutexTable();
    private final PiFutexes piFutexes = new PiFutexes();
    private final UserNamespace users = new UserNamespace();
    private final PidNamespace rootNamespace = new PidNamespace(users);
    private final Cgroups cgroups = new Cgroups();
    private final LinkedHashSet<Task> tasks = new LinkedHashSet<>();
    private final CpuTicker ticker = new CpuTicker(this);

    /** Pseudo terminals there are, in all instances of devpts. */
    private final AtomicInteger terminals = new AtomicInteger();

    private transient StopGate gate = new StopGate();
    private transient @Nullable SyscallDispatcher dispatcher;
    private transient @Nullable TaskHost host;
    private transient volatile @Nullable TaskObserver observer;

    /** How tasks park for an external stop: derived, so not saved. */
    private static final class StopGate {
        final ReentrantLock lock = new ReentrantLock();
        final Condition changed = lock.newCondition();
        int stops;

        /** Whether there is a stop, to be read without the lock. */
        volatile boolean stopping;

        /** Task threads not parked. */
        int running;

        /** System calls to come until the kernel stops by itself; not positive for never. */
        final AtomicLong callsLeft = new AtomicLong();

        /** The kernel has stopped by itself. */
        boolean reachedCall;
    }

    public TaskSet(Timekeeper clock, TimerQueue timers) {
        this.clock = clock;
        this.timers = timers;
    }

    /** Connects what is not saved: the system call table and the host. */
    public void attach(SyscallDispatcher syscalls, TaskHost taskHost) {
        dispatcher = syscalls;
        host = taskHost;
    }

    /** Lets somebody know of births and deaths from now on; null for nobody. */
    public void observe(@Nullable TaskObserver changed) {
        observer = changed;
    }

    @Nullable TaskObserver observer() {
        return observer;
    }

    public KernelLock lock() {
        return lock;
    }

    public Timekeeper clock() {
        return clock;
    }

    public TimerQueue timers() {
        return timers;
    }

    public FutexTable futexes() {
        return futexes;
    }

    public PiFutexes piFutexes() {
        return piFutexes;
    }

    /** The first user namespace. */
    public UserNamespace users() {
        return users;
    }

    public PidNamespace rootNamespace() {
        return rootNamespace;
    }

    public Cgroups cgroups() {
        return cgroups;
    }

    public AtomicInteger terminals() {
        return terminals;
    }

    public CpuTicker ticker() {
        return ticker;
    }

    SyscallDispatcher dispatcher() {
        return java.util.Objects.requireNonNull(dispatcher, "not attached");
    }

    public TaskHost host() {
        return java.util.Objects.requireNonNull(host, "not attached");
    }

    /** All live tasks. */
    public List<Task> tasks() {
        lock.lock();
        try {
            return new ArrayList<>(tasks);
        } finally {
            lock.unlock();
        }
    }

    /** The task with a number in a namespace, or null. */
    public @Nullable Task findTask(PidNamespace namespace, int tid) {
        lock.lock();
        try {
            return namespace.findTask(tid);
        } finally {
            lock.unlock();
        }
    }

    public int taskCount() {
        return tasks.size();
    }

    void addLocked(Task task) {
        tasks.add(task);
    }

    void removeLocked(Task task) {
        tasks.remove(task);
    }

    // ---- external stops

    boolean isStopping() {
        return gate.stopping;
    }

    /** A task thread is about to start; called before it does, by whoever starts it. */
    void threadStarting() {
        gate.lock.lock();
        try {
            gate.running++;
        } finally {
            gate.lock.unlock();
        }
    }

    void threadEnded() {
        gate.lock.lock();
        try {
            gate.running--;
            gate.changed.signalAll();
        } finally {
            gate.lock.unlock();
        }
    }

    /**
     * Parks the calling task at its loop's top while there is an external stop, or while {@code
     * alsoStopped} holds.
     */
    void park(java.util.function.BooleanSupplier alsoStopped) {
        gate.lock.lock();
        try {
            gate.running--;
            gate.changed.signalAll();
            while (gate.stops != 0 || alsoStopped.getAsBoolean()) {
                gate.changed.awaitUninterruptibly();
            }
            gate.running++;
        } finally {
            gate.lock.unlock();
        }
    }

    /** Lets parked tasks look again at why they are parked. */
    void unpark() {
        gate.lock.lock();
        try {
            gate.changed.signalAll();
        } finally {
            gate.lock.unlock();
        }
    }

    /** Begins an external stop and returns once every task is parked at its loop's top. Nests. */
    public void stop() {
        beginStop();
        finishStop();
    }

    private void beginStop() {
        gate.lock.lock();
        try {
            gate.stops++;
            gate.stopping = true;
        } finally {
            gate.lock.unlock();
        }
        for (Task task : tasks()) {
            task.interrupt();
        }
    }

    private void finishStop() {
        gate.lock.lock();
        try {
            while (gate.running != 0) {
                gate.changed.awaitUninterruptibly();
            }
        } finally {
            gate.lock.unlock();
        }
        timers.pause();
    }

    /**
     * Lets the tasks stop by themselves, as {@link #stop} stops them, when one of them is about to
     * make the {@code number}th system call from now.
     *
     * @param number from 1
     */
    public void stopBeforeCall(long number) {
        gate.callsLeft.set(number);
    }

    /** Counts a call that is about to be made; true when it is the one to stop before. */
    boolean stopsHere() {
        if (gate.callsLeft.getPlain() <= 0 || gate.callsLeft.decrementAndGet() != 0) {
            return false;
        }
        beginStop();
        gate.lock.lock();
        try {
            gate.reachedCall = true;
            gate.changed.signalAll();
        } finally {
            gate.lock.unlock();
        }
        return true;
    }

    /** Returns once the tasks have stopped by themselves. */
    public void awaitStopBeforeCall() throws InterruptedException {
        gate.lock.lock();
        try {
            while (!gate.reachedCall) {
                gate.changed.await();
            }
            gate.reachedCall = false;
        } finally {
            gate.lock.unlock();
        }
        finishStop();
    }

    /** Ends one external stop. */
    public void resume() {
        gate.lock.lock();
        try {
            gate.stops--;
            if (gate.stops == 0) {
                gate.stopping = false;
                timers.resume();
            }
            gate.changed.signalAll();
        } finally {
            gate.lock.unlock();
        }
    }

    /**
     * For an image: every task's registers go to where the image finds them. All tasks are parked.
     */
    public void beforeSave() {
        clock.beforeSave();
        for (Task task : tasks()) {
            task.beforeSave();
        }
    }

    @Override
    public void afterRestore(RestoreContext context) {
        gate = new StopGate();
        gate.stops = 1;
        gate.stopping = true;
        timers.pause();
    }

    /**
     * Starts the threads of all restored tasks; they park until the stop that the restore holds is
     * over.
     */
    public void startRestored() {
        for (Task task : tasks()) {
            task.start();
        }
    }
}
