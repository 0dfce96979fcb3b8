package dev.runsc.kernel.task;

import static dev.runsc.gofer.abi.SeccompConstants.*;
import static dev.runsc.gofer.abi.SignalNumbers.SIGKILL;
import static dev.runsc.gofer.abi.SignalNumbers.SIGSYS;
import static dev.runsc.gofer.abi.SignalNumbers.SYS_SECCOMP;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.SigInfo;
import dev.runsc.gofer.abi.SyscallNumbers;
import dev.runsc.kernel.platform.GuestContext;
import dev.runsc.kernel.platform.Register;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.task.seccomp.BpfProgram;
import dev.runsc.kernel.task.seccomp.CallData;
import dev.runsc.kernel.task.seccomp.Notifications;
import dev.runsc.kernel.task.seccomp.SeccompFilter;
import dev.runsc.kernel.task.seccomp.SeccompFilter.Verdict;
import dev.runsc.kernel.task.seccomp.SeccompMode;
import dev.runsc.kernel.task.seccomp.SeccompMode.Filtered;
import dev.runsc.kernel.task.seccomp.SeccompMode.Strict;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * Restricting a task's calls (Linux kernel/seccomp.c): who gets which filters, and what comes of
 * their answers.
 */
public final class Seccomp {
    /** MAX_INSNS_PER_PATH: 256 KiB of instructions in all filters of a task. */
    private static final int INSTRUCTIONS_LIMIT = 32768;

    private static final int MAX_ERRNO = 4095;

    private Seccomp() {}

    // ---- Before each call; by the task's own thread

    /**
     * What the task does instead of the call in its registers, or null when it may make it.
     *
     * @param answered the tracer has had its say where a filter asks for that
     */
    static @Nullable RunState check(Task task, SeccompMode mode, boolean answered) {
        // Not a switch over types: it takes 10 ms the first time, at the start of a container.
        return mode instanceof Filtered filtered
                ? checkFiltered(task, filtered, answered)
                : checkStrict(task);
    }

    private static @Nullable RunState checkStrict(Task task) {
        long number = task.context().register(Register.RAX);
        boolean allowed =
                number == SyscallNumbers.SYS_read
                        || number == SyscallNumbers.SYS_write
                        || number == SyscallNumbers.SYS_exit
                        || number == SyscallNumbers.SYS_rt_sigreturn;
        return allowed ? null : new RunState.Exiting(SIGKILL);
    }

    private static @Nullable RunState checkFiltered(Task task, Filtered mode, boolean answered) {
        if (mode.noNewPrivileges() && !task.credentials().noNewPrivileges()) {
            task.setCredentials(task.credentials().withNoNewPrivileges());
        }
        GuestContext context = task.context();
        long number = context.register(Register.RAX);
        if (mode.filter().alwaysAllows(number)) {
            return null;
        }
        CallData call = describe(context);
        Verdict verdict = mode.filter().evaluate(call);
        int action = verdict.action();
        if (verdict.logs() || action == SECCOMP_RET_LOG) {
            log(task, call, verdict);
        }
        return switch (action) {
            case SECCOMP_RET_ALLOW, SECCOMP_RET_LOG -> null;
            case SECCOMP_RET_ERRNO -> {
                context.setRegister(Register.RAX, -(long) Math.min(verdict.data(), MAX_ERRNO));
                yield RunState.IN_APP;
            }
            case SECCOMP_RET_TRAP -> {
                Signals.force(task, information(context, call, verdict));
                yield RunState.IN_APP;
            }
            case SECCOMP_RET_TRACE ->
                    answered
                            ? null
                            : orNothing(task, TracedCalls.stopForFilter(task, verdict.data()));
            case SECCOMP_RET_USER_NOTIF ->
                    orNothing(task, Supervision.ask(task, verdict.notifications(), call, answered));
            case SECCOMP_RET_KILL_THREAD -> {
                log(task, call, verdict);
                yield new RunState.Exiting(SIGSYS);
            }
            default -> {
                log(task, call, verdict);
                yield TaskExit.groupExit(task, SIGSYS);
            }
        };
    }

    private static CallData describe(GuestContext context) {
        return new CallData(
                (int) context.register(Register.RAX),
                context.register(Register.RIP),
                context.register(Register.RDI),
                context.register(Register.RSI),
                context.register(Register.RDX),
                context.register(Register.R10),
                context.register(Register.R8),
                context.register(Register.R9));
    }

    private static SigInfo information(GuestContext context, CallData call, Verdict verdict) {
        return SigInfo.sys(
                SYS_SECCOMP,
                verdict.data(),
                context.register(Register.RIP),
                call.number(),
                AUDIT_ARCH_X86_64);
    }

    /** Without anybody to ask, the call is one that does not exist. */
    private static RunState orNothing(Task task, @Nullable RunState next) {
        if (next != null) {
            return next;
        }
        task.context().setRegister(Register.RAX, Errno.ENOSYS.result());
        return RunState.IN_APP;
    }

    private static void log(Task task, CallData call, Verdict verdict) {
        Logger log = System.getLogger(Seccomp.class.getName());
        if (log.isLoggable(Level.DEBUG)) {
            log.log(
                    Level.DEBUG,
                    String.format(
                            "seccomp: task %d (%s): call %d, ip 0x%x, answer 0x%x",
                            task.tid(),
                            task.name(),
                            call.number(),
                            task.context().register(Register.RIP),
                            verdict.result()));
        }
    }

    // ---- Getting restricted

    /** A process that has not run yet begins under a filter, or under none. */
    public static void begin(Task task, @Nullable SeccompFilter filter) {
        if (filter == null) {
            return;
        }
        KernelLock lock = task.taskSet().lock();
        lock.lock();
        try {
            task.setSeccompLocked(new Filtered(filter, false));
        } finally {
            lock.unlock();
        }
    }

    /** SECCOMP_SET_MODE_STRICT; EINVAL under filters. */
    public static void makeStrict(Task task) throws ErrnoException {
        KernelLock lock = task.taskSet().lock();
        lock.lock();
        try {
            if (task.findSeccomp() instanceof Filtered) {
                throw Errno.EINVAL.error();
            }
            task.setSeccompLocked(SeccompMode.STRICT);
        } finally {
            lock.unlock();
        }
    }

    /**
     * SECCOMP_SET_MODE_FILTER (seccomp_attach_filter).
     *
     * @param logs SECCOMP_FILTER_FLAG_LOG
     * @param allThreads SECCOMP_FILTER_FLAG_TSYNC: the other threads get all filters of this one
     * @param notifications where it has supervisors asked
     * @return the first thread that has filters of its own and cannot; null when it is done
     * @throws ErrnoException EINVAL in strict mode, ENOMEM for too many instructions, EBUSY for a
     *     second listener
     */
    public static @Nullable Task addFilter(
            Task task,
            BpfProgram program,
            boolean logs,
            boolean allThreads,
            @Nullable Notifications notifications)
            throws ErrnoException {
        KernelLock lock = task.taskSet().lock();
        lock.lock();
        try {
            SeccompMode mode = task.findSeccomp();
            if (mode instanceof Strict) {
                throw Errno.EINVAL.error();
            }
            SeccompFilter previous = mode instanceof Filtered filtered ? filtered.filter() : null;
            if (notifications != null && SeccompFilter.hasListener(previous)) {
                throw Errno.EBUSY.error();
            }
            if (program.length() + SeccompFilter.instructionCount(previous) > INSTRUCTIONS_LIMIT) {
                throw Errno.ENOMEM.error();
            }
            if (allThreads) {
                for (Task thread : task.group().threadsLocked()) {
                    if (thread != task && !mayFollow(thread, previous)) {
                        return thread;
                    }
                }
            }
            SeccompFilter filter = new SeccompFilter(program, previous, logs, notifications);
            boolean noNewPrivileges = task.credentials().noNewPrivileges();
            task.setSeccompLocked(new Filtered(filter, noNewPrivileges));
            if (allThreads) {
                for (Task thread : task.group().threadsLocked()) {
                    thread.setSeccompLocked(new Filtered(filter, noNewPrivileges));
                }
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    /** Whether a thread loses nothing when it gets another's filters (seccomp_can_sync_threads). */
    private static boolean mayFollow(Task thread, @Nullable SeccompFilter filters) {
        SeccompMode mode = thread.findSeccomp();
        if (mode == null) {
            return true;
        }
        return mode instanceof Filtered filtered
                && SeccompFilter.isAncestor(filtered.filter(), filters);
    }
}
