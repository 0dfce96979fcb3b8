package dev.runsc.kernel.syscalls;

import static dev.runsc.gofer.abi.SignalNumbers.*;

import dev.runsc.gofer.abi.Capabilities;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.gofer.abi.SigInfo;
import dev.runsc.gofer.abi.Sigaction;
import dev.runsc.gofer.abi.StackT;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.platform.Register;
import dev.runsc.kernel.sync.InterruptedSyscall;
import dev.runsc.kernel.sync.Interruptible;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.ThreadWaiter;
import dev.runsc.kernel.task.PidFd;
import dev.runsc.kernel.task.ProcessGroup;
import dev.runsc.kernel.task.ProcessGroups;
import dev.runsc.kernel.task.Signals;
import dev.runsc.kernel.task.SyscallDispatcher;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.task.ThreadGroup;
import dev.runsc.kernel.task.signal.AltStack;
import dev.runsc.kernel.task.signal.SignalFrame;
import dev.runsc.kernel.task.signal.SignalHandlers.Action;
import dev.runsc.kernel.task.signal.SignalSet;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Signals: sending, actions, masks, waiting, and the return from a handler. */
final class SignalCalls {
    private static final int SET_BYTES = 8;
    private static final int MINIMUM_STACK_BYTES = 2048;

    private SignalCalls() {}

    static long rt_sigaction(Task task, Args args) throws ErrnoException {
        int signal = args.integer(0);
        requireSetSize(args.size(3));
        if (!SignalSet.isValid(signal)) {
            throw Errno.EINVAL.error();
        }
        long newAddress = args.address(1);
        Sigaction wanted =
                newAddress == 0
                        ? null
                        : Sigaction.readFrom(Users.read(task, newAddress, Sigaction.BYTES));
        if (wanted != null && SignalSet.has(SignalSet.UNBLOCKABLE, signal)) {
            throw Errno.EINVAL.error();
        }
        Action old = exchange(task, signal, wanted);
        if (args.address(2) != 0) {
            Users.write(
                    task,
                    args.address(2),
                    new Sigaction(old.handler(), old.flags(), old.restorer(), old.mask()));
        }
        return 0;
    }

    private static Action exchange(Task task, int signal, @Nullable Sigaction wanted) {
        var handlers = task.group().handlers();
        KernelLock lock = handlers.lock();
        task.taskSet().lock().lock();
        lock.lock();
        try {
            Action old = handlers.actionLocked(signal);
            if (wanted != null) {
                handlers.setActionLocked(
                        signal,
                        new Action(
                                wanted.handlerAddress(),
                                wanted.flags(),
                                wanted.restorerAddress(),
                                wanted.mask() & ~SignalSet.UNBLOCKABLE));
                // POSIX: a pending signal whose action becomes "ignore" is discarded, blocked or
                // not.
                if (handlers.ignoresLocked(signal)) {
                    Signals.discardLocked(task.group(), SignalSet.of(signal));
                }
            }
            return old;
        } finally {
            lock.unlock();
            task.taskSet().lock().unlock();
        }
    }

    private static void requireSetSize(long size) throws ErrnoException {
        if (size != SET_BYTES) {
            throw Errno.EINVAL.error();
        }
    }

    static long rt_sigprocmask(Task task, Args args) throws ErrnoException {
        requireSetSize(args.size(3));
        long old = task.signalMask();
        if (args.address(1) != 0) {
            long set = task.memory().readLong(args.address(1));
            task.setSignalMask(
                    switch (args.integer(0)) {
                        case SIG_BLOCK -> old | set;
                        case SIG_UNBLOCK -> old & ~set;
                        case SIG_SETMASK -> set;
                        default -> throw Errno.EINVAL.error();
                    });
        }
        if (args.address(2) != 0) {
            task.memory().writeLong(args.address(2), old);
        }
        return 0;
    }

    static long rt_sigpending(Task task, Args args) throws ErrnoException {
        if (Long.compareUnsigned(args.size(1), SET_BYTES) > 0) {
            throw Errno.EINVAL.error();
        }
        long set;
        KernelLock lock = task.group().handlers().lock();
        lock.lock();
        try {
            set = task.pendingLocked().set() | task.group().pendingLocked().set();
        } finally {
            lock.unlock();
        }
        task.memory().writeLong(args.address(0), set & task.signalMask());
        return 0;
    }

    static long rt_sigsuspend(Task task, Args args) throws ErrnoException {
        requireSetSize(args.size(1));
        task.setTemporaryMask(task.memory().readLong(args.address(0)));
        task.blocking().sleepUntil(Interruptible.FOREVER, InterruptedSyscall.NO_HANDLER);
        throw Errno.EINTR.error();
    }

    static long pause(Task task, Args args) throws ErrnoException {
        task.blocking().sleepUntil(Interruptible.FOREVER, InterruptedSyscall.NO_HANDLER);
        throw Errno.EINTR.error();
    }

    static long rt_sigtimedwait(Task task, Args args) throws ErrnoException {
        requireSetSize(args.size(3));
        long set = task.memory().readLong(args.address(0)) & ~SignalSet.UNBLOCKABLE;
        long timeout = Users.readTimeout(task, args.address(2));
        SigInfo info = await(task, set, task.blocking().deadline(timeout));
        if (args.address(1) != 0) {
            Users.write(task, args.address(1), info);
        }
        return info.signal();
    }

    private static SigInfo await(Task task, long set, long deadline) throws ErrnoException {
        ThreadWaiter waiter = new ThreadWaiter();
        task.group().signalEvents().add(waiter, PollEvents.POLLIN);
        task.setWaitedFor(set);
        try {
            while (true) {
                SigInfo info = Signals.take(task, set);
                if (info != null) {
                    return info;
                }
                switch (task.sleep(waiter, deadline)) {
                    case NOTIFIED -> {}
                    case TIMED_OUT -> throw Errno.EAGAIN.error();
                    case INTERRUPTED -> {
                        info = Signals.take(task, set);
                        if (info != null) {
                            return info;
                        }
                        throw InterruptedSyscall.NO_HANDLER;
                    }
                }
            }
        } finally {
            task.setWaitedFor(0);
            task.group().signalEvents().remove(waiter);
        }
    }

    static long rt_sigreturn(Task task, Args args) {
        try {
            SignalFrame.Restored restored =
                    SignalFrame.pop(
                            task.context(), task.memory(), task.taskSet().host().platform());
            task.setSignalMask(restored.mask());
            StackT stack = restored.altStack();
            if ((stack.flags() & AltStack.SS_DISABLE) != 0) {
                task.altStack().disable();
            } else if (stack.sizeBytes() >= MINIMUM_STACK_BYTES) {
                task.altStack()
                        .set(
                                stack.baseAddress(),
                                stack.sizeBytes(),
                                stack.flags() & AltStack.SS_AUTODISARM);
            }
        } catch (ErrnoException badFrame) {
            Signals.force(task, SigInfo.kill(SIGSEGV, SI_KERNEL, 0, 0));
        }
        return SyscallDispatcher.NO_RESULT;
    }

    static long sigaltstack(Task task, Args args) throws ErrnoException {
        long stackPointer = task.context().register(Register.RSP);
        AltStack altStack = task.altStack();
        StackT old = altStack.view(stackPointer);
        if (args.address(0) != 0) {
            StackT wanted = StackT.readFrom(Users.read(task, args.address(0), StackT.BYTES));
            if (altStack.contains(stackPointer)) {
                throw Errno.EPERM.error();
            }
            int mode = wanted.flags() & ~AltStack.SS_AUTODISARM;
            if (mode != 0 && mode != AltStack.SS_DISABLE && mode != AltStack.SS_ONSTACK) {
                throw Errno.EINVAL.error();
            }
            if (mode == AltStack.SS_DISABLE) {
                altStack.disable();
            } else if (Long.compareUnsigned(wanted.sizeBytes(), MINIMUM_STACK_BYTES) < 0) {
                throw Errno.ENOMEM.error();
            } else {
                altStack.set(
                        wanted.baseAddress(),
                        wanted.sizeBytes(),
                        wanted.flags() & AltStack.SS_AUTODISARM);
            }
        }
        if (args.address(1) != 0) {
            Users.write(task, args.address(1), old);
        }
        return 0;
    }

    // Sending.

    static long kill(Task task, Args args) throws ErrnoException {
        int pid = args.integer(0);
        int signal = args.integer(1);
        if (pid > 0) {
            ThreadGroup group = findGroupOfTask(task, pid);
            requireSignalOrZero(signal);
            requirePermission(task, group, signal);
            send(task, group, signal);
            return 0;
        }
        List<ThreadGroup> targets = targets(task, pid);
        if (targets.isEmpty()) {
            throw Errno.ESRCH.error();
        }
        requireSignalOrZero(signal);
        boolean sent = false;
        for (ThreadGroup target : targets) {
            if (mayKill(task, target, signal)) {
                send(task, target, signal);
                sent = true;
            }
        }
        if (!sent) {
            throw Errno.EPERM.error();
        }
        return 0;
    }

    private static ThreadGroup findGroupOfTask(Task task, int pid) throws ErrnoException {
        return Processes.requireTask(task, pid).group();
    }

    private static List<ThreadGroup> targets(Task task, int pid) throws ErrnoException {
        if (pid == Integer.MIN_VALUE) {
            throw Errno.ESRCH.error();
        }
        if (pid != -1) {
            ProcessGroup group =
                    pid == 0 ? task.group().processGroup() : ProcessGroups.find(task, -pid);
            return group == null ? List.of() : group.members();
        }
        List<ThreadGroup> all = new ArrayList<>();
        task.taskSet().lock().lock();
        try {
            for (ThreadGroup group : task.namespace().groups()) {
                if (group != task.group() && group != task.namespace().init()) {
                    all.add(group);
                }
            }
        } finally {
            task.taskSet().lock().unlock();
        }
        return all;
    }

    private static void send(Task task, ThreadGroup group, int signal) {
        if (signal != 0) {
            Signals.sendToGroup(group, userInfo(task, group.leader(), signal, SI_USER));
        }
    }

    private static SigInfo userInfo(Task sender, Task target, int signal, int code) {
        return SigInfo.kill(
                signal,
                code,
                sender.group().pid().in(target.namespace()),
                target.credentials().namespace().shownUid(sender.credentials().uid()));
    }

    static long tgkill(Task task, Args args) throws ErrnoException {
        return threadKill(task, args.integer(0), args.integer(1), args.integer(2));
    }

    static long tkill(Task task, Args args) throws ErrnoException {
        return threadKill(task, 0, args.integer(0), args.integer(1));
    }

    private static long threadKill(Task task, int pid, int tid, int signal) throws ErrnoException {
        if (tid <= 0 || pid < 0) {
            throw Errno.EINVAL.error();
        }
        Task target = Processes.requireTask(task, tid);
        if (pid != 0 && target.group().pid().in(task.namespace()) != pid) {
            throw Errno.ESRCH.error();
        }
        requireSignalOrZero(signal);
        requirePermission(task, target.group(), signal);
        if (signal != 0) {
            Signals.sendToTask(target, userInfo(task, target, signal, SI_TKILL));
        }
        return 0;
    }

    static long rt_sigqueueinfo(Task task, Args args) throws ErrnoException {
        return queue(task, findGroupOfTask(task, args.integer(0)), null, args, 1, 2);
    }

    static long rt_tgsigqueueinfo(Task task, Args args) throws ErrnoException {
        Task target = Processes.requireTask(task, args.integer(1));
        if (target.group().pid().in(task.namespace()) != args.integer(0)) {
            throw Errno.ESRCH.error();
        }
        return queue(task, target.group(), target, args, 2, 3);
    }

    private static long queue(
            Task task,
            ThreadGroup group,
            @Nullable Task target,
            Args args,
            int signalIndex,
            int infoIndex)
            throws ErrnoException {
        int signal = args.integer(signalIndex);
        requireSignalOrZero(signal);
        SigInfo info =
                SigInfo.readFrom(Users.read(task, args.address(infoIndex), SigInfo.BYTES))
                        .withSignal(signal);
        if ((info.code() >= 0 || info.code() == SI_TKILL) && group != task.group()) {
            throw Errno.EPERM.error();
        }
        requirePermission(task, group, signal);
        if (signal != 0) {
            Signals.queue(group, target, info);
        }
        return 0;
    }

    static long pidfd_send_signal(Task task, Args args) throws ErrnoException {
        if (args.integer(3) != 0) {
            throw Errno.EINVAL.error();
        }
        ThreadGroup group = PidFd.requireOrPlace(task.files().require(args.integer(0)));
        int signal = args.integer(1);
        if (!task.namespace().isAncestorOf(group.leader().namespace())) {
            throw Errno.EINVAL.error();
        }
        requireSignalOrZero(signal);
        if (group.isReaped()) {
            throw Errno.ESRCH.error();
        }
        requirePermission(task, group, signal);
        if (signal == 0) {
            return 0;
        }
        if (args.address(2) == 0) {
            send(task, group, signal);
            return 0;
        }
        SigInfo info = SigInfo.readFrom(Users.read(task, args.address(2), SigInfo.BYTES));
        if (info.signal() != signal) {
            throw Errno.EINVAL.error();
        }
        if ((info.code() >= 0 || info.code() == SI_TKILL) && group != task.group()) {
            throw Errno.EPERM.error();
        }
        Signals.queue(group, null, info);
        return 0;
    }

    private static void requireSignalOrZero(int signal) throws ErrnoException {
        if (signal != 0 && !SignalSet.isValid(signal)) {
            throw Errno.EINVAL.error();
        }
    }

    private static void requirePermission(Task task, ThreadGroup target, int signal)
            throws ErrnoException {
        if (!mayKill(task, target, signal)) {
            throw Errno.EPERM.error();
        }
    }

    /**
     * kill(2): same real or effective user as the target's real or saved one, CAP_KILL, or SIGCONT
     * in the session.
     */
    private static boolean mayKill(Task task, ThreadGroup target, int signal) {
        Credentials sender = task.credentials();
        Credentials receiver = target.leader().credentials();
        return target == task.group()
                || sender.effectiveUid() == receiver.savedUid()
                || sender.effectiveUid() == receiver.uid()
                || sender.uid() == receiver.savedUid()
                || sender.uid() == receiver.uid()
                || sender.hasIn(receiver.namespace(), Capabilities.CAP_KILL)
                || signal == SIGCONT && target.session() == task.group().session();
    }
}
