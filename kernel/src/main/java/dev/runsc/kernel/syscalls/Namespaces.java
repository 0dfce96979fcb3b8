package dev.runsc.kernel.syscalls;

import static dev.runsc.gofer.abi.CloneFlags.*;

import dev.runsc.gofer.abi.Capabilities;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.Utsname;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.auth.UserNamespace;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.task.NamespaceSet;
import dev.runsc.kernel.task.NewNamespaces;
import dev.runsc.kernel.task.SemaphoreUndos;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.task.UtsNamespace;
import dev.runsc.kernel.vfs.FsContext;
import dev.runsc.kernel.vfs.MountOperations;
import dev.runsc.kernel.vfs.RawName;

/** unshare(2) and the names of the UTS namespace. */
final class Namespaces {
    /** Namespaces that clone and unshare refuse with EPERM. */
    private static final long UNSUPPORTED = CLONE_NEWNET;

    private static final long KNOWN =
            UNSUPPORTED
                    | CLONE_NEWUSER
                    | CLONE_NEWCGROUP
                    | CLONE_NEWNS
                    | CLONE_NEWUTS
                    | CLONE_NEWPID
                    | CLONE_NEWIPC
                    | CLONE_FS
                    | CLONE_FILES
                    | CLONE_SYSVSEM
                    | CLONE_THREAD
                    | CLONE_SIGHAND
                    | CLONE_VM;

    /** What only a process with one thread can give up. */
    private static final long SINGLE = CLONE_THREAD | CLONE_SIGHAND | CLONE_VM | CLONE_NEWUSER;

    private static final int NAME_MAX = 64;

    private Namespaces() {}

    static long unshare(Task task, Args args) throws ErrnoException {
        long flags = args.longValue(0);
        if ((flags & ~KNOWN) != 0 || (flags & SINGLE) != 0 && task.group().threads().size() > 1) {
            throw Errno.EINVAL.error();
        }
        requireSupported(flags);
        Credentials credentials = NewNamespaces.credentials(task, flags);
        UserNamespace owner = credentials.namespace();
        NamespaceSet namespaces = NewNamespaces.make(task, flags, owner);
        try {
            unshareFiles(task, flags, owner);
        } catch (ErrnoException refused) {
            namespaces.release();
            throw refused;
        }
        if ((flags & (CLONE_SYSVSEM | CLONE_NEWIPC)) != 0) {
            SemaphoreUndos.release(task, task);
        }
        NewNamespaces.enter(task, namespaces);
        task.setCredentials(credentials);
        return 0;
    }

    /** Root, working directory and descriptors; a new user namespace takes a context of its own. */
    private static void unshareFiles(Task task, long flags, UserNamespace owner)
            throws ErrnoException {
        if ((flags & (CLONE_FS | CLONE_NEWNS | CLONE_NEWUSER)) != 0) {
            FsContext context = task.fs().copy();
            if ((flags & CLONE_NEWNS) != 0) {
                MountOperations.copyNamespace(context, owner);
            }
            task.setFs(context);
        }
        if ((flags & CLONE_FILES) != 0 && task.files().isShared()) {
            var shared = task.files();
            task.setFiles(shared.copy());
            shared.release(task);
        }
    }

    /** EPERM for namespaces that there are none of. */
    static void requireSupported(long flags) throws ErrnoException {
        if ((flags & UNSUPPORTED) != 0) {
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
        if (!task.credentials().hasIn(task.uts().owner(), Capabilities.CAP_SYS_ADMIN)) {
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
