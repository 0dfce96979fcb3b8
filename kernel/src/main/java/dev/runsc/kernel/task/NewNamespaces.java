package dev.runsc.kernel.task;

import static dev.runsc.gofer.abi.CloneFlags.CLONE_NEWCGROUP;
import static dev.runsc.gofer.abi.CloneFlags.CLONE_NEWIPC;
import static dev.runsc.gofer.abi.CloneFlags.CLONE_NEWNS;
import static dev.runsc.gofer.abi.CloneFlags.CLONE_NEWPID;
import static dev.runsc.gofer.abi.CloneFlags.CLONE_NEWUSER;
import static dev.runsc.gofer.abi.CloneFlags.CLONE_NEWUTS;

import dev.runsc.gofer.abi.Capabilities;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.auth.UserNamespace;
import dev.runsc.kernel.cgroup.CgroupNamespace;
import dev.runsc.kernel.vfs.FsContext;
import dev.runsc.kernel.vfs.MountNamespace;

/** Namespaces that clone and unshare make (Linux kernel/nsproxy.c, create_new_namespaces). */
public final class NewNamespaces {
    private static final long PRIVILEGED =
            CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWCGROUP;

    private NewNamespaces() {}

    /**
     * Who a task, or its child, is with the namespaces that flags ask for: an administrator of a
     * new user namespace, else who it was.
     *
     * @throws ErrnoException EPERM when the user namespace that will own them gives no right to
     *     make them; ENOSPC
     */
    public static Credentials credentials(Task task, long flags) throws ErrnoException {
        Credentials who = task.credentials();
        if ((flags & CLONE_NEWUSER) != 0) {
            if (isChrooted(task.fs())) {
                throw Errno.EPERM.error();
            }
            who = who.inNewNamespace();
        }
        if ((flags & PRIVILEGED) != 0 && !who.hasOwn(Capabilities.CAP_SYS_ADMIN)) {
            throw Errno.EPERM.error();
        }
        return who;
    }

    /** current_chrooted: its root is not where its mount namespace begins. */
    static boolean isChrooted(FsContext fs) {
        MountNamespace namespace = fs.root().mount().namespace();
        return namespace == null
                || fs.root().mount() != namespace.rootLocation().mount()
                || fs.root().dentry() != namespace.rootLocation().dentry();
    }

    /**
     * The namespaces of a task, with new ones for the flags; they count one task more.
     *
     * @param owner of the new ones
     */
    public static NamespaceSet make(Task task, long flags, UserNamespace owner)
            throws ErrnoException {
        NamespaceSet set = task.namespaces();
        if ((flags & CLONE_NEWUTS) != 0) {
            set = set.withUts(set.uts().copy(owner));
        }
        if ((flags & CLONE_NEWPID) != 0) {
            set = set.withPidsForChildren(PidNamespace.below(set.pidsForChildren(), owner));
        }
        if ((flags & CLONE_NEWCGROUP) != 0) {
            set = set.withCgroups(new CgroupNamespace(owner, task.membership()));
        }
        return (flags & CLONE_NEWIPC) != 0 ? set.withIpc(set.ipc().fresh(owner)) : set.retained();
    }

    /** Lets the calling task have other namespaces, which count it already. */
    public static void enter(Task task, NamespaceSet changed) {
        NamespaceSet old = task.namespaces();
        task.setNamespaces(changed);
        old.release();
    }
}
