package dev.runsc.kernel.task;

import static dev.runsc.gofer.abi.CloneFlags.CLONE_CHILD_CLEARTID;
import static dev.runsc.gofer.abi.CloneFlags.CLONE_CHILD_SETTID;
import static dev.runsc.gofer.abi.CloneFlags.CLONE_FILES;
import static dev.runsc.gofer.abi.CloneFlags.CLONE_FS;
import static dev.runsc.gofer.abi.CloneFlags.CLONE_NEWNS;
import static dev.runsc.gofer.abi.CloneFlags.CLONE_PARENT;
import static dev.runsc.gofer.abi.CloneFlags.CLONE_PARENT_SETTID;
import static dev.runsc.gofer.abi.CloneFlags.CLONE_SETTLS;
import static dev.runsc.gofer.abi.CloneFlags.CLONE_SIGHAND;
import static dev.runsc.gofer.abi.CloneFlags.CLONE_SYSVSEM;
import static dev.runsc.gofer.abi.CloneFlags.CLONE_THREAD;
import static dev.runsc.gofer.abi.CloneFlags.CLONE_VFORK;
import static dev.runsc.gofer.abi.CloneFlags.CLONE_VM;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.RLimits;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.cgroup.ControlGroup;
import dev.runsc.kernel.cgroup.Membership;
import dev.runsc.kernel.ipc.UndoList;
import dev.runsc.kernel.memory.MemoryManager;
import dev.runsc.kernel.platform.CpuState;
import dev.runsc.kernel.platform.Register;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.task.signal.SignalHandlers;
import dev.runsc.kernel.vfs.FdTable;
import dev.runsc.kernel.vfs.FsContext;
import dev.runsc.kernel.vfs.MountOperations;
import org.jspecify.annotations.Nullable;

/** New tasks: clone(2) and the first process of a container (Linux kernel/fork.c, copy_process). */
public final class TaskBirth {
    private TaskBirth() {}

    /**
     * What clone was asked.
     *
     * @param flags CLONE_*, without the exit signal
     * @param stackPointer 0 to go on with the parent's
     * @param group where it is to be born (CLONE_INTO_CGROUP); null for its parent's
     */
    public record Request(
            long flags,
            int exitSignal,
            long stackPointer,
            long parentTidAddress,
            long childTidAddress,
            long tls,
            @Nullable ControlGroup group) {
        /** In the control group of its parent. */
        public Request(
                long flags,
                int exitSignal,
                long stackPointer,
                long parentTidAddress,
                long childTidAddress,
                long tls) {
            this(flags, exitSignal, stackPointer, parentTidAddress, childTidAddress, tls, null);
        }

        boolean has(int flag) {
            return (flags & flag) != 0;
        }
    }

    /**
     * Makes a child of a running task and starts it. The caller has checked the flags against each
     * other.
     */
    public static Task clone(Task parent, Request request) throws ErrnoException {
        checkProcessLimit(parent);
        TaskSet taskSet = parent.taskSet();
        ThreadGroup parentGroup = parent.group();
        Credentials credentials = NewNamespaces.credentials(parent, request.flags);
        FsContext fs = context(parent, request, credentials);
        MemoryManager memory = parent.memory();
        ResourceLimits limits =
                request.has(CLONE_THREAD) ? parentGroup.limits() : parentGroup.limits().copy();
        if (request.has(CLONE_VM)) {
            memory.retain();
        } else {
            memory = memory.fork(taskSet.host().platform(), limits);
        }
        Task child;
        try {
            NamespaceSet namespaces =
                    NewNamespaces.make(parent, request.flags, credentials.namespace());
            child = new Task(parts(parent, request, memory, fs, credentials, namespaces));
        } catch (ErrnoException refused) {
            memory.release();
            throw refused;
        }
        child.inheritFrom(parent);
        if (request.has(CLONE_SYSVSEM)) {
            shareSemaphoreUndos(parent, child);
        }
        if (request.has(CLONE_VM) && !request.has(CLONE_VFORK)) {
            child.altStack().disable();
        }
        try {
            enroll(parent, child, request, limits);
        } catch (ErrnoException refused) {
            child.files().release(parent);
            SemaphoreUndos.release(child, parent);
            child.namespaces().release();
            memory.release();
            throw refused;
        }
        int tidForChild = child.numbers().own();
        int tidForParent = child.numbers().in(parent.namespace());
        if (request.has(CLONE_CHILD_CLEARTID)) {
            child.setClearChildTidAddress(request.childTidAddress);
        }
        if (request.has(CLONE_PARENT_SETTID)) {
            writeTid(parent.memory(), request.parentTidAddress, tidForParent);
        }
        if (request.has(CLONE_CHILD_SETTID)) {
            writeTid(memory, request.childTidAddress, tidForChild);
        }
        if (request.has(CLONE_VFORK)) {
            parent.setState(new RunState.VforkWaiting(child));
        }
        TaskObserver observer = taskSet.observer();
        if (observer != null) {
            observer.cloned(parent, child);
        }
        child.start();
        return child;
    }

    /** As Linux put_user in copy_process: a bad address does not undo the birth. */
    private static void writeTid(MemoryManager memory, long address, int tid) {
        try {
            memory.writeInt(address, tid);
        } catch (ErrnoException badAddress) {
            // The guest gave an address it cannot read either.
        }
    }

    private static void checkProcessLimit(Task parent) throws ErrnoException {
        long limit = parent.group().limits().softOrMax(RLimits.RLIMIT_NPROC);
        boolean exempt = parent.credentials().uid() == 0;
        if (!exempt && parent.taskSet().taskCount() >= limit) {
            throw Errno.EAGAIN.error();
        }
    }

    /** Both owe the semaphores together from now on (copy_semundo). */
    private static void shareSemaphoreUndos(Task parent, Task child) {
        UndoList undos = SemaphoreUndos.of(parent);
        undos.retain();
        child.setSemaphoreUndos(undos);
    }

    private static FsContext context(Task parent, Request request, Credentials credentials)
            throws ErrnoException {
        if (request.has(CLONE_FS)) {
            return parent.fs();
        }
        FsContext context = parent.fs().copy();
        if (request.has(CLONE_NEWNS)) {
            MountOperations.copyNamespace(context, credentials.namespace());
        }
        return context;
    }

    private static Task.Parts parts(
            Task parent,
            Request request,
            MemoryManager memory,
            FsContext fs,
            Credentials credentials,
            NamespaceSet namespaces) {
        FdTable files = parent.files();
        if (request.has(CLONE_FILES)) {
            files.retain();
        } else {
            files = files.copy();
        }
        return new Task.Parts(
                parent.taskSet(),
                memory,
                files,
                fs,
                credentials,
                namespaces,
                parent.membership(),
                parent.name(),
                childState(parent, request));
    }

    private static CpuState childState(Task parent, Request request) {
        CpuState state = parent.context().save();
        long[] registers = state.registers().clone();
        registers[Register.RAX.ordinal()] = 0;
        int flags = Register.EFLAGS.ordinal();
        registers[flags] = TracedRegisters.flagsForChild(parent, registers[flags]);
        if (request.stackPointer != 0) {
            registers[Register.RSP.ordinal()] = request.stackPointer;
        }
        long fsBase = request.has(CLONE_SETTLS) ? request.tls : state.fsBase();
        return new CpuState(registers, fsBase, state.gsBase(), state.xsave());
    }

    private static void enroll(Task parent, Task child, Request request, ResourceLimits limits)
            throws ErrnoException {
        TaskSet taskSet = parent.taskSet();
        ThreadGroup parentGroup = parent.group();
        KernelLock lock = taskSet.lock();
        lock.lock();
        try {
            if (parent.isKilled()) {
                throw dev.runsc.kernel.sync.InterruptedSyscall.ALWAYS;
            }
            PidNamespace namespace =
                    request.has(CLONE_THREAD)
                            ? parent.namespace()
                            : child.namespaces().pidsForChildren();
            PidNumbers numbers = number(parent, child, namespace, request.group);
            if (request.has(CLONE_THREAD)) {
                child.join(parentGroup, numbers);
            } else {
                SignalHandlers handlers = parentGroup.handlers();
                if (!request.has(CLONE_SIGHAND)) {
                    handlers = handlers.copy();
                }
                ThreadGroup group =
                        new ThreadGroup(taskSet, parentGroup.container(), handlers, limits, child);
                group.inheritFrom(parentGroup);
                child.join(group, numbers);
                ThreadGroup actualParent =
                        request.has(CLONE_PARENT) ? parentGroup.parent() : parentGroup;
                group.setParent(actualParent);
                if (actualParent != null) {
                    actualParent.childrenLocked().add(group);
                }
                group.setExitSignal(
                        request.has(CLONE_PARENT) ? parentGroup.exitSignal() : request.exitSignal);
                group.joinProcessGroup(parentGroup.processGroup());
                if (namespace.init() == null) {
                    namespace.setInit(group);
                }
            }
            child.setSeccompLocked(parent.findSeccomp());
            child.group().threadsLocked().add(child);
            taskSet.addLocked(child);
            Ptrace.bornLocked(parent, child, request);
        } finally {
            lock.unlock();
        }
    }

    /** Lets a child into its groups and its PID namespace, or into neither. */
    private static PidNumbers number(
            Task parent, Task child, PidNamespace namespace, @Nullable ControlGroup group)
            throws ErrnoException {
        TaskSet taskSet = parent.taskSet();
        Membership membership = taskSet.cgroups().born(parent.membership(), group);
        boolean good = false;
        try {
            PidNumbers numbers = namespace.register(child);
            child.groupPlace().setMembership(membership);
            good = true;
            return numbers;
        } finally {
            if (!good) {
                taskSet.cgroups().left(membership);
                taskSet.cgroups().released(membership);
            }
        }
    }

    /** What a container's first process and exec'd ones are made from. */
    public record Origin(
            Container container,
            FdTable files,
            FsContext fs,
            Credentials credentials,
            NamespaceSet namespaces,
            Membership membership,
            ResourceLimits limits) {}

    /**
     * Makes a process that no task is the parent of, in a session of its own. It is not started.
     *
     * @throws ErrnoException EAGAIN, ENOMEM
     */
    public static Task create(TaskSet taskSet, Origin origin, LoadedImage image)
            throws ErrnoException {
        Task task =
                new Task(
                        new Task.Parts(
                                taskSet,
                                image.memory(),
                                origin.files,
                                origin.fs,
                                image.credentials(),
                                origin.namespaces,
                                origin.membership,
                                "",
                                image.cpuState()));
        task.setName(image.name());
        task.setExecutable(image.executable());
        KernelLock lock = taskSet.lock();
        lock.lock();
        try {
            PidNamespace pids = origin.namespaces.pidsForChildren();
            PidNumbers numbers = pids.register(task);
            taskSet.cgroups().enter(origin.membership);
            ThreadGroup group =
                    new ThreadGroup(
                            taskSet, origin.container, new SignalHandlers(), origin.limits, task);
            task.join(group, numbers);
            group.joinProcessGroup(new ProcessGroup(numbers, newSession(numbers, group)));
            if (pids.init() == null) {
                pids.setInit(group);
            }
            group.threadsLocked().add(task);
            taskSet.addLocked(task);
        } finally {
            lock.unlock();
        }
        origin.namespaces.retained();
        return task;
    }

    static Session newSession(PidNumbers numbers, ThreadGroup leader) {
        Session session = new Session(numbers, leader);
        PidNamespace.addSession(session);
        return session;
    }

    /** Lets a created task run. */
    public static void start(Task task) {
        task.start();
    }
}
