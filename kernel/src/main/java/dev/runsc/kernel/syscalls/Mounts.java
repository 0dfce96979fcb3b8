package dev.runsc.kernel.syscalls;

import dev.runsc.gofer.abi.AtFlags;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.MountFlags;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.vfs.FsContext;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.MountOperations;
import dev.runsc.kernel.vfs.PathWalk;
import dev.runsc.kernel.vfs.RawName;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The mount tree (Linux fs/namespace.c). */
final class Mounts {
    private static final int PAGE_SIZE = 4096;

    /**
     * The upper half of flags was once a magic number and is ignored if it still is (MS_MGC_VAL).
     */
    private static final int OLD_MAGIC = 0xC0ED0000;

    private static final int OLD_MAGIC_MASK = 0xFFFF0000;
    private static final int FROM_PATH = MountFlags.MS_BIND | MountFlags.MS_MOVE;

    private Mounts() {}

    static long mount(Task task, Args args) throws ErrnoException {
        int flags = args.integer(3);
        if ((flags & OLD_MAGIC_MASK) == OLD_MAGIC) {
            flags &= ~OLD_MAGIC_MASK;
        }
        String type = optional(task, args.address(2));
        String source = optional(task, args.address(0));
        String data = optional(task, args.address(4));
        Location at = Paths.find(task, AtFlags.AT_FDCWD, args.address(1), PathWalk.FOLLOW);
        Location from = null;
        if ((flags & FROM_PATH) != 0 && (flags & MountFlags.MS_REMOUNT) == 0) {
            from = PathWalk.find(task, source, PathWalk.FOLLOW);
        }
        MountOperations.mount(
                task,
                Paths.vfs(task),
                source.isEmpty() ? "none" : source,
                from,
                at,
                type,
                flags,
                data);
        return 0;
    }

    /** A string that may be missing, of at most a page. */
    private static String optional(Task task, long address) throws ErrnoException {
        if (address == 0) {
            return "";
        }
        try {
            return RawName.of(task.memory().readCString(address, PAGE_SIZE));
        } catch (ErrnoException e) {
            throw e.is(Errno.ENAMETOOLONG) ? Errno.EINVAL.error() : e;
        }
    }

    static long umount2(Task task, Args args) throws ErrnoException {
        int flags = args.integer(1);
        boolean follow = (flags & MountFlags.UMOUNT_NOFOLLOW) == 0;
        Location at =
                Paths.find(task, AtFlags.AT_FDCWD, args.address(0), follow ? PathWalk.FOLLOW : 0);
        MountOperations.unmount(task, Paths.vfs(task), at, flags);
        return 0;
    }

    static long pivot_root(Task task, Args args) throws ErrnoException {
        int walk = PathWalk.FOLLOW | PathWalk.DIRECTORY;
        Location newRoot = Paths.find(task, AtFlags.AT_FDCWD, args.address(0), walk);
        Location putOld = Paths.find(task, AtFlags.AT_FDCWD, args.address(1), walk);
        MountOperations.pivotRoot(task, Paths.vfs(task), newRoot, putOld, contexts(task));
        return 0;
    }

    private static List<FsContext> contexts(Task task) {
        List<FsContext> all = new ArrayList<>();
        for (Task other : task.taskSet().tasks()) {
            @Nullable FsContext context = other.findFs();
            if (context != null) {
                all.add(context);
            }
        }
        return all;
    }
}
