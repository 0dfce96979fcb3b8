package dev.runsc.kernel.task;

import static dev.runsc.gofer.abi.SignalNumbers.SIGKILL;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.gofer.abi.SigInfo;
import dev.runsc.kernel.memory.FaultResult;
import dev.runsc.kernel.platform.CpuState;
import dev.runsc.kernel.platform.GuestContext;
import dev.runsc.kernel.platform.PlatformException;
import dev.runsc.kernel.platform.Register;
import dev.runsc.kernel.sync.InterruptedSyscall;
import dev.runsc.kernel.sync.Interruptible.Wake;
import dev.runsc.kernel.sync.ThreadWaiter;
import dev.runsc.kernel.task.RunState.CallAsked;
import dev.runsc.kernel.task.RunState.CallDone;
import dev.runsc.kernel.task.RunState.CallEntered;
import dev.runsc.kernel.task.RunState.ExecWaiting;
import dev.runsc.kernel.task.RunState.Exiting;
import dev.runsc.kernel.task.RunState.InApp;
import dev.runsc.kernel.task.RunState.Leaving;
import dev.runsc.kernel.task.RunState.Restarting;
import dev.runsc.kernel.task.RunState.SignalStopped;
import dev.runsc.kernel.task.RunState.VforkWaiting;
import dev.runsc.kernel.task.seccomp.SeccompMode;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * The life of a task's thread: from state to state until it exits, parking at the top of the loop
 * for stops. A kernel fault in a system call ends the sandbox with a report (through the thread's
 * uncaught exception handler), never silently.
 */
final class TaskLoop implements Runnable {
    private final Task task;
    private final TaskSet taskSet;
    private final Rewriting rewriting;

    TaskLoop(Task task) {
        this.task = task;
        this.taskSet = task.taskSet();
        this.rewriting = new Rewriting(task);
    }

    /** Found when there is something to say: looking for it would cost every start 30 ms. */
    private static Logger log() {
        return System.getLogger(TaskLoop.class.getName());
    }

    @Override
    public void run() {
        try {
            RunState state = task.state();
            while (true) {
                task.clearInterrupted();
                parkForStops();
                RunState next = step(state);
                if (next == null) {
                    break;
                }
                state = next;
                task.setState(state);
            }
        } finally {
            task.setMode(Task.Mode.PARKED);
            taskSet.threadEnded();
        }
    }

    private void parkForStops() {
        ThreadGroup group = task.group();
        while (taskSet.isStopping() || task.isHeld()) {
            if (group.isStopped() && !task.tracing().isTraced()) {
                TaskExit.announceStop(task);
            }
            task.groupPlace().noteFrozen();
            task.setMode(Task.Mode.PARKED);
            taskSet.park(task.groupPlace()::staysParked);
        }
        task.groupPlace().noteThawed();
        Ptrace.afterStop(task);
        task.setMode(Task.Mode.KERNEL);
        taskSet.ticker().wake();
    }

    private @Nullable RunState step(RunState state) {
        if (task.isKilled() && !(state instanceof Exiting) && !(state instanceof Leaving)) {
            if (state instanceof CallAsked call) {
                call.notifications().withdraw(call.asked(), true);
            }
            int status = task.group().isExiting() ? task.group().exitStatus() : SIGKILL;
            return TaskExit.killedState(task, status);
        }
        // Not a pattern switch: the JDK spins a class for it on the way of every start.
        if (state instanceof InApp || state instanceof SignalStopped) {
            return runApp(null);
        }
        if (state instanceof Restarting again) {
            return runApp(again);
        }
        if (state instanceof CallEntered entered) {
            return runEntered(entered);
        }
        if (state instanceof CallAsked call) {
            return runAsked(call);
        }
        if (state instanceof CallDone) {
            return TracedCalls.finish(task);
        }
        if (state instanceof VforkWaiting waiting) {
            return awaitVfork(waiting);
        }
        if (state instanceof ExecWaiting waiting) {
            return TaskExec.finish(task, waiting);
        }
        if (state instanceof Exiting exiting) {
            if (TracedCalls.stopBeforeExit(task, exiting.waitStatus())) {
                return new Leaving(exiting.waitStatus());
            }
            TaskExit.exit(task, exiting.waitStatus());
            return null;
        }
        TaskExit.exit(task, ((Leaving) state).waitStatus());
        return null;
    }

    private RunState awaitVfork(VforkWaiting waiting) {
        Task child = waiting.child();
        ThreadWaiter waiter = new ThreadWaiter();
        child.vforkDone().add(waiter, PollEvents.POLLIN);
        try {
            while (!child.isVforkReleased()) {
                // Only a kill or an external stop gets through: both are seen at the loop's top.
                if (task.sleep(waiter, Task.FOREVER) == Wake.INTERRUPTED) {
                    return waiting;
                }
            }
        } finally {
            child.vforkDone().remove(waiter);
        }
        return TracedCalls.vforkDone(task, child);
    }

    private RunState runApp(@Nullable Restarting interruptedCall) {
        if (ensureContext(task) == null) {
            return TaskExit.groupExit(task, SIGKILL);
        }
        Restarting restart = interruptedCall;
        Tracing tracing = task.tracing();
        boolean stopped = task.state() instanceof SignalStopped;
        if (tracing.takeRegistersDecide()) {
            restart = TracedRegisters.restartAfterStop(task);
        }
        task.memory().setPlainCode(tracing.isTraced());
        if (!stopped && TracedCalls.trap(task, restart)) {
            return RunState.IN_APP;
        }
        if (stopped || task.isSignalPending() || task.group().isExiting()) {
            boolean stepping = tracing.isTrapFlagForced();
            SigInfo injected = stopped ? TracedCalls.takeInjected(task) : null;
            SignalDelivery.Outcome outcome = SignalDelivery.deliver(task, restart, injected);
            if (outcome.next() != null) {
                return outcome.next();
            }
            if (outcome.handlerRuns()) {
                restart = null;
                if (TracedCalls.stopAtHandler(task, stepping)) {
                    return RunState.IN_APP;
                }
            }
        }
        if (restart != null) {
            return makeCall(restart);
        }
        task.restoreSavedMask();
        return runGuest();
    }

    private RunState runEntered(CallEntered entered) {
        if (ensureContext(task) == null) {
            return TaskExit.groupExit(task, SIGKILL);
        }
        return TracedCalls.afterEntry(task, entered, this::call);
    }

    private RunState runAsked(CallAsked call) {
        return ensureContext(task) == null
                ? TaskExit.groupExit(task, SIGKILL)
                : Supervision.await(task, call, this::dispatch);
    }

    private RunState makeCall(@Nullable Restarting restart) {
        return task.tracing().isTraced()
                ? TracedCalls.make(task, restart, this::call)
                : call(restart != null && restart.answered());
    }

    private RunState runGuest() {
        GuestContext context = task.context();
        while (true) {
            task.setMode(Task.Mode.GUEST);
            if (task.isInterrupted()) {
                task.setMode(Task.Mode.KERNEL);
                return RunState.IN_APP;
            }
            GuestContext.Stop stop = context.run();
            task.setMode(Task.Mode.KERNEL);
            if (stop != GuestContext.Stop.SYSCALL) {
                task.tracing().setOriginalCall(-1);
            }
            switch (stop) {
                case SYSCALL -> {
                    rewriting.atCall(context);
                    if (taskSet.stopsHere()) {
                        return new Restarting(InterruptedSyscall.Restart.ALWAYS, false);
                    }
                    RunState next = makeCall(null);
                    if (!(next instanceof InApp)
                            || task.isInterrupted()
                            || task.tracing().isTraced()
                            || task.findContext() != context) {
                        return next;
                    }
                }
                case FAULT -> {
                    if (!fault(context)) {
                        return RunState.IN_APP;
                    }
                }
                case EXCEPTION -> {
                    RunState next = exception(context);
                    if (next != null) {
                        return next;
                    }
                }
                case INTERRUPTED -> {
                    rewriting.leaveCell(context);
                    return RunState.IN_APP;
                }
                case DEAD -> {
                    log().log(Level.WARNING, "guest process of task {0} died", task.tid());
                    return TaskExit.groupExit(task, SIGKILL);
                }
            }
        }
    }

    /** Null when the guest can go on where it was. */
    private @Nullable RunState exception(GuestContext context) {
        return switch (rewriting.explain(context)) {
            case CALL -> makeCall(null);
            case RUN_AGAIN -> null;
            case GUEST -> {
                Signals.force(
                        task,
                        SigInfo.fault(
                                context.signal(), context.signalCode(), context.signalAddress()));
                yield RunState.IN_APP;
            }
        };
    }

    /**
     * Makes the call in the registers.
     *
     * @param answered as {@link TracedCalls.Call#run} has it
     */
    private RunState call(boolean answered) {
        SeccompMode filters = task.findSeccomp();
        if (filters != null) {
            RunState instead = Seccomp.check(task, filters, answered);
            if (instead != null) {
                return instead;
            }
        }
        return dispatch(answered);
    }

    /** The same when filters have been asked. */
    private RunState dispatch(boolean answered) {
        GuestContext context = task.context();
        task.setState(RunState.IN_APP);
        try {
            long result = taskSet.dispatcher().dispatch(task);
            if (result != SyscallDispatcher.NO_RESULT) {
                context.setRegister(Register.RAX, result);
            }
        } catch (InterruptedSyscall interrupted) {
            return new Restarting(interrupted.restart(), answered);
        } catch (ErrnoException failed) {
            context.setRegister(Register.RAX, failed.errno().result());
        }
        task.restartBlock().clear();
        return task.state();
    }

    /** True when the guest can go on where it was. */
    private boolean fault(GuestContext context) {
        long address = context.faultAddress();
        FaultResult result = task.memory().handleFault(address, context.faultError());
        if (result.resolved() || rewriting.isOwnFault(context, address)) {
            return true;
        }
        logFault(context, address);
        Signals.force(task, SigInfo.fault(result.signal(), result.code(), address));
        return false;
    }

    /**
     * The host thread of a task, made for a new or restored one; null when the host refuses. Called
     * by the task itself, or for it while it is stopped.
     */
    static @Nullable GuestContext ensureContext(Task task) {
        GuestContext context = task.findContext();
        if (context != null) {
            return context;
        }
        try {
            GuestContext made = task.memory().addressSpace().newContext();
            enter(made, task.cpuState());
            task.setContext(made);
            return made;
        } catch (PlatformException refused) {
            log().log(Level.WARNING, "task " + task.tid() + " cannot run", refused);
            return null;
        }
    }

    private void logFault(GuestContext context, long address) {
        Logger log = log();
        if (log.isLoggable(Level.DEBUG)) {
            log.log(
                    Level.DEBUG,
                    String.format(
                            "task %d: fault at 0x%x, error 0x%x, rip 0x%x",
                            task.tid(),
                            address,
                            context.faultError(),
                            context.register(Register.RIP)));
        }
    }

    /** A state without FPU contents is that of a new program. */
    private static void enter(GuestContext context, CpuState state) throws PlatformException {
        if (state.xsave().length > 0) {
            context.load(state);
            return;
        }
        for (Register register : Register.values()) {
            if (register.compareTo(Register.EFLAGS) <= 0) {
                context.setRegister(register, state.registers()[register.ordinal()]);
            }
        }
        context.setFsBase(state.fsBase());
        context.resetFpu();
    }
}
