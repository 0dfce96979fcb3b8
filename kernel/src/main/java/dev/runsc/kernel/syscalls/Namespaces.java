package dev.runsc.kernel.syscalls;

import static dev.runsc.gofer.abi.CloneFlags.*;

import dev.runsc.gofer.abi.Capabilities;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.Utsname;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.task.PidNamespace;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.task.UtsNamespace;
import dev.runsc.kernel.vfs.FsContext;
import dev.runsc.kernel.vfs.MountOperations;
import dev.runsc.kernel.vfs.RawName;

/** unshare(2) and the names of the UTS namespace. */
final class Namespaces {
    /** Namespaces that clone and unshare refuse with EPERM. */
    private static final long UNSUPPORTED =
            CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWCGROUP;

    private static final long PRIVILEGED = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWPID;

    private static final int NAME_MAX = 64;

    private Namespaces() {}

    static long unshare(Task task, Args args) throws ErrnoException {
        long flags = args.longValue(0);
        long known =
                UNSUPPORTED
                        | PRIVILEGED
                        | CLONE_FS
                        | CLONE_FILES
                        | CLONE_SYSVSEM
                        | CLONE_THREAD
                        | CLONE_SIGHAND
                        | CLONE_VM;
        if ((flags & ~known) != 0) {
            throw Errno.EINVAL.error();
        }
        boolean needsSingle = (flags & (CLONE_THREAD | CLONE_SIGHAND | CLONE_VM)) != 0;
        if (needsSingle && task.group().threads().size() > 1) {
            throw Errno.EINVAL.error();
        }
        requireAllowed(task, flags);
        if ((flags & (CLONE_FS | CLONE_NEWNS)) != 0) {
            FsContext context = task.fs().copy();
            if ((flags & CLONE_NEWNS) != 0) {
                MountOperations.copyNamespace(context);
            }
            task.setFs(context);
        }
        if ((flags & CLONE_FILES) != 0 && task.files().isShared()) {
            var shared = task.files();
            task.setFiles(shared.copy());
            shared.release(task);
        }
        if ((flags & CLONE_NEWUTS) != 0) {
            task.setUts(task.uts().copy());
        }
        if ((flags & CLONE_NEWPID) != 0) {
            task.setNamespaceForChildren(new PidNamespace(task.namespaceForChildren()));
        }
        return 0;
    }

    /** EPERM for namespaces that there are none of, or that take more privilege. */
    static void requireAllowed(Task task, long flags) throws ErrnoException {
        if ((flags & UNSUPPORTED) != 0
                || (flags & PRIVILEGED) != 0
                        && !task.credentials().has(Capabilities.CAP_SYS_ADMIN)) {
            throw Errno.EPERM.error();
        }
    }

    static long sethostname(Task task, Args args) throws ErrnoException {
        task.uts().setHostname(name(task, args));
        return 0;
    }

    static long setdomainname(Task task, Args args) throws ErrnoException {
        task.uts().setDomainname(name(task, args));
        return 0;
    }

    private static String name(Task task, Args args) throws ErrnoException {
        if (!task.credentials().has(Capabilities.CAP_SYS_ADMIN)) {
            throw Errno.EPERM.error();
        }
        int length = args.integer(1);
        if (length < 0 || length > NAME_MAX) {
            throw Errno.EINVAL.error();
        }
        byte[] name = new byte[length];
        UserBuffer from = task.memory().buffer(args.address(0), length);
        if (length > 0) {
            from.take(name, 0, length);
        }
        return RawName.of(name);
    }

    static long uname(Task task, Args args) throws ErrnoException {
        UtsNamespace uts = task.uts();
        Users.write(
                task,
                args.address(0),
                new Utsname(
                        "Linux",
                        uts.hostname(),
                        UtsNamespace.RELEASE,
                        UtsNamespace.VERSION,
                        "x86_64",
                        uts.domainname()));
        return 0;
    }
}
