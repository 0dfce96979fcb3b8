package dev.runsc.kernel.task;

import dev.runsc.kernel.sync.WaitQueue;
import dev.runsc.kernel.task.signal.PendingSignals;
import dev.runsc.kernel.task.signal.SignalHandlers;
import dev.runsc.state.Savable;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A process: the threads that share signal handlers, pid and resource limits (Linux {@code struct
 * signal_struct}). The tree (parent, children, groups, threads) is guarded by the task set's lock,
 * signal state by {@link #handlers()}'s lock.
 */
public final class ThreadGroup implements Savable {
    private final TaskSet taskSet;
    private final Container container;
    private final LinkedHashSet<Task> threads = new LinkedHashSet<>();
    private final LinkedHashSet<ThreadGroup> children = new LinkedHashSet<>();
    private final WaitQueue childEvents = new WaitQueue();
    private final PendingSignals pending = new PendingSignals();
    private final ResourceLimits limits;
    private final ProcessTimers timers;
    private final WaitQueue exitEvents = new WaitQueue();
    private final WaitQueue signalEvents = new WaitQueue();
    private final CpuTimes childTimes = new CpuTimes();
    private final CpuTimes deadThreadTimes = new CpuTimes();
    private final long startNanos;

    /** Notified (POLLIN) when one of several threads ends, for execve. */
    private final WaitQueue threadEvents = new WaitQueue();

    private Task leader;
    private volatile SignalHandlers handlers;
    private @Nullable ThreadGroup parent;
    private ProcessGroup processGroup;
    private int exitSignal;
    private boolean childSubreaper;
    private boolean executed;
    private boolean execSession;

    /** It gave up the session's terminal for itself (TIOCNOTTY). */
    private boolean withoutTerminal;

    /** /proc/pid/oom_score_adj, -1000 to 1000; kept and shown. */
    private volatile int oomScoreAdjust;

    /** /proc/pid/coredump_filter (core(5)); kept and shown. */
    private volatile int coredumpFilter = 0x33;

    /** The login uid of audit, -1 when not set. */
    private volatile int loginUid = -1;

    /** The whole group is exiting with {@link #exitStatus}: threads end at their loop's top. */
    private volatile boolean exiting;

    private int exitStatus;

    /** The leader and all threads are gone and a wait may reap it. */
    private volatile boolean zombie;

    private boolean reaped;

    /** The stop signal in force, 0 when running. */
    private volatile int stopSignal;

    /** Whether the stop (or the continue below) still has to be told to a waiting parent. */
    private boolean stopUnreported;

    private boolean continueUnreported;

    private boolean stopAnnounced;

    /** How many stops there were: by it a traced thread knows those it has taken part in. */
    private int stopCount;

    /** Threads that have ended and whose tracer has not waited for them. */
    private int unreapedThreads;

    @SuppressWarnings("NullAway.Init") // whoever makes it calls joinProcessGroup at once
    ThreadGroup(
            TaskSet taskSet,
            Container container,
            SignalHandlers handlers,
            ResourceLimits limits,
            Task leader) {
        this.taskSet = taskSet;
        this.container = container;
        this.handlers = handlers;
        this.limits = limits;
        this.leader = leader;
        this.timers = new ProcessTimers(this, taskSet.timers());
        this.startNanos = taskSet.clock().monotonicNanos();
    }

    /**
     * Completes construction of the first process of a session; others inherit their group from the
     * parent.
     */
    void joinProcessGroup(ProcessGroup group) {
        processGroup = group;
        group.add(this);
    }

    public TaskSet taskSet() {
        return taskSet;
    }

    public Container container() {
        return container;
    }

    public Task leader() {
        return leader;
    }

    void setLeader(Task task) {
        leader = task;
    }

    public PidNumbers pid() {
        return leader.numbers();
    }

    public SignalHandlers handlers() {
        return handlers;
    }

    void setHandlers(SignalHandlers changed) {
        handlers = changed;
    }

    public PendingSignals pendingLocked() {
        return pending;
    }

    public ResourceLimits limits() {
        return limits;
    }

    public ProcessTimers timers() {
        return timers;
    }

    public List<Task> threads() {
        taskSet.lock().lock();
        try {
            return new ArrayList<>(threads);
        } finally {
            taskSet.lock().unlock();
        }
    }

    /** The live threads; the caller holds the task set's lock. */
    LinkedHashSet<Task> threadsLocked() {
        return threads;
    }

    LinkedHashSet<ThreadGroup> childrenLocked() {
        return children;
    }

    public List<ThreadGroup> children() {
        taskSet.lock().lock();
        try {
            return new ArrayList<>(children);
        } finally {
            taskSet.lock().unlock();
        }
    }

    public @Nullable ThreadGroup parent() {
        return parent;
    }

    void setParent(@Nullable ThreadGroup group) {
        parent = group;
    }

    public ProcessGroup processGroup() {
        return processGroup;
    }

    public Session session() {
        return processGroup.session();
    }

    /** The terminal that controls it; guarded by the task set's lock. */
    public @Nullable ControllingTerminal terminal() {
        return withoutTerminal ? null : session().terminal();
    }

    public void setWithoutTerminal(boolean on) {
        withoutTerminal = on;
    }

    void moveTo(ProcessGroup group) {
        ProcessGroup old = processGroup;
        if (old == group) {
            return;
        }
        group.add(this);
        processGroup = group;
        old.remove(this);
    }

    void leaveProcessGroup() {
        processGroup.remove(this);
    }

    public int oomScoreAdjust() {
        return oomScoreAdjust;
    }

    public void setOomScoreAdjust(int value) {
        oomScoreAdjust = value;
    }

    public int coredumpFilter() {
        return coredumpFilter;
    }

    public void setCoredumpFilter(int value) {
        coredumpFilter = value;
    }

    public int loginUid() {
        return loginUid;
    }

    public void setLoginUid(int value) {
        loginUid = value;
    }

    /** What fork hands down: values that are kept for /proc, and having no terminal. */
    void inheritFrom(ThreadGroup other) {
        oomScoreAdjust = other.oomScoreAdjust;
        coredumpFilter = other.coredumpFilter;
        loginUid = other.loginUid;
        withoutTerminal = other.withoutTerminal;
    }

    public int exitSignal() {
        return exitSignal;
    }

    public void setExitSignal(int signal) {
        exitSignal = signal;
    }

    public boolean isChildSubreaper() {
        return childSubreaper;
    }

    public void setChildSubreaper(boolean on) {
        childSubreaper = on;
    }

    /**
     * Whether it was started from outside into a running container, and so has no parent to wait
     * for it.
     */
    public boolean isExecSession() {
        return execSession;
    }

    public void markExecSession() {
        execSession = true;
    }

    /** Whether it has called execve since fork; setpgid refuses then. */
    public boolean hasExecuted() {
        return executed;
    }

    void noteExecuted() {
        executed = true;
    }

    public boolean isExiting() {
        return exiting;
    }

    void startExit(int waitStatus) {
        exitStatus = waitStatus;
        exiting = true;
    }

    void setExitStatus(int waitStatus) {
        exitStatus = waitStatus;
    }

    /** As wait(2) shows it. */
    public int exitStatus() {
        return exitStatus;
    }

    public boolean isZombie() {
        return zombie;
    }

    void becomeZombie() {
        zombie = true;
    }

    public boolean isReaped() {
        return reaped;
    }

    void noteReaped() {
        reaped = true;
    }

    /** Notified (POLLIN) when a child of this process changes state. */
    public WaitQueue childEvents() {
        return childEvents;
    }

    WaitQueue threadEvents() {
        return threadEvents;
    }

    void threadEnded() {
        threadEvents.notify(dev.runsc.gofer.abi.PollEvents.POLLIN);
    }

    /** Notified (POLLIN) when this process becomes a zombie. */
    public WaitQueue exitEvents() {
        return exitEvents;
    }

    /**
     * Notified (POLLIN) when a signal is queued for the process or one of its threads; for
     * signalfd.
     */
    public WaitQueue signalEvents() {
        return signalEvents;
    }

    void signalQueued(int signal) {
        signalEvents.notify(dev.runsc.gofer.abi.PollEvents.POLLIN);
    }

    public CpuTimes childTimes() {
        return childTimes;
    }

    CpuTimes deadThreadTimes() {
        return deadThreadTimes;
    }

    /** CPU time of all threads, past ones included. */
    public CpuTimes times() {
        CpuTimes sum = new CpuTimes();
        taskSet.lock().lock();
        try {
            sum.add(deadThreadTimes);
            for (Task thread : threads) {
                sum.add(thread.times());
            }
        } finally {
            taskSet.lock().unlock();
        }
        return sum;
    }

    /** When it was born, monotonic nanoseconds. */
    public long startNanos() {
        return startNanos;
    }

    public boolean isStopped() {
        return stopSignal != 0;
    }

    public int stopSignal() {
        return stopSignal;
    }

    /** Starts a group stop; the caller holds the handlers' lock. */
    void startStopLocked(int signal) {
        stopCount++; // seen by whoever sees the signal
        stopSignal = signal;
        stopAnnounced = false;
        continueUnreported = false;
    }

    /** True for the one thread that is to tell the parent. */
    boolean announceStop() {
        if (stopSignal == 0 || stopAnnounced) {
            return false;
        }
        stopAnnounced = true;
        stopUnreported = true;
        return true;
    }

    /** Ends a stop; true if there was one. */
    boolean continueStop() {
        if (stopSignal == 0) {
            return false;
        }
        stopSignal = 0;
        stopUnreported = false;
        continueUnreported = true;
        return true;
    }

    int stopCount() {
        return stopCount;
    }

    int unreapedThreads() {
        return unreapedThreads;
    }

    void addUnreapedThreads(int change) {
        unreapedThreads += change;
    }

    boolean stopUnreported() {
        return stopUnreported;
    }

    void noteStopReported() {
        stopUnreported = false;
    }

    boolean continueUnreported() {
        return continueUnreported;
    }

    void noteContinueReported() {
        continueUnreported = false;
    }
}
