package dev.runsc.kernel.syscalls;

import dev.runsc.gofer.abi.AtFlags;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.XattrFlags;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.PathWalk;
import dev.runsc.kernel.vfs.RawName;
import dev.runsc.kernel.vfs.XattrOperations;
import java.io.ByteArrayOutputStream;

/** Extended attributes (Linux fs/xattr.c). */
final class Xattrs {
    private Xattrs() {}

    private static Location follow(Task task, Args args) throws ErrnoException {
        return Paths.find(task, AtFlags.AT_FDCWD, args.address(0), PathWalk.FOLLOW);
    }

    private static Location noFollow(Task task, Args args) throws ErrnoException {
        return Paths.find(task, AtFlags.AT_FDCWD, args.address(0), 0);
    }

    private static Location descriptor(Task task, Args args) throws ErrnoException {
        return Paths.vfs(task).locationOf(task.files().require(args.integer(0)));
    }

    static long setxattr(Task task, Args args) throws ErrnoException {
        return set(task, follow(task, args), args);
    }

    static long lsetxattr(Task task, Args args) throws ErrnoException {
        return set(task, noFollow(task, args), args);
    }

    static long fsetxattr(Task task, Args args) throws ErrnoException {
        return set(task, descriptor(task, args), args);
    }

    static long getxattr(Task task, Args args) throws ErrnoException {
        return get(task, follow(task, args), args);
    }

    static long lgetxattr(Task task, Args args) throws ErrnoException {
        return get(task, noFollow(task, args), args);
    }

    static long fgetxattr(Task task, Args args) throws ErrnoException {
        return get(task, descriptor(task, args), args);
    }

    static long listxattr(Task task, Args args) throws ErrnoException {
        return list(task, follow(task, args), args);
    }

    static long llistxattr(Task task, Args args) throws ErrnoException {
        return list(task, noFollow(task, args), args);
    }

    static long flistxattr(Task task, Args args) throws ErrnoException {
        return list(task, descriptor(task, args), args);
    }

    static long removexattr(Task task, Args args) throws ErrnoException {
        return remove(task, follow(task, args), args);
    }

    static long lremovexattr(Task task, Args args) throws ErrnoException {
        return remove(task, noFollow(task, args), args);
    }

    static long fremovexattr(Task task, Args args) throws ErrnoException {
        return remove(task, descriptor(task, args), args);
    }

    /** A name of 1 to 255 bytes; ERANGE for others. */
    private static String name(Task task, long address) throws ErrnoException {
        byte[] name;
        try {
            name = task.memory().readCString(address, XattrFlags.XATTR_NAME_MAX + 1);
        } catch (ErrnoException e) {
            throw e.is(Errno.ENAMETOOLONG) ? Errno.ERANGE.error() : e;
        }
        if (name.length == 0) {
            throw Errno.ERANGE.error();
        }
        return RawName.of(name);
    }

    private static long set(Task task, Location location, Args args) throws ErrnoException {
        int flags = args.integer(4);
        Paths.requireKnown(flags, XattrFlags.XATTR_CREATE | XattrFlags.XATTR_REPLACE);
        String name = name(task, args.address(1));
        if (Long.compareUnsigned(args.size(3), XattrFlags.XATTR_SIZE_MAX) > 0) {
            throw Errno.E2BIG.error();
        }
        byte[] value = new byte[(int) args.size(3)];
        task.memory().copyIn(args.address(2), value);
        XattrOperations.set(task, location, name, value, flags);
        return 0;
    }

    private static long get(Task task, Location location, Args args) throws ErrnoException {
        String name = name(task, args.address(1));
        return put(task, XattrOperations.get(task, location, name), args.address(2), args.size(3));
    }

    private static long list(Task task, Location location, Args args) throws ErrnoException {
        ByteArrayOutputStream names = new ByteArrayOutputStream();
        for (String name : XattrOperations.list(task, location)) {
            names.writeBytes(RawName.bytes(name));
            names.write(0);
        }
        return put(task, names.toByteArray(), args.address(1), args.size(2));
    }

    private static long remove(Task task, Location location, Args args) throws ErrnoException {
        XattrOperations.remove(task, location, name(task, args.address(1)));
        return 0;
    }

    /** A size of 0 asks how long the answer is. */
    private static long put(Task task, byte[] value, long address, long size)
            throws ErrnoException {
        if (size == 0) {
            return value.length;
        }
        if (Long.compareUnsigned(size, value.length) < 0) {
            throw Errno.ERANGE.error();
        }
        UserBuffer target = task.memory().buffer(address, value.length);
        if (value.length > 0 && target.put(value, 0, value.length) < value.length) {
            throw Errno.EFAULT.error();
        }
        return value.length;
    }
}
