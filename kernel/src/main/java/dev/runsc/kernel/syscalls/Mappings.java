package dev.runsc.kernel.syscalls;

import static dev.runsc.gofer.abi.MmapFlags.*;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.Prctl;
import dev.runsc.kernel.memory.Addresses;
import dev.runsc.kernel.memory.MapRequest;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.vfs.FileDescription;

/** The address space: mmap and its family. */
final class Mappings {
    private Mappings() {}

    static long mmap(Task task, Args args) throws ErrnoException {
        long address = args.address(0);
        long length = args.size(1);
        int protection = args.integer(2) & MapRequest.ALL_PROTECTION;
        int flags = args.integer(3);
        long offset = args.longValue(5);
        if ((offset & Addresses.PAGE_MASK) != 0) {
            throw Errno.EINVAL.error();
        }
        if ((flags & MAP_ANONYMOUS) != 0) {
            return task.memory().map(MapRequest.anonymous(address, length, protection, flags));
        }
        FileDescription file = task.files().require(args.integer(4));
        int type = flags & 0xf;
        boolean shared = type == MAP_SHARED || type == MAP_SHARED_VALIDATE;
        int maxProtection = file.checkMapping(task, shared, protection);
        if (file.mapsZeros()) {
            return task.memory()
                    .map(
                            MapRequest.anonymous(address, length, protection, flags)
                                    .withMaxProtection(maxProtection));
        }
        return task.memory()
                .map(
                        MapRequest.file(
                                        address,
                                        length,
                                        protection,
                                        flags,
                                        file.mappable(task),
                                        offset)
                                .withMaxProtection(maxProtection));
    }

    static long munmap(Task task, Args args) throws ErrnoException {
        task.memory().unmap(args.address(0), args.size(1));
        return 0;
    }

    static long mprotect(Task task, Args args) throws ErrnoException {
        task.memory().protect(args.address(0), args.size(1), args.integer(2));
        return 0;
    }

    static long pkey_mprotect(Task task, Args args) throws ErrnoException {
        if (args.integer(3) != -1) {
            throw Errno.EINVAL.error();
        }
        return mprotect(task, args);
    }

    static long mremap(Task task, Args args) throws ErrnoException {
        return task.memory()
                .remap(
                        args.address(0),
                        args.size(1),
                        args.size(2),
                        args.integer(3),
                        args.address(4));
    }

    static long brk(Task task, Args args) {
        return task.memory().brk(args.address(0));
    }

    static long madvise(Task task, Args args) throws ErrnoException {
        task.memory().advise(args.address(0), args.size(1), args.integer(2));
        return 0;
    }

    static long msync(Task task, Args args) throws ErrnoException {
        task.memory().sync(args.address(0), args.size(1), args.integer(2));
        return 0;
    }

    static long mincore(Task task, Args args) throws ErrnoException {
        task.memory().mincore(args.address(0), args.size(1), args.address(2));
        return 0;
    }

    static long mlock(Task task, Args args) throws ErrnoException {
        task.memory().lock(args.address(0), args.size(1), 0);
        return 0;
    }

    static long mlock2(Task task, Args args) throws ErrnoException {
        task.memory().lock(args.address(0), args.size(1), args.integer(2));
        return 0;
    }

    static long munlock(Task task, Args args) throws ErrnoException {
        task.memory().unlock(args.address(0), args.size(1));
        return 0;
    }

    static long mlockall(Task task, Args args) throws ErrnoException {
        task.memory().lockAll(args.integer(0));
        return 0;
    }

    static long munlockall(Task task, Args args) {
        task.memory().unlockAll();
        return 0;
    }

    /** prctl(PR_SET_VMA): names an anonymous area. */
    static long setVma(Task task, Args args) throws ErrnoException {
        if (args.longValue(1) != Prctl.PR_SET_VMA_ANON_NAME) {
            throw Errno.EINVAL.error();
        }
        String name = args.address(4) == 0 ? null : Users.path(task, args.address(4));
        task.memory().setAreaName(args.address(2), args.size(3), name);
        return 0;
    }
}
