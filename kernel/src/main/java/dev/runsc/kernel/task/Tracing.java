package dev.runsc.kernel.task;

import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.state.Savable;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What ptrace(2) adds to a task, as tracee and as tracer (Linux task_struct's ptrace, jobctl,
 * ptraced).
 *
 * <p>Who traces whom is guarded by the task set's lock. The rest belongs to the task's own thread
 * while it runs and to its tracer, under {@link #requestLock}, while it is stopped; stops begin and
 * end under the task set's lock.
 */
public final class Tracing implements Savable {
    /** How a tracer lets a tracee go on. */
    public enum Resume {
        CONTINUE,
        /** To the next system call's entry or exit. */
        CALLS,
        /** To the next system call's entry, which is then not carried out. */
        SKIP_CALLS,
        STEP,
        /** A step, but a system call is stopped at and not carried out. */
        STEP_SKIP_CALLS;

        boolean stopsAtCalls() {
            return this == CALLS || skipsCalls();
        }

        boolean skipsCalls() {
            return this == SKIP_CALLS || this == STEP_SKIP_CALLS;
        }

        boolean steps() {
            return this == STEP || this == STEP_SKIP_CALLS;
        }
    }

    /** Why a tracee is stopped. */
    public enum Kind {
        /** About to get a signal. */
        SIGNAL,
        CALL_ENTRY,
        CALL_EXIT,
        /** PTRACE_EVENT_*, or a step into a signal handler. */
        EVENT,
        /** On the way out: even a killed task stops here. */
        EXIT,
        /** A group stop, of a tracee that was not seized. */
        GROUP,
        /** PTRACE_EVENT_STOP, of one that was. */
        TRAP
    }

    /**
     * A stop that holds a tracee.
     *
     * @param code Linux {@code exit_code}: the upper byte of the wait status and what lies above
     */
    public record Stop(Kind kind, int code) implements Savable {}

    private final KernelLock requestLock = new KernelLock(LockClass.TRACEE);
    private final ArrayList<Task> tracees = new ArrayList<>();
    private volatile @Nullable Task tracer;
    private boolean seized;
    private volatile int options;
    private long message;

    private volatile @Nullable Stop stop;
    private byte @Nullable [] information;
    private boolean reported;
    private boolean listening;

    /** The task's thread has been stopped and has not yet made sure that its tracer is done. */
    private boolean touched;

    private volatile Resume resume = Resume.CONTINUE;
    private int injected;

    /** PTRACE_INTERRUPT, or birth: wants a TRAP stop. */
    private volatile boolean trapWanted;

    /** A group stop began or ended that a seized tracee's tracer is to hear of. */
    private volatile boolean noticeWanted;

    /** The number of the group's stop that this task has last taken part in. */
    private int stopTaken;

    /** A PTRACE_EVENT_* to stop for when the call under way is done, or 0. */
    private int event;

    private long eventMessage;

    /** ORIG_RAX: the number of the call that the task is in, -1 when in none. */
    private long originalCall = -1;

    /** A stop is over: the registers say whether a call is to be repeated. */
    private boolean registersDecide;

    /** The trap flag is set for a step, which the guest does not know of. */
    private boolean trapFlagForced;

    /** Ended, and the tracer has not waited for it. */
    private boolean zombie;

    private int exitStatus;

    // ---- As tracer; under the task set's lock

    List<Task> traceesLocked() {
        return tracees;
    }

    // ---- Who traces it

    public @Nullable Task tracer() {
        return tracer;
    }

    public boolean isTraced() {
        return tracer != null;
    }

    void link(Task by, boolean isSeized, int traceOptions) {
        tracer = by;
        seized = isSeized;
        options = traceOptions;
        stopTaken = -1;
    }

    void unlink() {
        tracer = null;
        seized = false;
        options = 0;
        trapWanted = false;
        noticeWanted = false;
        listening = false;
        event = 0;
        resume = Resume.CONTINUE;
    }

    public boolean isSeized() {
        return seized;
    }

    public int options() {
        return options;
    }

    public void setOptions(int wanted) {
        options = wanted;
    }

    boolean has(int option) {
        return (options & option) != 0;
    }

    /** Held by a tracer while it makes use of the tracee's being stopped. */
    KernelLock requestLock() {
        return requestLock;
    }

    // ---- Stops

    public @Nullable Stop stop() {
        return stop;
    }

    public boolean isStopped() {
        return stop != null;
    }

    void enterStop(Stop begun, byte @Nullable [] info) {
        information = info;
        reported = false;
        listening = false;
        injected = 0;
        trapWanted = false;
        if (begun.kind == Kind.TRAP) {
            noticeWanted = false;
        }
        registersDecide = true;
        touched = true;
        stop = begun;
    }

    void leaveStop() {
        listening = false;
        stop = null;
    }

    void resume(Resume how, int signal) {
        resume = how;
        injected = signal;
        leaveStop();
    }

    /** Whether the tracer may still be busy with the task that was stopped. */
    boolean isTouched() {
        return touched;
    }

    void noteUntouched() {
        touched = false;
    }

    /** A wait has shown the stop. */
    void noteReported() {
        reported = true;
    }

    boolean isReported() {
        return reported || listening;
    }

    boolean isListening() {
        return listening;
    }

    void listen() {
        listening = true;
    }

    /** siginfo_t of the stop; null in a group stop. */
    public byte @Nullable [] information() {
        return information;
    }

    public void setInformation(byte[] info) {
        information = info;
    }

    Resume resume() {
        return resume;
    }

    int injected() {
        return injected;
    }

    /** What a tracee goes on with when its tracer is gone: a signal not yet shown is its own. */
    int injectedByDefault() {
        Stop now = stop;
        return now != null && now.kind == Kind.SIGNAL && !reported ? now.code : 0;
    }

    // ---- What to stop for

    boolean isTrapWanted() {
        return trapWanted || noticeWanted;
    }

    void wantTrap() {
        trapWanted = true;
    }

    void wantNotice() {
        noticeWanted = true;
    }

    boolean isNoticeWanted() {
        return noticeWanted;
    }

    int stopTaken() {
        return stopTaken;
    }

    void takeStop(int number) {
        stopTaken = number;
    }

    int event() {
        return event;
    }

    long eventMessage() {
        return eventMessage;
    }

    void setEvent(int number, long itsMessage) {
        event = number;
        eventMessage = itsMessage;
    }

    public long message() {
        return message;
    }

    void setMessage(long value) {
        message = value;
    }

    // ---- Registers that are not the CPU's

    public long originalCall() {
        return originalCall;
    }

    public void setOriginalCall(long number) {
        originalCall = number;
    }

    boolean takeRegistersDecide() {
        boolean was = registersDecide;
        registersDecide = false;
        return was;
    }

    boolean isTrapFlagForced() {
        return trapFlagForced;
    }

    void setTrapFlagForced(boolean forced) {
        trapFlagForced = forced;
    }

    // ---- The end

    boolean isZombie() {
        return zombie;
    }

    void becomeZombie(int waitStatus) {
        zombie = true;
        exitStatus = waitStatus;
    }

    void reap() {
        zombie = false;
    }

    int exitStatus() {
        return exitStatus;
    }
}
