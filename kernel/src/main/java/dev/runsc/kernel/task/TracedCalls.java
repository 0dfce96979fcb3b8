package dev.runsc.kernel.task;

import static dev.runsc.gofer.abi.PtraceConstants.PTRACE_EVENTMSG_SYSCALL_ENTRY;
import static dev.runsc.gofer.abi.PtraceConstants.PTRACE_EVENTMSG_SYSCALL_EXIT;
import static dev.runsc.gofer.abi.PtraceConstants.PTRACE_EVENT_EXEC;
import static dev.runsc.gofer.abi.PtraceConstants.PTRACE_EVENT_EXIT;
import static dev.runsc.gofer.abi.PtraceConstants.PTRACE_EVENT_SECCOMP;
import static dev.runsc.gofer.abi.PtraceConstants.PTRACE_EVENT_STOP;
import static dev.runsc.gofer.abi.PtraceConstants.PTRACE_EVENT_VFORK_DONE;
import static dev.runsc.gofer.abi.PtraceConstants.PTRACE_O_TRACEEXEC;
import static dev.runsc.gofer.abi.PtraceConstants.PTRACE_O_TRACEEXIT;
import static dev.runsc.gofer.abi.PtraceConstants.PTRACE_O_TRACESECCOMP;
import static dev.runsc.gofer.abi.PtraceConstants.PTRACE_O_TRACESYSGOOD;
import static dev.runsc.gofer.abi.PtraceConstants.PTRACE_O_TRACEVFORKDONE;
import static dev.runsc.gofer.abi.SignalNumbers.SIGTRAP;
import static dev.runsc.gofer.abi.SignalNumbers.SI_USER;
import static dev.runsc.gofer.abi.SignalNumbers.TRAP_BRKPT;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.SigInfo;
import dev.runsc.gofer.abi.SyscallNumbers;
import dev.runsc.kernel.platform.GuestContext;
import dev.runsc.kernel.platform.Register;
import dev.runsc.kernel.sync.InterruptedSyscall.Restart;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.task.RunState.CallEntered;
import dev.runsc.kernel.task.RunState.InApp;
import dev.runsc.kernel.task.RunState.Restarting;
import dev.runsc.kernel.task.RunState.VforkWaiting;
import dev.runsc.kernel.task.Tracing.Kind;
import dev.runsc.kernel.task.Tracing.Resume;
import dev.runsc.kernel.task.Tracing.Stop;
import dev.runsc.kernel.task.signal.SignalSet;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The stops that a tracee makes on its way through its loop. Each method begins a stop and answers
 * the state that comes after it; the loop parks in between. All by the tracee's own thread.
 */
final class TracedCalls {
    private static final int SYSGOOD = 0x80;
    private static final int EVENT_SHIFT = 8;

    private TracedCalls() {}

    /** How a tracee makes the call in its registers, which its loop's part then carries out. */
    interface Call {
        /**
         * @param answered the tracer has had its say where a seccomp filter asks for that
         */
        RunState run(boolean answered);
    }

    /**
     * A call, to be stopped at if the tracer wants so.
     *
     * @param restart when it was cut short before
     */
    static RunState make(Task task, @Nullable Restarting restart, Call call) {
        Tracing tracing = task.tracing();
        GuestContext context = task.context();
        long number = context.register(Register.RAX);
        boolean resumes = restart != null && restart.restart() == Restart.BLOCK;
        long shown = resumes ? SyscallNumbers.SYS_restart_syscall : number;
        tracing.setOriginalCall(shown);
        if (tracing.resume().stopsAtCalls()) {
            context.setRegister(Register.RAX, Errno.ENOSYS.result());
            if (stopAtCall(task, Kind.CALL_ENTRY, PTRACE_EVENTMSG_SYSCALL_ENTRY)) {
                return new CallEntered(shown, number, false);
            }
            context.setRegister(Register.RAX, number);
        }
        return leave(task, call.run(restart != null && restart.answered()));
    }

    /**
     * A seccomp filter wants the tracer to be asked; null when none is there that wants to be.
     *
     * @param data the filter's
     */
    static @Nullable RunState stopForFilter(Task task, int data) {
        Tracing tracing = task.tracing();
        if (!tracing.isTraced() || !tracing.has(PTRACE_O_TRACESECCOMP)) {
            return null;
        }
        GuestContext context = task.context();
        long number = context.register(Register.RAX);
        if (tracing.originalCall() == -1) {
            tracing.setOriginalCall(number); // traced since the call began
        }
        long shown = tracing.originalCall(); // the tracer may change it from the stop on
        context.setRegister(Register.RAX, Errno.ENOSYS.result());
        if (stopForEvent(task, Kind.EVENT, PTRACE_EVENT_SECCOMP, data)) {
            return new CallEntered(shown, number, true);
        }
        context.setRegister(Register.RAX, number);
        return null;
    }

    private static boolean stopAtCall(Task task, Kind kind, int message) {
        boolean marked = task.tracing().has(PTRACE_O_TRACESYSGOOD);
        return Ptrace.stop(task, kind, marked ? SIGTRAP | SYSGOOD : SIGTRAP, message);
    }

    /**
     * After the stop at a call's entry: makes the call that the tracer wants now. What came since
     * the stop began cuts it short, as a signal that is pending when a call starts does.
     */
    static RunState afterEntry(Task task, CallEntered entered, Call call) {
        Tracing tracing = task.tracing();
        if (task.isSignalPending() || wantsTrap(task)) {
            task.interrupt(); // the loop has forgotten what came before the task was parked
        }
        tracing.takeRegistersDecide();
        long number = tracing.originalCall();
        boolean skips = tracing.isTraced() && tracing.resume().skipsCalls();
        if (entered.byFilter() ? (int) number < 0 : skips || number == -1) {
            return leave(task, RunState.IN_APP);
        }
        GuestContext context = task.context();
        context.setRegister(Register.RAX, number == entered.shown() ? entered.number() : number);
        return leave(task, call.run(entered.byFilter()));
    }

    /** The call is done, or not: {@code next} is where it leads. */
    static RunState leave(Task task, RunState next) {
        Tracing tracing = task.tracing();
        if (!tracing.isTraced()) {
            return next;
        }
        if (tracing.originalCall() == SyscallNumbers.SYS_rt_sigreturn) {
            tracing.setOriginalCall(-1);
        }
        if (next instanceof Restarting restart) {
            return tracing.resume() == Resume.CALLS && stopCutShort(task, restart)
                    ? RunState.IN_APP
                    : next;
        }
        int event = tracing.event();
        if (event != 0 && (next instanceof InApp || next instanceof VforkWaiting)) {
            long message = tracing.eventMessage();
            tracing.setEvent(0, 0);
            if (stopForEvent(task, Kind.EVENT, event, message)) {
                return next instanceof InApp ? RunState.CALL_DONE : next;
            }
        }
        return next instanceof InApp ? finish(task) : next;
    }

    private static boolean stopCutShort(Task task, Restarting restart) {
        Tracing tracing = task.tracing();
        int code = tracing.has(PTRACE_O_TRACESYSGOOD) ? SIGTRAP | SYSGOOD : SIGTRAP;
        tracing.setMessage(PTRACE_EVENTMSG_SYSCALL_EXIT);
        SigInfo info = SigInfo.kill(SIGTRAP, code, task.tid(), task.credentials().uid());
        return Ptrace.stop(task, new Stop(Kind.CALL_EXIT, code), info, restart);
    }

    private static boolean stopForEvent(Task task, Kind kind, int event, long message) {
        return Ptrace.stop(task, kind, SIGTRAP | event << EVENT_SHIFT, message);
    }

    /** The end of a call, its events told. */
    static RunState finish(Task task) {
        Tracing tracing = task.tracing();
        if (!tracing.isTraced()) {
            return RunState.IN_APP;
        }
        if (tracing.resume() == Resume.CALLS) {
            stopAtCall(task, Kind.CALL_EXIT, PTRACE_EVENTMSG_SYSCALL_EXIT);
        } else if (tracing.isTrapFlagForced()) {
            // A step over a call ends behind it (user_single_step_report).
            TracedRegisters.disarmStep(task);
            GuestContext context = task.findContext();
            long address = context == null ? 0 : context.register(Register.RIP);
            Signals.force(task, SigInfo.fault(SIGTRAP, TRAP_BRKPT, address));
        }
        return RunState.IN_APP;
    }

    /** A vfork is over. */
    static RunState vforkDone(Task task, Task child) {
        Tracing tracing = task.tracing();
        Task tracer = tracing.tracer();
        if (tracer == null) {
            return RunState.IN_APP;
        }
        if (tracing.has(PTRACE_O_TRACEVFORKDONE)) {
            int number = child.numbers().in(tracer.namespace());
            stopForEvent(task, Kind.EVENT, PTRACE_EVENT_VFORK_DONE, number);
        }
        return RunState.CALL_DONE;
    }

    /**
     * A new program is there.
     *
     * @param before the task's numbers until then
     */
    static RunState executed(Task task, PidNumbers before) {
        Tracing tracing = task.tracing();
        Task tracer = tracing.tracer();
        if (tracer == null) {
            return RunState.IN_APP;
        }
        task.memory().setPlainCode(true);
        if (tracing.has(PTRACE_O_TRACEEXEC)) {
            int number = before.in(tracer.namespace());
            stopForEvent(task, Kind.EVENT, PTRACE_EVENT_EXEC, number);
        } else if (!tracing.isSeized()) {
            Signals.sendToTask(
                    task, SigInfo.kill(SIGTRAP, SI_USER, task.tid(), task.credentials().uid()));
        }
        return RunState.CALL_DONE;
    }

    /** A task is about to end; true when it stops once more. */
    static boolean stopBeforeExit(Task task, int waitStatus) {
        Tracing tracing = task.tracing();
        return tracing.isTraced()
                && tracing.has(PTRACE_O_TRACEEXIT)
                && stopForEvent(task, Kind.EXIT, PTRACE_EVENT_EXIT, waitStatus);
    }

    /**
     * On the way to guest code: stops for a group stop, or because a tracer asked for it
     * (do_jobctl_trap).
     */
    static boolean trap(Task task, @Nullable Restarting restart) {
        if (!wantsTrap(task)) {
            return false;
        }
        Tracing tracing = task.tracing();
        ThreadGroup group = task.group();
        int stopSignal = group.stopSignal();
        boolean groupStop = joinsGroupStop(task);
        tracing.takeStop(group.stopCount());
        if (!tracing.isSeized()) {
            return groupStop && Ptrace.stop(task, new Stop(Kind.GROUP, stopSignal), null, restart);
        }
        int signal = stopSignal == 0 ? SIGTRAP : stopSignal;
        int code = signal | PTRACE_EVENT_STOP << EVENT_SHIFT;
        tracing.setMessage(0);
        SigInfo info = SigInfo.kill(signal, code, task.tid(), task.credentials().uid());
        return Ptrace.stop(task, new Stop(Kind.TRAP, code), info, restart);
    }

    /** Whether {@link #trap} would stop. */
    static boolean wantsTrap(Task task) {
        return task.tracing().isTraced()
                && !task.isKilled()
                && (joinsGroupStop(task) || task.tracing().isTrapWanted());
    }

    private static boolean joinsGroupStop(Task task) {
        ThreadGroup group = task.group();
        return group.stopSignal() != 0 && task.tracing().stopTaken() != group.stopCount();
    }

    /** Stops before a signal is acted upon (ptrace_signal). */
    static boolean stopForSignal(Task task, SigInfo info, @Nullable Restarting restart) {
        return task.tracing().isTraced()
                && Ptrace.stop(task, new Stop(Kind.SIGNAL, info.signal()), info, restart);
    }

    /** The signal that a tracer lets a tracee have after such a stop, or null. */
    static @Nullable SigInfo takeInjected(Task task) {
        Tracing tracing = task.tracing();
        int signal = tracing.injected();
        byte[] bytes = tracing.information();
        if (signal == 0 || bytes == null) {
            return null;
        }
        SigInfo info = SigInfo.readFrom(ByteBuffer.wrap(bytes));
        if (info.signal() != signal) {
            Task tracer = tracing.tracer();
            int pid = tracer == null ? 0 : tracer.group().pid().in(task.namespace());
            int uid = tracer == null ? 0 : tracer.credentials().uid();
            info = SigInfo.kill(signal, SI_USER, pid, uid);
        }
        KernelLock lock = task.group().handlers().lock();
        lock.lock();
        try {
            if (SignalSet.has(task.signalMask(), signal)) {
                task.pendingLocked().add(info);
                return null;
            }
        } finally {
            lock.unlock();
        }
        return info;
    }

    /** A step led into a signal handler: stops at its first instruction (signal_setup_done). */
    static boolean stopAtHandler(Task task, boolean stepping) {
        return stepping && task.tracing().isTraced() && Ptrace.stop(task, Kind.EVENT, SIGTRAP, 0);
    }
}
