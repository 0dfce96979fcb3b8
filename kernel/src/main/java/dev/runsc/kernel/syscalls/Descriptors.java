package dev.runsc.kernel.syscalls;

import dev.runsc.gofer.abi.DescriptorFlags;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FcntlCommands;
import dev.runsc.gofer.abi.Flock;
import dev.runsc.gofer.abi.Ioctls;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.SeekWhence;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.vfs.AsyncOwner;
import dev.runsc.kernel.vfs.FdTable;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.FileLocks;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.Permissions;
import dev.runsc.kernel.vfs.Sealable;
import dev.runsc.state.Savable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Descriptors themselves: closing, duplicating, flags, locks (Linux fs/file.c, fs/fcntl.c,
 * fs/locks.c, fs/ioctl.c).
 */
final class Descriptors {
    private static final int ASYNC = 020000;
    private static final int SETTABLE =
            OpenFlags.O_APPEND
                    | ASYNC
                    | OpenFlags.O_DIRECT
                    | OpenFlags.O_NOATIME
                    | OpenFlags.O_NONBLOCK;
    private static final int FIOASYNC = 0x5452;
    private static final int FIGETBSZ = 2;
    private static final int OWNER_BYTES = 8;
    private static final int MAX_SIGNAL = 64;

    private Descriptors() {}

    static long close(Task task, Args args) throws ErrnoException {
        task.files().close(task, args.integer(0));
        return 0;
    }

    static long close_range(Task task, Args args) throws ErrnoException {
        long first = Integer.toUnsignedLong(args.integer(0));
        long last = Integer.toUnsignedLong(args.integer(1));
        int flags = args.integer(2);
        int known = DescriptorFlags.CLOSE_RANGE_UNSHARE | DescriptorFlags.CLOSE_RANGE_CLOEXEC;
        if ((flags & ~known) != 0 || first > last) {
            throw Errno.EINVAL.error();
        }
        FdTable files = task.files();
        if ((flags & DescriptorFlags.CLOSE_RANGE_UNSHARE) != 0 && files.isShared()) {
            FdTable own = files.copy();
            task.setFiles(own);
            files.release(task);
            files = own;
        }
        files.closeRange(task, first, last, (flags & DescriptorFlags.CLOSE_RANGE_CLOEXEC) != 0);
        return 0;
    }

    static long dup(Task task, Args args) throws ErrnoException {
        return task.files().duplicate(task, args.integer(0), 0, false);
    }

    static long dup2(Task task, Args args) throws ErrnoException {
        int fd = args.integer(0);
        int target = args.integer(1);
        if (fd == target) {
            task.files().requireAny(fd);
            return fd;
        }
        return task.files().duplicateTo(task, fd, target, false);
    }

    static long dup3(Task task, Args args) throws ErrnoException {
        int flags = args.integer(2);
        if ((flags & ~OpenFlags.O_CLOEXEC) != 0 || args.integer(0) == args.integer(1)) {
            throw Errno.EINVAL.error();
        }
        return task.files().duplicateTo(task, args.integer(0), args.integer(1), flags != 0);
    }

    // Fcntl.

    static long fcntl(Task task, Args args) throws ErrnoException {
        int fd = args.integer(0);
        int command = args.integer(1);
        long argument = args.longValue(2);
        FileDescription file = task.files().requireAny(fd);
        switch (command) {
            case FcntlCommands.F_DUPFD, FcntlCommands.F_DUPFD_CLOEXEC -> {
                int from = (int) argument;
                if (from < 0 || from >= task.descriptorLimit()) {
                    throw Errno.EINVAL.error();
                }
                boolean onExec = command == FcntlCommands.F_DUPFD_CLOEXEC;
                return task.files().duplicate(task, fd, from, onExec);
            }
            case FcntlCommands.F_GETFD -> {
                return task.files().isCloseOnExec(fd) ? FcntlCommands.FD_CLOEXEC : 0;
            }
            case FcntlCommands.F_SETFD -> {
                task.files().setCloseOnExec(fd, (argument & FcntlCommands.FD_CLOEXEC) != 0);
                return 0;
            }
            case FcntlCommands.F_GETFL -> {
                return file.statusFlags();
            }
            default -> {
                // O_PATH descriptions know no other command.
                return control(task, task.files().require(fd), command, argument);
            }
        }
    }

    private static long control(Task task, FileDescription file, int command, long argument)
            throws ErrnoException {
        return switch (command) {
            case FcntlCommands.F_SETFL -> setFlags(task, file, (int) argument);
            case FcntlCommands.F_GETLK, FcntlCommands.F_OFD_GETLK ->
                    getLock(task, file, command, argument);
            case FcntlCommands.F_SETLK,
                    FcntlCommands.F_SETLKW,
                    FcntlCommands.F_OFD_SETLK,
                    FcntlCommands.F_OFD_SETLKW ->
                    setLock(task, file, command, argument);
            case FcntlCommands.F_GETOWN,
                    FcntlCommands.F_SETOWN,
                    FcntlCommands.F_GETSIG,
                    FcntlCommands.F_SETSIG,
                    FcntlCommands.F_GETOWN_EX,
                    FcntlCommands.F_SETOWN_EX ->
                    owner(task, file, command, argument);
            case FcntlCommands.F_GET_SEALS -> requireSealable(file).seals();
            case FcntlCommands.F_ADD_SEALS -> {
                if (!file.isWritable()) {
                    throw Errno.EPERM.error();
                }
                requireSealable(file).addSeals((int) argument);
                yield 0;
            }
            case FcntlCommands.F_GETLEASE -> FcntlCommands.F_UNLCK;
            default -> file.control(task, command, argument);
        };
    }

    private static long setFlags(Task task, FileDescription file, int flags) throws ErrnoException {
        int old = file.statusFlags();
        int added = flags & ~old;
        Inode inode = file.inode();
        if ((added & OpenFlags.O_NOATIME) != 0
                && inode != null
                && !Permissions.ownsOrCapable(task.credentials(), inode)) {
            throw Errno.EPERM.error();
        }
        file.setStatusFlags(old & ~SETTABLE | flags & SETTABLE);
        return 0;
    }

    private static Sealable requireSealable(FileDescription file) throws ErrnoException {
        if (file.inode() instanceof Sealable sealable) {
            return sealable;
        }
        throw Errno.EINVAL.error();
    }

    private static long owner(Task task, FileDescription file, int command, long argument)
            throws ErrnoException {
        AsyncOwner owner = file.asyncOwner();
        switch (command) {
            case FcntlCommands.F_SETOWN -> {
                int id = (int) argument;
                int type = id < 0 ? FcntlCommands.F_OWNER_PGRP : FcntlCommands.F_OWNER_PID;
                file.setAsyncOwner(new AsyncOwner(type, Math.abs(id), owner.signal()));
            }
            case FcntlCommands.F_GETOWN -> {
                return owner.type() == FcntlCommands.F_OWNER_PGRP ? -owner.id() : owner.id();
            }
            case FcntlCommands.F_SETSIG -> {
                if (argument < 0 || argument > MAX_SIGNAL) {
                    throw Errno.EINVAL.error();
                }
                file.setAsyncOwner(owner.withSignal((int) argument));
            }
            case FcntlCommands.F_GETSIG -> {
                return owner.signal();
            }
            case FcntlCommands.F_SETOWN_EX -> {
                int type = task.memory().readInt(argument);
                int id = task.memory().readInt(argument + OWNER_BYTES / 2);
                if (type < 0 || type > FcntlCommands.F_OWNER_PGRP) {
                    throw Errno.EINVAL.error();
                }
                file.setAsyncOwner(new AsyncOwner(type, id, owner.signal()));
            }
            default -> {
                task.memory().writeInt(argument, owner.type());
                task.memory().writeInt(argument + OWNER_BYTES / 2, owner.id());
            }
        }
        return 0;
    }

    // Record locks.

    private static boolean isDescriptionLock(int command) {
        return command == FcntlCommands.F_OFD_GETLK
                || command == FcntlCommands.F_OFD_SETLK
                || command == FcntlCommands.F_OFD_SETLKW;
    }

    private static Flock readLock(Task task, long address, int command) throws ErrnoException {
        byte[] bytes = new byte[Flock.BYTES];
        task.memory().copyIn(address, bytes);
        Flock asked = Flock.readFrom(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
        if (isDescriptionLock(command) && asked.pid() != 0) {
            throw Errno.EINVAL.error();
        }
        return asked;
    }

    /**
     * flock64_to_posix_lock: the range from any of the three origins, negative lengths going down.
     */
    private static FileLocks.Lock range(Task task, FileDescription file, Flock asked, int command)
            throws ErrnoException {
        long origin =
                switch (asked.whence()) {
                    case SeekWhence.SEEK_SET -> 0;
                    case SeekWhence.SEEK_CUR ->
                            file.isSeekable() ? file.seek(task, 0, SeekWhence.SEEK_CUR) : 0;
                    case SeekWhence.SEEK_END -> file.stat(task).size();
                    default -> throw Errno.EINVAL.error();
                };
        long start = origin + asked.start();
        if (asked.start() > Long.MAX_VALUE - origin) {
            throw Errno.EOVERFLOW.error();
        }
        long end = FileLocks.TO_END;
        if (asked.length() > 0) {
            end = start + (asked.length() - 1);
            if (end < start) {
                throw Errno.EOVERFLOW.error();
            }
        } else if (asked.length() < 0) {
            end = start - 1;
            start += asked.length();
        }
        if (start < 0) {
            throw Errno.EINVAL.error();
        }
        boolean description = isDescriptionLock(command);
        Savable owner = description ? file : task.files();
        int processId = description ? -1 : task.processId();
        return new FileLocks.Lock(
                owner, processId, asked.type() == FcntlCommands.F_WRLCK, start, end);
    }

    private static FileLocks requireLocks(FileDescription file) throws ErrnoException {
        Inode inode = file.inode();
        if (inode == null) {
            throw Errno.ENOLCK.error();
        }
        return inode.locks();
    }

    private static long getLock(Task task, FileDescription file, int command, long address)
            throws ErrnoException {
        Flock asked = readLock(task, address, command);
        if (asked.type() != FcntlCommands.F_RDLCK && asked.type() != FcntlCommands.F_WRLCK) {
            throw Errno.EINVAL.error();
        }
        FileLocks.Lock conflict =
                requireLocks(file).findConflict(range(task, file, asked, command));
        Flock answer;
        if (conflict == null) {
            answer =
                    new Flock(
                            FcntlCommands.F_UNLCK,
                            asked.whence(),
                            asked.start(),
                            asked.length(),
                            asked.pid());
        } else {
            long length =
                    conflict.end() == FileLocks.TO_END ? 0 : conflict.end() - conflict.start() + 1;
            int type = conflict.exclusive() ? FcntlCommands.F_WRLCK : FcntlCommands.F_RDLCK;
            answer =
                    new Flock(
                            type,
                            SeekWhence.SEEK_SET,
                            conflict.start(),
                            length,
                            conflict.processId());
        }
        task.memory().copyOut(address, answer.toBytes());
        return 0;
    }

    private static long setLock(Task task, FileDescription file, int command, long address)
            throws ErrnoException {
        Flock asked = readLock(task, address, command);
        FileLocks.Lock wanted = range(task, file, asked, command);
        FileLocks locks = requireLocks(file);
        switch (asked.type()) {
            case FcntlCommands.F_UNLCK -> {
                locks.unlockRecord(wanted.owner(), wanted.start(), wanted.end());
                return 0;
            }
            case FcntlCommands.F_RDLCK -> require(file.isReadable());
            case FcntlCommands.F_WRLCK -> require(file.isWritable());
            default -> throw Errno.EINVAL.error();
        }
        if (command == FcntlCommands.F_SETLKW || command == FcntlCommands.F_OFD_SETLKW) {
            locks.lockRecordWaiting(task, wanted);
        } else {
            locks.lockRecord(wanted);
        }
        return 0;
    }

    private static void require(boolean open) throws ErrnoException {
        if (!open) {
            throw Errno.EBADF.error();
        }
    }

    static long flock(Task task, Args args) throws ErrnoException {
        int operation = args.integer(1) & ~FcntlCommands.LOCK_NB;
        boolean exclusive = operation == FcntlCommands.LOCK_EX;
        boolean unlocks = operation == FcntlCommands.LOCK_UN;
        if (!exclusive && !unlocks && operation != FcntlCommands.LOCK_SH) {
            throw Errno.EINVAL.error();
        }
        FileDescription file = task.files().require(args.integer(0));
        FileLocks locks = requireLocks(file);
        if (unlocks) {
            locks.unlockFlock(file);
        } else if ((args.integer(1) & FcntlCommands.LOCK_NB) == 0) {
            locks.flockWaiting(task, file, exclusive);
        } else {
            locks.flock(file, exclusive);
        }
        return 0;
    }

    // Ioctl.

    /** ioctl(2): the requests every file knows; the rest is the file's. */
    static long ioctl(Task task, Args args) throws ErrnoException {
        int fd = args.integer(0);
        FileDescription file = task.files().require(fd);
        int request = args.integer(1);
        long argument = args.longValue(2);
        switch (request) {
            case Ioctls.FIOCLEX -> task.files().setCloseOnExec(fd, true);
            case Ioctls.FIONCLEX -> task.files().setCloseOnExec(fd, false);
            case Ioctls.FIONBIO ->
                    setFlag(file, OpenFlags.O_NONBLOCK, task.memory().readInt(argument) != 0);
            case FIOASYNC -> setFlag(file, ASYNC, task.memory().readInt(argument) != 0);
            case FIGETBSZ -> task.memory().writeInt(argument, (int) file.stat(task).blockSize());
            default -> {
                return file.ioctl(task, task.memory(), request, argument);
            }
        }
        return 0;
    }

    private static void setFlag(FileDescription file, int flag, boolean on) throws ErrnoException {
        int flags = file.statusFlags();
        file.setStatusFlags(on ? flags | flag : flags & ~flag);
    }
}
