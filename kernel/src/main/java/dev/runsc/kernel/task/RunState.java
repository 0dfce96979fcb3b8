package dev.runsc.kernel.task;

import dev.runsc.kernel.sync.InterruptedSyscall;
import dev.runsc.kernel.task.seccomp.Notification;
import dev.runsc.kernel.task.seccomp.Notifications;
import dev.runsc.state.Savable;

/**
 * Where a task is in its life, at the top of its loop: what an image stores instead of a Java
 * stack.
 *
 * <pre>
 * InApp       -> InApp (call done, fault resolved), Restarting (call cut short), VforkWaiting,
 *                ExecWaiting, Exiting
 * Restarting  -> InApp (call done, or a handler runs), Restarting, Exiting
 * VforkWaiting-> VforkWaiting (stopped meanwhile), InApp (child released the memory), Exiting
 * ExecWaiting -> ExecWaiting (other threads still there), InApp (new program), Exiting
 * Exiting     -> Leaving (a tracer wants to know), end
 * CallEntered -> as InApp
 * CallDone    -> InApp
 * CallAsked   -> CallAsked (stopped meanwhile), CallDone (answered), Restarting (taken back), as InApp
 *                (goes on), Exiting
 * SignalStopped -> as InApp
 * Leaving     -> end
 * </pre>
 */
public sealed interface RunState extends Savable {
    /** Runs guest code next, after pending signals. */
    record InApp() implements RunState {}

    /**
     * A system call was cut short; its registers are untouched. It is repeated unless a handler
     * runs first.
     *
     * @param restart what a handler means for it
     * @param answered the tracer has had its say where a seccomp filter asks for that
     */
    record Restarting(InterruptedSyscall.Restart restart, boolean answered) implements RunState {
        /** How far before RIP the call instruction begins, whatever the way in was. */
        static final int REWIND_BYTES = 2;
    }

    /**
     * A parent in vfork(2) until its child gives the memory back.
     *
     * @param child the child
     */
    record VforkWaiting(Task child) implements RunState {}

    /**
     * In execve(2), the new program loaded, until all other threads are gone.
     *
     * @param image the new program
     */
    record ExecWaiting(LoadedImage image) implements RunState {}

    /**
     * On the way out.
     *
     * @param waitStatus as wait(2) will show it if this is the last thread
     */
    record Exiting(int waitStatus) implements RunState {}

    /**
     * A tracee behind its stop at a call's entry: carries out the call next.
     *
     * @param shown the number that the tracer has seen
     * @param number the call's, which differs for one that goes on after a stop
     * @param byFilter a seccomp filter wanted the stop, and need not want it again
     */
    record CallEntered(long shown, long number, boolean byFilter) implements RunState {}

    /**
     * In a call about which a supervisor is asked by a seccomp filter; its registers are untouched.
     *
     * @param notifications of the filter
     * @param asked the question
     * @param answered the tracer has had its say where a filter asks for that
     */
    record CallAsked(Notifications notifications, Notification asked, boolean answered)
            implements RunState {}

    /** A tracee at the end of a call, its events told. */
    record CallDone() implements RunState {}

    /** A tracee behind its stop before a signal, which its tracer may have changed. */
    record SignalStopped() implements RunState {}

    /**
     * As Exiting, its tracer told.
     *
     * @param waitStatus as wait(2) will show it if this is the last thread
     */
    record Leaving(int waitStatus) implements RunState {}

    InApp IN_APP = new InApp();
    CallDone CALL_DONE = new CallDone();
    SignalStopped SIGNAL_STOPPED = new SignalStopped();
}
