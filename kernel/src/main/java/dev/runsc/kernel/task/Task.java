package dev.runsc.kernel.task;

import dev.runsc.gofer.abi.RLimits;
import dev.runsc.gofer.abi.SignalNumbers;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.cgroup.Membership;
import dev.runsc.kernel.ipc.UndoList;
import dev.runsc.kernel.memory.MemoryManager;
import dev.runsc.kernel.platform.CpuState;
import dev.runsc.kernel.platform.GuestContext;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.ThreadWaiter;
import dev.runsc.kernel.sync.WaitQueue;
import dev.runsc.kernel.task.seccomp.SeccompMode;
import dev.runsc.kernel.task.signal.AltStack;
import dev.runsc.kernel.task.signal.PendingSignals;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FdTable;
import dev.runsc.kernel.vfs.FsContext;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.state.Savable;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A thread of a guest process (Linux {@code struct task_struct}). It is one platform thread of ours
 * that runs {@link TaskLoop} over {@link RunState}s; only the state, never the thread's stack, is
 * part of an image.
 *
 * <p>Fields without a guard belong to the task's own thread; others read them only while the task
 * is parked or through the volatile ones.
 */
public final class Task implements Savable, Caller, NamespaceHolder {
    /** What the thread is doing, for CPU accounting, kicks and /proc. */
    enum Mode {
        /** Not started, or parked at the top of its loop. */
        PARKED,
        GUEST,
        KERNEL,
        SLEEPING
    }

    private final TaskSet taskSet;
    private final CpuTimes times = new CpuTimes();
    private final PendingSignals pending = new PendingSignals();
    private final RestartBlock restartBlock = new RestartBlock();
    private final WaitQueue vforkDone = new WaitQueue();
    private final AltStack altStack = new AltStack();
    private final Scheduling scheduling = new Scheduling();
    private final Tracing tracing = new Tracing();
    private final long startNanos;

    private ThreadGroup group;
    private PidNumbers numbers;
    private volatile RunState state = RunState.IN_APP;
    private volatile @Nullable MemoryManager memory;
    private volatile @Nullable FdTable files;
    private volatile @Nullable FsContext fs;
    private volatile Credentials credentials;
    private volatile NamespaceSet namespaces;
    private final GroupPlace groupPlace;
    private volatile String name;
    private @Nullable UndoList semaphoreUndos;
    private volatile @Nullable SeccompMode seccomp;

    /** Blocked signals; changed by the task itself under the signal lock. */
    private volatile long signalMask;

    /**
     * While a call waits with a temporary mask, the one to go back to; sigtimedwait's own set
     * otherwise.
     */
    private volatile long savedMask;

    private boolean hasSavedMask;

    /** Signals a sigtimedwait waits for: not dropped though ignored. */
    private volatile long waitedFor;

    private volatile boolean signalPending;

    /** SIGKILL came, or the group exits, or another thread's execve wants this one gone. */
    private volatile boolean killed;

    /** Another thread's execve wants this one gone. */
    private volatile boolean displaced;

    private @Nullable Location executable;
    private @Nullable Task creator;
    private int forcedSignal;
    private long clearChildTidAddress;
    private long robustListAddress;
    private int parentDeathSignal;
    private int personality;
    private volatile boolean gone;

    /** The memory was given back (exit or execve): a vfork parent may go on. */
    private volatile boolean vforkReleased;

    private CpuState cpuState;

    private transient volatile @Nullable GuestContext context;
    private transient volatile @Nullable Thread thread;
    private transient volatile boolean interrupted;
    private transient volatile Mode mode = Mode.PARKED;

    /** Changes of {@link #mode} so far, which publishes it. Written by the task's thread alone. */
    private transient long steps;

    private transient @Nullable Blocking blocking;

    /** Everything a new task is made from. */
    record Parts(
            TaskSet taskSet,
            MemoryManager memory,
            FdTable files,
            FsContext fs,
            Credentials credentials,
            NamespaceSet namespaces,
            Membership membership,
            String name,
            CpuState cpuState) {}

    @SuppressWarnings(
            "NullAway.Init") // group and numbers are set by TaskBirth before anyone sees the task
    Task(Parts parts) {
        taskSet = parts.taskSet;
        memory = parts.memory;
        files = parts.files;
        fs = parts.fs;
        credentials = parts.credentials;
        namespaces = parts.namespaces;
        groupPlace = new GroupPlace(this, parts.membership);
        name = parts.name;
        cpuState = parts.cpuState;
        startNanos = taskSet.clock().monotonicNanos();
    }

    void join(ThreadGroup threadGroup, PidNumbers pidNumbers) {
        group = threadGroup;
        numbers = pidNumbers;
    }

    /** What clone(2) hands down. */
    void inheritFrom(Task parent) {
        creator = parent;
        signalMask = parent.signalMask;
        altStack.copyFrom(parent.altStack);
        scheduling.copyFrom(parent.scheduling);
        personality = parent.personality;
        executable = parent.executable;
    }

    // ---- what it is made of

    public TaskSet taskSet() {
        return taskSet;
    }

    public ThreadGroup group() {
        return group;
    }

    public boolean isLeader() {
        return group.leader() == this;
    }

    public PidNumbers numbers() {
        return numbers;
    }

    void setNumbers(PidNumbers changed) {
        numbers = changed;
    }

    public PidNamespace namespace() {
        return numbers.namespace();
    }

    @Override
    public NamespaceSet namespaces() {
        return namespaces;
    }

    public void setNamespaces(NamespaceSet changed) {
        namespaces = changed;
    }

    /** The control groups it is in; of an ended task those it was in. */
    public Membership membership() {
        return groupPlace.membership();
    }

    GroupPlace groupPlace() {
        return groupPlace;
    }

    /** What SEM_UNDO has to take back at its end; null while there was none. */
    public @Nullable UndoList findSemaphoreUndos() {
        return semaphoreUndos;
    }

    public void setSemaphoreUndos(@Nullable UndoList undos) {
        semaphoreUndos = undos;
    }

    /** How its calls are restricted, or null; written under the task set's lock. */
    public @Nullable SeccompMode findSeccomp() {
        return seccomp;
    }

    void setSeccompLocked(@Nullable SeccompMode changed) {
        seccomp = SeccompMode.counted(seccomp, changed);
    }

    /** Thread id in its own namespace. */
    public int tid() {
        return numbers.own();
    }

    @Override
    public int processId() {
        return group.pid().in(namespace());
    }

    /** Only for the task's own thread, before it exits. */
    public MemoryManager memory() {
        return Objects.requireNonNull(memory, "task has exited");
    }

    /** Null once it has exited. */
    public @Nullable MemoryManager findMemory() {
        return memory;
    }

    void setMemory(@Nullable MemoryManager changed) {
        memory = changed;
    }

    @Override
    public FdTable files() {
        return Objects.requireNonNull(files, "task has exited");
    }

    public @Nullable FdTable findFiles() {
        return files;
    }

    public void setFiles(@Nullable FdTable changed) {
        files = changed;
    }

    @Override
    public FsContext fs() {
        return Objects.requireNonNull(fs, "task has exited");
    }

    public @Nullable FsContext findFs() {
        return fs;
    }

    public void setFs(@Nullable FsContext changed) {
        fs = changed;
    }

    @Override
    public Credentials credentials() {
        return credentials;
    }

    public void setCredentials(Credentials changed) {
        credentials = changed;
    }

    public UtsNamespace uts() {
        return namespaces.uts();
    }

    /** At most 15 bytes (TASK_COMM_LEN), one char per byte. */
    public String name() {
        return name;
    }

    public void setName(String changed) {
        name = changed.length() > 15 ? changed.substring(0, 15) : changed;
    }

    public CpuTimes times() {
        return times;
    }

    public long startNanos() {
        return startNanos;
    }

    public AltStack altStack() {
        return altStack;
    }

    public Scheduling scheduling() {
        return scheduling;
    }

    public Tracing tracing() {
        return tracing;
    }

    public long clearChildTidAddress() {
        return clearChildTidAddress;
    }

    public void setClearChildTidAddress(long address) {
        clearChildTidAddress = address;
    }

    public long robustListAddress() {
        return robustListAddress;
    }

    public void setRobustListAddress(long address) {
        robustListAddress = address;
    }

    public int parentDeathSignal() {
        return parentDeathSignal;
    }

    public void setParentDeathSignal(int signal) {
        parentDeathSignal = signal;
    }

    /** The program it runs, for /proc/pid/exe. */
    public @Nullable Location executable() {
        return executable;
    }

    void setExecutable(@Nullable Location location) {
        executable = location;
    }

    /** The thread that made this one, while it matters for prctl(PR_SET_PDEATHSIG). */
    @Nullable Task creator() {
        return creator;
    }

    public int personality() {
        return personality;
    }

    public void setPersonality(int value) {
        personality = value;
    }

    @Override
    public long fileSizeLimit() {
        return group.limits().softOrMax(RLimits.RLIMIT_FSIZE);
    }

    @Override
    public int descriptorLimit() {
        return (int) Math.min(Integer.MAX_VALUE, group.limits().softOrMax(RLimits.RLIMIT_NOFILE));
    }

    @Override
    public void fileSizeExceeded() {
        Signals.sendToItself(this, SignalNumbers.SIGXFSZ);
    }

    /** A write found nobody to read: SIGPIPE. */
    public void brokenPipe() {
        Signals.sendToItself(this, SignalNumbers.SIGPIPE);
    }

    // ---- the CPU

    /** The registers; only for the task's own thread, while it runs. */
    public GuestContext context() {
        return Objects.requireNonNull(context, "not running");
    }

    @Nullable GuestContext findContext() {
        return context;
    }

    void setContext(@Nullable GuestContext changed) {
        context = changed;
    }

    CpuState cpuState() {
        return cpuState;
    }

    void setCpuState(CpuState changed) {
        cpuState = changed;
    }

    /** The task is parked: brings the registers to where an image finds them. */
    void beforeSave() {
        GuestContext running = context;
        if (running != null) {
            cpuState = running.save();
        }
    }

    // ---- running

    public RunState state() {
        return state;
    }

    void setState(RunState changed) {
        state = changed;
    }

    void start() {
        taskSet.threadStarting();
        Thread started =
                new Thread(null, new TaskLoop(this), "task-" + numbers.ids()[0], 512 << 10);
        started.setDaemon(true);
        thread = started;
        started.start();
    }

    Mode mode() {
        return mode;
    }

    void setMode(Mode changed) {
        steps++;
        mode = changed;
    }

    /** Differs between two looks if the task has changed its mode between them. */
    long steps() {
        return steps;
    }

    /** The thread that runs it, or null. */
    @Nullable Thread thread() {
        return thread;
    }

    public boolean isRunning() {
        return mode == Mode.GUEST || mode == Mode.KERNEL;
    }

    boolean chargeTick(long nanos) {
        switch (mode) {
            case GUEST -> times.addUser(nanos);
            case KERNEL -> times.addSystem(nanos);
            default -> {
                return false;
            }
        }
        group.timers().charge(nanos, mode == Mode.GUEST);
        membership().charge(nanos, mode == Mode.GUEST);
        return true;
    }

    /**
     * Ends a sleep or a stretch of guest code soon, so that the loop looks at what is pending. From
     * any thread.
     */
    void interrupt() {
        interrupted = true;
        Thread sleeping = thread;
        if (sleeping != null) {
            LockSupport.unpark(sleeping);
        }
        GuestContext running = context;
        if (running != null && mode == Mode.GUEST) {
            running.interrupt();
        }
    }

    boolean isInterrupted() {
        return interrupted;
    }

    void clearInterrupted() {
        interrupted = false;
    }

    @Override
    public Wake sleep(ThreadWaiter waiter, long deadlineNanos) {
        mode = Mode.SLEEPING;
        try {
            while (true) {
                if (waiter.take()) {
                    return Wake.NOTIFIED;
                }
                if (interrupted) {
                    return Wake.INTERRUPTED;
                }
                if (deadlineNanos == FOREVER) {
                    LockSupport.park(this);
                    continue;
                }
                long left = deadlineNanos - taskSet.clock().monotonicNanos();
                if (left <= 0) {
                    return Wake.TIMED_OUT;
                }
                LockSupport.parkNanos(this, left);
            }
        } finally {
            setMode(Mode.KERNEL);
            taskSet.ticker().woken(this);
        }
    }

    /** Waiting in system calls. */
    public Blocking blocking() {
        if (blocking == null) {
            blocking = new Blocking(this);
        }
        return blocking;
    }

    RestartBlock restartBlock() {
        return restartBlock;
    }

    // ---- signals

    public long signalMask() {
        return signalMask;
    }

    /**
     * The mask to go back to while a temporary one is in force, and what sigtimedwait waits for;
     * else 0.
     */
    long realMask() {
        return waitedFor | (hasSavedMask ? savedMask : 0);
    }

    void setSignalMaskLocked(long mask) {
        signalMask = mask & ~dev.runsc.kernel.task.signal.SignalSet.UNBLOCKABLE;
        recomputePendingLocked();
    }

    /** Changes the blocked signals. */
    public void setSignalMask(long mask) {
        KernelLock lock = group.handlers().lock();
        lock.lock();
        try {
            setSignalMaskLocked(mask);
        } finally {
            lock.unlock();
        }
    }

    /**
     * For calls that wait with a mask of their own (ppoll, sigsuspend): a repeated call keeps the
     * first saved mask.
     */
    public void setTemporaryMask(long mask) {
        if (!hasSavedMask) {
            savedMask = signalMask;
            hasSavedMask = true;
        }
        setSignalMask(mask);
    }

    /** Goes back from a temporary mask, if there is one. */
    public void restoreSavedMask() {
        if (hasSavedMask) {
            hasSavedMask = false;
            setSignalMask(savedMask);
        }
    }

    /** The mask that a signal frame saves; forgets that it was temporary. */
    long takeMaskForFrame() {
        if (hasSavedMask) {
            hasSavedMask = false;
            return savedMask;
        }
        return signalMask;
    }

    public void setWaitedFor(long signals) {
        waitedFor = signals;
    }

    /** Pending signals of this thread alone; guarded by the handlers' lock. */
    public PendingSignals pendingLocked() {
        return pending;
    }

    public boolean isSignalPending() {
        return signalPending;
    }

    /** Sees whether there is a signal to deliver, and interrupts the task if so. */
    void recomputePendingLocked() {
        long ready = recomputeAfterDeliveryLocked();
        if (signalPending || (ready & waitedFor) != 0) {
            interrupt();
        }
    }

    /** As {@link #recomputePendingLocked} without interrupting: the task itself is looking. */
    long recomputeAfterDeliveryLocked() {
        long ready = pending.set() | group.pendingLocked().set();
        signalPending = (ready & ~signalMask) != 0 || killed;
        return ready;
    }

    void noteKilled() {
        signalPending = killed = true;
        tracing.leaveStop();
        interrupt();
    }

    /** exit(2): this thread ends once the call returns. */
    public void exitThread(int waitStatus) {
        state = new RunState.Exiting(waitStatus);
    }

    /** exit_group(2): so do all of the process. */
    public void exitProcess(int waitStatus) {
        state = TaskExit.groupExit(this, waitStatus);
    }

    /** Ends this thread alone. */
    void displace() {
        displaced = true;
        noteKilled();
    }

    boolean isDisplaced() {
        return displaced;
    }

    /** Whether a stop of its own, which images keep, holds it. */
    boolean isHeld() {
        return tracing.isStopped()
                || group.isStopped() && !killed && !tracing.isTraced()
                || groupPlace.isToFreeze();
    }

    boolean isKilled() {
        return killed;
    }

    /** After a fault: the signal that must end the process if it is at its default. */
    void noteForced(int signal) {
        forcedSignal = signal;
    }

    boolean isForced(int signal) {
        return forcedSignal == signal;
    }

    // ---- the end

    public boolean isGone() {
        return gone;
    }

    void noteGone() {
        gone = true;
    }

    WaitQueue vforkDone() {
        return vforkDone;
    }

    boolean isVforkReleased() {
        return vforkReleased;
    }

    void releaseVfork() {
        vforkReleased = true;
        vforkDone.notify(dev.runsc.gofer.abi.PollEvents.POLLIN);
    }
}
