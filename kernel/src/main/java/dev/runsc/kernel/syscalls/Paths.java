package dev.runsc.kernel.syscalls;

import dev.runsc.gofer.abi.AtFlags;
import dev.runsc.gofer.abi.Capabilities;
import dev.runsc.gofer.abi.DescriptorFlags;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.OpenHow;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.MountListing;
import dev.runsc.kernel.vfs.OpenRequest;
import dev.runsc.kernel.vfs.Opener;
import dev.runsc.kernel.vfs.PathOperations;
import dev.runsc.kernel.vfs.PathWalk;
import dev.runsc.kernel.vfs.RawName;
import dev.runsc.kernel.vfs.VirtualFileSystem;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Opening, making, removing and renaming by path (Linux fs/open.c, fs/namei.c, fs/d_path.c). */
final class Paths {
    private static final int PATH_MAX = 4096;
    private static final int MEMFD_NAME_MAX = 249;
    private static final int MFD_NOEXEC_SEAL = 8;
    private static final int MFD_EXEC = 16;
    private static final int PAGE_SIZE = 4096;

    private Paths() {}

    // Common.

    /** Reads a path. EFAULT, ENAMETOOLONG. */
    static String path(Task task, long address) throws ErrnoException {
        return RawName.of(task.memory().readCString(address, PATH_MAX));
    }

    static VirtualFileSystem vfs(Task task) {
        return task.fs().root().mount().fileSystem().vfs();
    }

    /** Finds what a directory descriptor and a path lead to. */
    static Location find(Task task, int fd, long pathAddress, int walkFlags) throws ErrnoException {
        String path = path(task, pathAddress);
        return PathWalk.find(task, Directories.start(task, fd, path), path, walkFlags);
    }

    /**
     * As {@link #find}, following the last link unless AT_SYMLINK_NOFOLLOW, and with AT_EMPTY_PATH.
     */
    static Location findAt(Task task, int fd, long pathAddress, int atFlags) throws ErrnoException {
        return find(task, fd, pathAddress, walkFlags(atFlags));
    }

    static int walkFlags(int atFlags) {
        int flags = (atFlags & AtFlags.AT_SYMLINK_NOFOLLOW) == 0 ? PathWalk.FOLLOW : 0;
        return (atFlags & AtFlags.AT_EMPTY_PATH) != 0 ? flags | PathWalk.EMPTY_PATH : flags;
    }

    static void requireKnown(int flags, int known) throws ErrnoException {
        if ((flags & ~known) != 0) {
            throw Errno.EINVAL.error();
        }
    }

    // Open.

    static long open(Task task, Args args) throws ErrnoException {
        return open(
                task,
                AtFlags.AT_FDCWD,
                args.address(0),
                OpenRequest.of(args.integer(1), args.integer(2)));
    }

    static long creat(Task task, Args args) throws ErrnoException {
        int flags = OpenFlags.O_CREAT | OpenFlags.O_WRONLY | OpenFlags.O_TRUNC;
        return open(
                task, AtFlags.AT_FDCWD, args.address(0), OpenRequest.of(flags, args.integer(1)));
    }

    static long openat(Task task, Args args) throws ErrnoException {
        return open(
                task,
                args.integer(0),
                args.address(1),
                OpenRequest.of(args.integer(2), args.integer(3)));
    }

    static long openat2(Task task, Args args) throws ErrnoException {
        long size = args.size(3);
        if (size < OpenHow.BYTES) {
            throw Errno.EINVAL.error();
        }
        if (Long.compareUnsigned(size, PAGE_SIZE) > 0) {
            throw Errno.E2BIG.error();
        }
        byte[] bytes = new byte[(int) size];
        task.memory().copyIn(args.address(2), bytes);
        for (int i = OpenHow.BYTES; i < bytes.length; i++) {
            if (bytes[i] != 0) {
                throw Errno.E2BIG.error();
            }
        }
        OpenHow how = OpenHow.readFrom(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
        return open(
                task,
                args.integer(0),
                args.address(1),
                OpenRequest.of(how.flags(), how.mode(), how.resolve()));
    }

    private static long open(Task task, int fd, long pathAddress, OpenRequest request)
            throws ErrnoException {
        String path = path(task, pathAddress);
        task.files().requireRoom(task);
        FileDescription file = Opener.open(task, Directories.start(task, fd, path), path, request);
        return install(task, file, request.has(OpenFlags.O_CLOEXEC));
    }

    private static long install(Task task, FileDescription file, boolean onExec)
            throws ErrnoException {
        try {
            return task.files().install(task, file, onExec);
        } catch (ErrnoException e) {
            file.release();
            throw e;
        }
    }

    static long memfd_create(Task task, Args args) throws ErrnoException {
        int flags = args.integer(1);
        int known =
                DescriptorFlags.MFD_CLOEXEC
                        | DescriptorFlags.MFD_ALLOW_SEALING
                        | MFD_NOEXEC_SEAL
                        | MFD_EXEC;
        requireKnown(flags, known);
        byte[] name;
        try {
            name = task.memory().readCString(args.address(0), MEMFD_NAME_MAX + 1);
        } catch (ErrnoException e) {
            throw e.is(Errno.ENAMETOOLONG) ? Errno.EINVAL.error() : e;
        }
        task.files().requireRoom(task);
        FileDescription file = vfs(task).createMemoryFile(task, RawName.of(name), flags);
        return install(task, file, (flags & DescriptorFlags.MFD_CLOEXEC) != 0);
    }

    // Making and removing.

    static long mkdir(Task task, Args args) throws ErrnoException {
        String path = path(task, args.address(0));
        PathOperations.mkdir(task, task.fs().workingDirectory(), path, args.integer(1));
        return 0;
    }

    static long mkdirat(Task task, Args args) throws ErrnoException {
        String path = path(task, args.address(1));
        PathOperations.mkdir(
                task, Directories.start(task, args.integer(0), path), path, args.integer(2));
        return 0;
    }

    static long mknod(Task task, Args args) throws ErrnoException {
        String path = path(task, args.address(0));
        long device = Integer.toUnsignedLong(args.integer(2));
        PathOperations.mknod(task, task.fs().workingDirectory(), path, args.integer(1), device);
        return 0;
    }

    static long mknodat(Task task, Args args) throws ErrnoException {
        String path = path(task, args.address(1));
        Location start = Directories.start(task, args.integer(0), path);
        PathOperations.mknod(
                task, start, path, args.integer(2), Integer.toUnsignedLong(args.integer(3)));
        return 0;
    }

    static long rmdir(Task task, Args args) throws ErrnoException {
        PathOperations.rmdir(task, task.fs().workingDirectory(), path(task, args.address(0)));
        return 0;
    }

    static long unlink(Task task, Args args) throws ErrnoException {
        PathOperations.unlink(task, task.fs().workingDirectory(), path(task, args.address(0)));
        return 0;
    }

    static long unlinkat(Task task, Args args) throws ErrnoException {
        int flags = args.integer(2);
        requireKnown(flags, AtFlags.AT_REMOVEDIR);
        String path = path(task, args.address(1));
        Location start = Directories.start(task, args.integer(0), path);
        if ((flags & AtFlags.AT_REMOVEDIR) != 0) {
            PathOperations.rmdir(task, start, path);
        } else {
            PathOperations.unlink(task, start, path);
        }
        return 0;
    }

    static long symlink(Task task, Args args) throws ErrnoException {
        String target = path(task, args.address(0));
        PathOperations.symlink(
                task, target, task.fs().workingDirectory(), path(task, args.address(1)));
        return 0;
    }

    static long symlinkat(Task task, Args args) throws ErrnoException {
        String target = path(task, args.address(0));
        String path = path(task, args.address(2));
        PathOperations.symlink(task, target, Directories.start(task, args.integer(1), path), path);
        return 0;
    }

    static long link(Task task, Args args) throws ErrnoException {
        Location old = find(task, AtFlags.AT_FDCWD, args.address(0), 0);
        PathOperations.link(task, old, task.fs().workingDirectory(), path(task, args.address(1)));
        return 0;
    }

    static long linkat(Task task, Args args) throws ErrnoException {
        int flags = args.integer(4);
        requireKnown(flags, AtFlags.AT_SYMLINK_FOLLOW | AtFlags.AT_EMPTY_PATH);
        boolean empty = (flags & AtFlags.AT_EMPTY_PATH) != 0;
        if (empty && !task.credentials().has(Capabilities.CAP_DAC_READ_SEARCH)) {
            throw Errno.ENOENT.error();
        }
        int walk = (flags & AtFlags.AT_SYMLINK_FOLLOW) != 0 ? PathWalk.FOLLOW : 0;
        Location old =
                find(
                        task,
                        args.integer(0),
                        args.address(1),
                        empty ? walk | PathWalk.EMPTY_PATH : walk);
        String path = path(task, args.address(3));
        PathOperations.link(task, old, Directories.start(task, args.integer(2), path), path);
        return 0;
    }

    static long rename(Task task, Args args) throws ErrnoException {
        return rename(
                task, AtFlags.AT_FDCWD, args.address(0), AtFlags.AT_FDCWD, args.address(1), 0);
    }

    static long renameat(Task task, Args args) throws ErrnoException {
        return rename(task, args.integer(0), args.address(1), args.integer(2), args.address(3), 0);
    }

    static long renameat2(Task task, Args args) throws ErrnoException {
        return rename(
                task,
                args.integer(0),
                args.address(1),
                args.integer(2),
                args.address(3),
                args.integer(4));
    }

    private static long rename(
            Task task, int oldFd, long oldAddress, int newFd, long newAddress, int flags)
            throws ErrnoException {
        String oldPath = path(task, oldAddress);
        String newPath = path(task, newAddress);
        Location oldStart = Directories.start(task, oldFd, oldPath);
        Location newStart = Directories.start(task, newFd, newPath);
        PathOperations.rename(task, oldStart, oldPath, newStart, newPath, flags);
        return 0;
    }

    // Links and the working directory.

    static long readlink(Task task, Args args) throws ErrnoException {
        return readLink(task, AtFlags.AT_FDCWD, args.address(0), args.address(1), args.integer(2));
    }

    static long readlinkat(Task task, Args args) throws ErrnoException {
        return readLink(task, args.integer(0), args.address(1), args.address(2), args.integer(3));
    }

    private static long readLink(Task task, int fd, long pathAddress, long target, int size)
            throws ErrnoException {
        if (size <= 0) {
            throw Errno.EINVAL.error();
        }
        String path = path(task, pathAddress);
        boolean empty = path.isEmpty();
        if (empty && fd == AtFlags.AT_FDCWD) {
            throw Errno.ENOENT.error();
        }
        Location location =
                PathWalk.find(task, Directories.start(task, fd, path), path, PathWalk.EMPTY_PATH);
        if (empty && !location.inode().isSymlink()) {
            throw Errno.ENOENT.error();
        }
        byte[] text = RawName.bytes(PathOperations.readLink(task, location));
        int length = Math.min(size, text.length);
        return task.memory().buffer(target, length).put(text, 0, length);
    }

    static long chdir(Task task, Args args) throws ErrnoException {
        int flags = PathWalk.FOLLOW | PathWalk.DIRECTORY;
        PathOperations.changeDirectory(task, find(task, AtFlags.AT_FDCWD, args.address(0), flags));
        return 0;
    }

    static long fchdir(Task task, Args args) throws ErrnoException {
        Location location = task.files().requireAny(args.integer(0)).location();
        if (location == null) {
            throw Errno.ENOTDIR.error();
        }
        PathOperations.changeDirectory(task, location);
        return 0;
    }

    static long chroot(Task task, Args args) throws ErrnoException {
        int flags = PathWalk.FOLLOW | PathWalk.DIRECTORY;
        PathOperations.changeRoot(task, find(task, AtFlags.AT_FDCWD, args.address(0), flags));
        return 0;
    }

    /** getcwd(2): the length with its zero. */
    static long getcwd(Task task, Args args) throws ErrnoException {
        Location current = task.fs().workingDirectory();
        if (current.dentry().isRemoved()) {
            throw Errno.ENOENT.error();
        }
        byte[] path = RawName.bytes(MountListing.path(current, task.fs().root()) + "\0");
        if (path.length > PATH_MAX) {
            throw Errno.ENAMETOOLONG.error();
        }
        if (Long.compareUnsigned(args.size(1), path.length) < 0) {
            throw Errno.ERANGE.error();
        }
        UserBuffer target = task.memory().buffer(args.address(0), path.length);
        if (target.put(path, 0, path.length) < path.length) {
            throw Errno.EFAULT.error();
        }
        return path.length;
    }

    static long umask(Task task, Args args) {
        return task.fs().exchangeUmask(args.integer(0));
    }
}
