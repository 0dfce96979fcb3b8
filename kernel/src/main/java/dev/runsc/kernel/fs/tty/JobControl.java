package dev.runsc.kernel.fs.tty;

import static dev.runsc.gofer.abi.SignalNumbers.SIGCONT;
import static dev.runsc.gofer.abi.SignalNumbers.SIGHUP;
import static dev.runsc.gofer.abi.SignalNumbers.SIGINT;
import static dev.runsc.gofer.abi.SignalNumbers.SIGQUIT;
import static dev.runsc.gofer.abi.SignalNumbers.SIGTSTP;
import static dev.runsc.gofer.abi.SignalNumbers.SIGTTIN;
import static dev.runsc.gofer.abi.SignalNumbers.SI_KERNEL;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.Capabilities;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.SigInfo;
import dev.runsc.kernel.sync.InterruptedSyscall;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.task.PidNamespace;
import dev.runsc.kernel.task.ProcessGroup;
import dev.runsc.kernel.task.Session;
import dev.runsc.kernel.task.Signals;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.task.TaskSet;
import dev.runsc.kernel.task.ThreadGroup;
import dev.runsc.kernel.task.signal.SignalSet;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.CallerAs;
import dev.runsc.state.Savable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A terminal's place in the task tree: whose controlling terminal it is and which process group is
 * in the foreground (drivers/tty/tty_jobctrl.c). Guarded by the task set's lock.
 */
final class JobControl implements Savable {
    /** The signals that can be typed, in the order they are sent. */
    static final int[] TYPED = {SIGINT, SIGQUIT, SIGTSTP};

    private final Terminal terminal;
    private final TaskSet tasks;
    private @Nullable Session session;
    private @Nullable ProcessGroup foreground;

    JobControl(Terminal terminal, TaskSet tasks) {
        this.terminal = terminal;
        this.tasks = tasks;
    }

    private KernelLock lock() {
        return tasks.lock();
    }

    /** The task that asks, or null for the kernel itself. */
    static @Nullable Task findTask(Caller caller) {
        Caller asking = caller;
        while (asking instanceof CallerAs as) {
            asking = as.caller();
        }
        return asking instanceof Task task ? task : null;
    }

    private static Task requireTask(Caller caller) throws ErrnoException {
        Task task = findTask(caller);
        if (task == null) {
            throw Errno.ENOTTY.error();
        }
        return task;
    }

    @SuppressWarnings("ReferenceEquality") // which terminal it is, not what it looks like
    private boolean controls(Task task) {
        return task.group().terminal() == terminal;
    }

    private static void send(List<ThreadGroup> processes, int signal) {
        for (ThreadGroup process : processes) {
            Signals.sendToGroup(process, SigInfo.kill(signal, SI_KERNEL, 0, 0));
        }
    }

    // Signals.

    List<ThreadGroup> foregroundProcesses() {
        lock().lock();
        try {
            return foreground == null ? List.of() : foreground.members();
        } finally {
            lock().unlock();
        }
    }

    void signalForeground(int signal) {
        send(foregroundProcesses(), signal);
    }

    /**
     * Stops a background process that reads, writes or changes modes; the call is repeated once it
     * is continued (tty_check_change).
     *
     * @param signal SIGTTIN or SIGTTOU
     * @throws ErrnoException EIO when nobody could continue it, and for reads when the signal is
     *     ignored
     */
    void check(Caller caller, int signal) throws ErrnoException {
        Task task = findTask(caller);
        if (task == null) {
            return;
        }
        List<ThreadGroup> background;
        lock().lock();
        try {
            ProcessGroup own = task.group().processGroup();
            if (!controls(task) || foreground == null || isSame(own, foreground)) {
                return;
            }
            if (ignores(task, signal)) {
                if (signal == SIGTTIN) {
                    throw Errno.EIO.error();
                }
                return;
            }
            if (own.isOrphaned()) {
                throw Errno.EIO.error();
            }
            background = own.members();
        } finally {
            lock().unlock();
        }
        send(background, signal);
        throw InterruptedSyscall.SYSTEM;
    }

    @SuppressWarnings("ReferenceEquality")
    private static boolean isSame(@Nullable Object one, @Nullable Object other) {
        return one == other;
    }

    private static boolean ignores(Task task, int signal) {
        KernelLock handlers = task.group().handlers().lock();
        handlers.lock();
        try {
            return SignalSet.has(task.signalMask(), signal)
                    || task.group().handlers().actionLocked(signal).isIgnore();
        } finally {
            handlers.unlock();
        }
    }

    // Whose it is.

    /** A session leader without a terminal opened this one, which is nobody's: it gets it. */
    void opened(Caller caller) {
        Task task = findTask(caller);
        if (task == null) {
            return;
        }
        lock().lock();
        try {
            ThreadGroup group = task.group();
            if (isSame(group.session().leader(), group)
                    && group.session().terminal() == null
                    && session == null) {
                take(group);
            }
        } finally {
            lock().unlock();
        }
    }

    @GuardedBy("lock()")
    private void take(ThreadGroup group) {
        session = group.session();
        foreground = group.processGroup();
        group.session().setTerminal(terminal);
        group.setWithoutTerminal(false);
    }

    /** TIOCSCTTY. */
    void makeControlling(Caller caller, boolean steal, boolean readable) throws ErrnoException {
        Task task = requireTask(caller);
        boolean administrator = caller.credentials().has(Capabilities.CAP_SYS_ADMIN);
        lock().lock();
        try {
            ThreadGroup group = task.group();
            boolean leads = isSame(group.session().leader(), group);
            if (leads && isSame(group.session(), session)) {
                return;
            }
            if (!leads || group.session().terminal() != null) {
                throw Errno.EPERM.error();
            }
            if (session != null) {
                if (!steal || !administrator) {
                    throw Errno.EPERM.error();
                }
                session.setTerminal(null);
            }
            if (!readable && !administrator) {
                throw Errno.EPERM.error();
            }
            take(group);
        } finally {
            lock().unlock();
        }
    }

    /** Makes it the controlling terminal of a process that has not run yet. */
    void giveTo(ThreadGroup leader) {
        lock().lock();
        try {
            take(leader);
        } finally {
            lock().unlock();
        }
    }

    /** TIOCNOTTY: a session leader gives it up for all, others for themselves. */
    void giveUp(Caller caller) throws ErrnoException {
        Task task = requireTask(caller);
        List<ThreadGroup> lost = List.of();
        lock().lock();
        try {
            ThreadGroup group = task.group();
            if (!controls(task)) {
                throw Errno.ENOTTY.error();
            }
            if (isSame(group.session().leader(), group)) {
                lost = foreground == null ? List.of() : foreground.members();
                release();
            } else {
                group.setWithoutTerminal(true);
            }
        } finally {
            lock().unlock();
        }
        send(lost, SIGHUP);
        send(lost, SIGCONT);
    }

    @GuardedBy("lock()")
    private void release() {
        if (session != null) {
            session.setTerminal(null);
        }
        session = null;
        foreground = null;
    }

    /** The session leader has ended (disassociate_ctty). The caller holds the task set's lock. */
    void leaderExited() {
        List<ThreadGroup> lost = foregroundProcesses();
        lock().lock();
        try {
            release();
        } finally {
            lock().unlock();
        }
        send(lost, SIGHUP);
    }

    /**
     * The line is dead: the session leader is told, and the foreground group when he ends
     * (__tty_hangup).
     */
    void hangUp() {
        ThreadGroup leader = null;
        lock().lock();
        try {
            if (session != null) {
                leader = session.leader();
                session.setLostForeground(foreground);
            }
            release();
        } finally {
            lock().unlock();
        }
        if (leader != null) {
            send(List.of(leader), SIGHUP);
            send(List.of(leader), SIGCONT);
        }
    }

    // Groups.

    /** The foreground group's number, -1 when there is none. */
    int foregroundGroup(PidNamespace view) {
        lock().lock();
        try {
            return foreground == null ? -1 : foreground.numbers().in(view);
        } finally {
            lock().unlock();
        }
    }

    /** TIOCGPGRP; the master may ask without being controlled. */
    int foregroundGroup(Caller caller, boolean isMaster) throws ErrnoException {
        Task task = requireTask(caller);
        lock().lock();
        try {
            if (!isMaster && !controls(task)) {
                throw Errno.ENOTTY.error();
            }
            return foreground == null ? 0 : foreground.numbers().in(task.namespace());
        } finally {
            lock().unlock();
        }
    }

    /** TIOCGSID. */
    int sessionNumber(Caller caller, boolean isMaster) throws ErrnoException {
        Task task = requireTask(caller);
        lock().lock();
        try {
            if (!isMaster && !controls(task) || session == null) {
                throw Errno.ENOTTY.error();
            }
            return session.numbers().in(task.namespace());
        } finally {
            lock().unlock();
        }
    }

    /** TIOCSPGRP, after {@link #check}. */
    void setForegroundGroup(Caller caller, int number) throws ErrnoException {
        if (number < 0) {
            throw Errno.EINVAL.error();
        }
        Task task = requireTask(caller);
        lock().lock();
        try {
            if (!controls(task) || !isSame(session, task.group().session())) {
                throw Errno.ENOTTY.error();
            }
            ProcessGroup wanted = task.namespace().findProcessGroup(number);
            if (wanted == null) {
                throw Errno.ESRCH.error();
            }
            if (!isSame(wanted.session(), session)) {
                throw Errno.EPERM.error();
            }
            foreground = wanted;
        } finally {
            lock().unlock();
        }
    }
}
