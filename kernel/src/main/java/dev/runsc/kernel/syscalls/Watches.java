package dev.runsc.kernel.syscalls;

import dev.runsc.gofer.abi.AtFlags;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.InotifyFlags;
import dev.runsc.kernel.fs.anon.Inotify;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.PathWalk;

/** Watching files (Linux fs/notify/inotify/inotify_user.c). */
final class Watches {
    private static final int FLAGS =
            InotifyFlags.IN_ONLYDIR
                    | InotifyFlags.IN_DONT_FOLLOW
                    | InotifyFlags.IN_EXCL_UNLINK
                    | InotifyFlags.IN_MASK_CREATE
                    | InotifyFlags.IN_MASK_ADD
                    | InotifyFlags.IN_ISDIR
                    | InotifyFlags.IN_ONESHOT;

    /** Kernel-made events may be asked for; they come anyway. */
    private static final int KNOWN =
            FLAGS
                    | InotifyFlags.IN_ALL_EVENTS
                    | InotifyFlags.IN_UNMOUNT
                    | InotifyFlags.IN_Q_OVERFLOW
                    | InotifyFlags.IN_IGNORED;

    private Watches() {}

    static long inotify_init(Task task, Args args) throws ErrnoException {
        return create(task, 0);
    }

    static long inotify_init1(Task task, Args args) throws ErrnoException {
        return create(task, args.integer(0));
    }

    private static long create(Task task, int flags) throws ErrnoException {
        Paths.requireKnown(flags, InotifyFlags.IN_CLOEXEC | InotifyFlags.IN_NONBLOCK);
        Inotify file = new Inotify(flags & InotifyFlags.IN_NONBLOCK);
        try {
            return task.files().install(task, file, (flags & InotifyFlags.IN_CLOEXEC) != 0);
        } catch (ErrnoException e) {
            file.release();
            throw e;
        }
    }

    static long inotify_add_watch(Task task, Args args) throws ErrnoException {
        int mask = args.integer(2);
        boolean both =
                (mask & InotifyFlags.IN_MASK_ADD) != 0 && (mask & InotifyFlags.IN_MASK_CREATE) != 0;
        if ((mask & ~FLAGS) == 0 || (mask & ~KNOWN) != 0 || both) {
            throw Errno.EINVAL.error();
        }
        Inotify instance = require(task, args.integer(0));
        int walk = (mask & InotifyFlags.IN_DONT_FOLLOW) != 0 ? 0 : PathWalk.FOLLOW;
        walk |= (mask & InotifyFlags.IN_ONLYDIR) != 0 ? PathWalk.DIRECTORY : 0;
        Location location = Paths.find(task, AtFlags.AT_FDCWD, args.address(1), walk);
        location.inode().checkPermission(task, Inode.MAY_READ);
        return instance.watch(location.inode(), mask);
    }

    static long inotify_rm_watch(Task task, Args args) throws ErrnoException {
        require(task, args.integer(0)).unwatch(args.integer(1));
        return 0;
    }

    private static Inotify require(Task task, int fd) throws ErrnoException {
        if (task.files().require(fd) instanceof Inotify instance) {
            return instance;
        }
        throw Errno.EINVAL.error();
    }
}
