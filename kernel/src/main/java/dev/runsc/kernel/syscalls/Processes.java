package dev.runsc.kernel.syscalls;

import static dev.runsc.gofer.abi.CloneFlags.*;
import static dev.runsc.gofer.abi.WaitFlags.*;

import dev.runsc.gofer.abi.AtFlags;
import dev.runsc.gofer.abi.CloneArgs;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.Rusage;
import dev.runsc.gofer.abi.SigInfo;
import dev.runsc.gofer.abi.SignalNumbers;
import dev.runsc.kernel.cgroup.ControlGroup;
import dev.runsc.kernel.fs.cgroup.GroupDirectory;
import dev.runsc.kernel.task.CpuTimes;
import dev.runsc.kernel.task.PidFd;
import dev.runsc.kernel.task.PidNamespace;
import dev.runsc.kernel.task.ProcessGroup;
import dev.runsc.kernel.task.ProcessGroups;
import dev.runsc.kernel.task.SyscallDispatcher;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.task.TaskBirth;
import dev.runsc.kernel.task.TaskExec;
import dev.runsc.kernel.task.ThreadGroup;
import dev.runsc.kernel.task.Waiting;
import dev.runsc.kernel.task.loader.ProgramLoader;
import dev.runsc.kernel.task.signal.SignalSet;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.PathWalk;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Birth, programs, waiting and end of processes; ids, process groups, sessions. */
final class Processes {
    /** MAX_ARG_STRLEN. */
    private static final int MAX_STRING_BYTES = 128 << 10;

    private static final int MAX_STRINGS = 1 << 19;
    private static final long CLONE_SIGNAL_MASK = 0xff;
    private static final long CLONE_CLEAR_SIGHAND = 0x1_0000_0000L;
    private static final long CLONE_INTO_CGROUP = 0x2_0000_0000L;

    private Processes() {}

    // Birth.

    static long fork(Task task, Args args) throws ErrnoException {
        return born(
                task,
                TaskBirth.clone(task, new TaskBirth.Request(0, SignalNumbers.SIGCHLD, 0, 0, 0, 0)));
    }

    static long vfork(Task task, Args args) throws ErrnoException {
        return born(
                task,
                TaskBirth.clone(
                        task,
                        new TaskBirth.Request(
                                CLONE_VM | CLONE_VFORK, SignalNumbers.SIGCHLD, 0, 0, 0, 0)));
    }

    static long clone(Task task, Args args) throws ErrnoException {
        long flags = args.longValue(0) & 0xffff_ffffL;
        if ((flags & CLONE_PIDFD) != 0 && (flags & CLONE_PARENT_SETTID) != 0) {
            throw Errno.EINVAL.error();
        }
        return clone(
                task,
                new CloneArgs(
                        flags & ~CLONE_SIGNAL_MASK,
                        args.address(2),
                        args.address(3),
                        args.address(2),
                        flags & CLONE_SIGNAL_MASK,
                        args.address(1),
                        0,
                        args.longValue(4),
                        0,
                        0,
                        0));
    }

    static long clone3(Task task, Args args) throws ErrnoException {
        long size = args.size(1);
        if (Long.compareUnsigned(size, 4096) > 0) {
            throw Errno.E2BIG.error();
        }
        if (size < CLONE_ARGS_SIZE_VER0) {
            throw Errno.EINVAL.error();
        }
        byte[] given = new byte[(int) size];
        task.memory().copyIn(args.address(0), given);
        byte[] known = java.util.Arrays.copyOf(given, CloneArgs.BYTES);
        for (int i = CloneArgs.BYTES; i < given.length; i++) {
            if (given[i] != 0) {
                throw Errno.E2BIG.error();
            }
        }
        CloneArgs request = CloneArgs.readFrom(ByteBuffer.wrap(known));
        boolean valid =
                (request.exitSignal() & ~CLONE_SIGNAL_MASK) == 0
                        && (request.flags() & (CLONE_DETACHED | CLONE_SIGNAL_MASK & ~CLONE_NEWTIME))
                                == 0
                        && (request.stackAddress() == 0) == (request.stackSizeBytes() == 0)
                        && request.setTidCount() == 0;
        boolean intoGroup = (request.flags() & CLONE_INTO_CGROUP) != 0;
        if (!valid || intoGroup && (int) request.cgroupFd() != request.cgroupFd()) {
            throw Errno.EINVAL.error();
        }
        return clone(task, request);
    }

    private static long clone(Task task, CloneArgs request) throws ErrnoException {
        long flags = request.flags();
        checkFlags(flags, request.exitSignal());
        Namespaces.requireSupported(flags);
        ControlGroup group = (flags & CLONE_INTO_CGROUP) == 0 ? null : groupToEnter(task, request);
        long stack = request.stackAddress() + request.stackSizeBytes();
        Task child =
                TaskBirth.clone(
                        task,
                        new TaskBirth.Request(
                                flags & ~CLONE_INTO_CGROUP,
                                (int) request.exitSignal(),
                                stack,
                                request.parentTidAddress(),
                                request.childTidAddress(),
                                request.tlsAddress(),
                                group));
        if ((flags & CLONE_CLEAR_SIGHAND) != 0) {
            child.group().handlers().clearCaught();
        }
        if ((flags & CLONE_PIDFD) != 0) {
            FileDescription pidfd = PidFd.open(task, child.group(), 0);
            int fd = task.files().install(task, pidfd, true);
            task.memory().writeInt(request.pidfdAddress(), fd);
        }
        return born(task, child);
    }

    /** CLONE_INTO_CGROUP (cgroup_css_set_fork): an open directory of version 2. */
    private static ControlGroup groupToEnter(Task task, CloneArgs request) throws ErrnoException {
        FileDescription file = task.files().require((int) request.cgroupFd());
        if (!(file.inode() instanceof GroupDirectory directory)
                || !directory.group().hierarchy().isUnified()) {
            throw Errno.EBADF.error();
        }
        directory.requireBirth(task, (request.flags() & CLONE_THREAD) != 0);
        return directory.group();
    }

    private static long born(Task parent, Task child) {
        return child.numbers().in(parent.namespace());
    }

    private static void checkFlags(long flags, long exitSignal) throws ErrnoException {
        boolean thread = (flags & CLONE_THREAD) != 0;
        boolean handlers = (flags & CLONE_SIGHAND) != 0;
        boolean invalid =
                thread && !handlers
                        || handlers && (flags & CLONE_VM) == 0
                        || handlers && (flags & CLONE_CLEAR_SIGHAND) != 0
                        || (flags & CLONE_FS) != 0 && (flags & (CLONE_NEWNS | CLONE_NEWUSER)) != 0
                        || thread && (flags & (CLONE_NEWUSER | CLONE_NEWPID)) != 0
                        || thread && (flags & CLONE_PIDFD) != 0
                        || (flags & CLONE_SYSVSEM) != 0 && (flags & CLONE_NEWIPC) != 0
                        || exitSignal > SignalSet.MAX_SIGNAL;
        if (invalid || (flags & CLONE_NEWTIME) != 0) {
            throw Errno.EINVAL.error();
        }
    }

    // Programs.

    static long execve(Task task, Args args) throws ErrnoException {
        String path = Users.path(task, args.address(0));
        Location file = PathWalk.find(task, path, PathWalk.FOLLOW);
        return execute(task, file, path, args.address(1), args.address(2));
    }

    static long execveat(Task task, Args args) throws ErrnoException {
        int fd = args.integer(0);
        String path = Users.path(task, args.address(1));
        int flags = args.integer(4);
        if ((flags & ~(AtFlags.AT_EMPTY_PATH | AtFlags.AT_SYMLINK_NOFOLLOW)) != 0) {
            throw Errno.EINVAL.error();
        }
        int walk = (flags & AtFlags.AT_SYMLINK_NOFOLLOW) != 0 ? 0 : PathWalk.FOLLOW;
        if ((flags & AtFlags.AT_EMPTY_PATH) != 0) {
            walk |= PathWalk.EMPTY_PATH;
        }
        Location file = PathWalk.find(task, Directories.start(task, fd, path), path, walk);
        if (file.inode().isSymlink()) {
            throw Errno.ELOOP.error();
        }
        String name =
                path.startsWith("/") || fd == AtFlags.AT_FDCWD
                        ? path
                        : "/dev/fd/" + fd + (path.isEmpty() ? "" : "/" + path);
        return execute(task, file, name, args.address(2), args.address(3));
    }

    private static long execute(Task task, Location file, String path, long argv, long envp)
            throws ErrnoException {
        List<byte[]> arguments = strings(task, argv);
        List<byte[]> environment = strings(task, envp);
        ProgramLoader loader =
                new ProgramLoader(task, task.taskSet().host(), task.group().limits());
        TaskExec.begin(
                task, loader.load(new ProgramLoader.Request(file, path, arguments, environment)));
        return SyscallDispatcher.NO_RESULT;
    }

    private static List<byte[]> strings(Task task, long vector) throws ErrnoException {
        List<byte[]> strings = new ArrayList<>();
        if (vector == 0) {
            return strings;
        }
        long total = 0;
        for (long at = vector; ; at += Long.BYTES) {
            long address = task.memory().readLong(at);
            if (address == 0) {
                return strings;
            }
            byte[] string;
            try {
                string = task.memory().readCString(address, MAX_STRING_BYTES);
            } catch (ErrnoException failed) {
                throw failed.is(Errno.ENAMETOOLONG) ? Errno.E2BIG.error() : failed;
            }
            total += string.length + Long.BYTES + 1;
            if (strings.size() >= MAX_STRINGS || total > 6L << 20) {
                throw Errno.E2BIG.error();
            }
            strings.add(string);
        }
    }

    // End.

    static long exit(Task task, Args args) {
        task.exitThread((args.integer(0) & 0xff) << 8);
        return SyscallDispatcher.NO_RESULT;
    }

    static long exit_group(Task task, Args args) {
        task.exitProcess((args.integer(0) & 0xff) << 8);
        return SyscallDispatcher.NO_RESULT;
    }

    static long wait4(Task task, Args args) throws ErrnoException {
        int options = args.integer(2);
        if ((options & ~(WNOHANG | WUNTRACED | WCONTINUED | __WNOTHREAD | __WCLONE | __WALL))
                != 0) {
            throw Errno.EINVAL.error();
        }
        int pid = args.integer(0);
        if (pid == Integer.MIN_VALUE) {
            throw Errno.ESRCH.error();
        }
        Waiting.Event event = Waiting.await(task, which(task, pid), options | WEXITED);
        if (event == null) {
            return 0;
        }
        if (args.address(1) != 0) {
            task.memory().writeInt(args.address(1), event.waitStatus());
        }
        if (args.address(3) != 0) {
            Users.write(task, args.address(3), usage(event.times(), 0));
        }
        return event.pid();
    }

    private static Waiting.Which which(Task task, int pid) {
        if (pid == -1) {
            return new Waiting.Which.Any();
        }
        if (pid > 0) {
            return new Waiting.Which.Process(pid);
        }
        return group(pid == 0 ? task.group().processGroup() : ProcessGroups.find(task, -pid));
    }

    private static Waiting.Which group(@Nullable ProcessGroup group) {
        return group == null ? new Waiting.Which.Nobody() : new Waiting.Which.Group(group);
    }

    static long waitid(Task task, Args args) throws ErrnoException {
        int options = args.integer(3);
        int changes = WEXITED | WSTOPPED | WCONTINUED;
        if ((options & ~(changes | WNOHANG | WNOWAIT | __WNOTHREAD | __WCLONE | __WALL)) != 0
                || (options & changes) == 0) {
            throw Errno.EINVAL.error();
        }
        int id = args.integer(1);
        Waiting.Which which =
                switch (args.integer(0)) {
                    case P_ALL -> new Waiting.Which.Any();
                    case P_PID -> {
                        if (id <= 0) {
                            throw Errno.EINVAL.error();
                        }
                        yield new Waiting.Which.Process(id);
                    }
                    case P_PGID -> {
                        if (id < 0) {
                            throw Errno.EINVAL.error();
                        }
                        yield which(task, -id);
                    }
                    case P_PIDFD ->
                            new Waiting.Which.Exactly(PidFd.require(task.files().require(id)));
                    default -> throw Errno.EINVAL.error();
                };
        Waiting.Event event = Waiting.await(task, which, options);
        if (args.address(2) != 0) {
            if (event == null) {
                task.memory().zero(args.address(2), SigInfo.BYTES);
            } else {
                Users.write(
                        task,
                        args.address(2),
                        SigInfo.child(event.code(), event.pid(), event.uid(), event.value(), 0, 0));
            }
        }
        if (event != null && args.address(4) != 0) {
            Users.write(task, args.address(4), usage(event.times(), 0));
        }
        return 0;
    }

    static Rusage usage(CpuTimes times, long maxRssKib) {
        return new Rusage(
                Users.timeval(times.userNanos()),
                Users.timeval(times.systemNanos()),
                maxRssKib,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                0,
                times.sleeps(),
                times.preemptions());
    }

    // Ids.

    static long getpid(Task task, Args args) {
        return task.processId();
    }

    static long gettid(Task task, Args args) {
        return task.tid();
    }

    static long getppid(Task task, Args args) {
        ThreadGroup parent = task.group().parent();
        return parent == null ? 0 : parent.pid().in(task.namespace());
    }

    static long set_tid_address(Task task, Args args) {
        task.setClearChildTidAddress(args.address(0));
        return task.tid();
    }

    static long getpgrp(Task task, Args args) {
        return task.group().processGroup().numbers().in(task.namespace());
    }

    static long getpgid(Task task, Args args) throws ErrnoException {
        ThreadGroup group = requireGroupOrSelf(task, args.integer(0));
        return group.processGroup().numbers().in(task.namespace());
    }

    static long getsid(Task task, Args args) throws ErrnoException {
        ThreadGroup group = requireGroupOrSelf(task, args.integer(0));
        return group.session().numbers().in(task.namespace());
    }

    static long setpgid(Task task, Args args) throws ErrnoException {
        ProcessGroups.setProcessGroup(task, args.integer(0), args.integer(1));
        return 0;
    }

    static long setsid(Task task, Args args) throws ErrnoException {
        return ProcessGroups.startSession(task);
    }

    static long pidfd_open(Task task, Args args) throws ErrnoException {
        int flags = args.integer(1);
        if ((flags & ~dev.runsc.gofer.abi.OpenFlags.O_NONBLOCK) != 0 || args.integer(0) <= 0) {
            throw Errno.EINVAL.error();
        }
        ThreadGroup group = requireGroup(task, args.integer(0));
        return task.files().install(task, PidFd.open(task, group, flags), true);
    }

    static ThreadGroup requireGroup(Task task, int pid) throws ErrnoException {
        PidNamespace namespace = task.namespace();
        task.taskSet().lock().lock();
        try {
            ThreadGroup group = namespace.findGroup(pid);
            if (group == null) {
                throw Errno.ESRCH.error();
            }
            return group;
        } finally {
            task.taskSet().lock().unlock();
        }
    }

    private static ThreadGroup requireGroupOrSelf(Task task, int pid) throws ErrnoException {
        return pid == 0 ? task.group() : requireTask(task, pid).group();
    }

    /** The task with this thread id, 0 for the caller. */
    static Task requireTask(Task task, int tid) throws ErrnoException {
        if (tid == 0) {
            return task;
        }
        task.taskSet().lock().lock();
        try {
            Task found = task.namespace().findTask(tid);
            if (found == null) {
                throw Errno.ESRCH.error();
            }
            return found;
        } finally {
            task.taskSet().lock().unlock();
        }
    }
}
