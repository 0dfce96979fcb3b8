package dev.runsc.kernel.syscalls;

import static dev.runsc.gofer.abi.CloneFlags.*;

import dev.runsc.gofer.abi.Capabilities;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.auth.UserNamespace;
import dev.runsc.kernel.cgroup.CgroupNamespace;
import dev.runsc.kernel.fs.proc.NamespaceHandle;
import dev.runsc.kernel.fs.synthetic.SyntheticFileDescription;
import dev.runsc.kernel.ipc.IpcNamespace;
import dev.runsc.kernel.task.NamespaceSet;
import dev.runsc.kernel.task.NewNamespaces;
import dev.runsc.kernel.task.PidFd;
import dev.runsc.kernel.task.PidNamespace;
import dev.runsc.kernel.task.SemaphoreUndos;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.task.UtsNamespace;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.FsContext;
import dev.runsc.kernel.vfs.MountNamespace;
import dev.runsc.state.Savable;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** setns(2): entering namespaces that exist (Linux kernel/nsproxy.c). */
final class NamespaceEntry {
    private static final int KNOWN =
            CLONE_NEWNS
                    | CLONE_NEWUTS
                    | CLONE_NEWIPC
                    | CLONE_NEWPID
                    | CLONE_NEWUSER
                    | CLONE_NEWNET
                    | CLONE_NEWCGROUP
                    | CLONE_NEWTIME;

    private final Task task;
    private Credentials credentials;
    private NamespaceSet set;
    private @Nullable FsContext context;

    private NamespaceEntry(Task task) {
        this.task = task;
        credentials = task.credentials();
        set = task.namespaces();
    }

    static long setns(Task task, Args args) throws ErrnoException {
        FileDescription file = task.files().require(args.integer(0));
        int flags = args.integer(1);
        if ((flags & ~KNOWN) != 0) {
            throw Errno.EINVAL.error();
        }
        NamespaceEntry entry = new NamespaceEntry(task);
        if (file instanceof SyntheticFileDescription synthetic
                && synthetic.source() instanceof NamespaceHandle handle) {
            if (flags != 0 && flags != handle.kind().cloneFlag()) {
                throw Errno.EINVAL.error();
            }
            entry.add(handle.namespace());
        } else {
            Task target = requireTarget(file);
            for (Savable namespace : entry.namespacesOf(target, flags)) {
                entry.add(namespace);
            }
        }
        entry.commit();
        return 0;
    }

    private static Task requireTarget(FileDescription file) throws ErrnoException {
        if (!(file instanceof PidFd pidfd)) {
            throw Errno.EINVAL.error();
        }
        if (pidfd.group().isZombie()) {
            throw Errno.ESRCH.error();
        }
        return pidfd.group().leader();
    }

    /** What the flags name of another process, the user namespace first (validate_nsset). */
    private List<Savable> namespacesOf(Task target, int flags) throws ErrnoException {
        if (flags == 0) {
            throw Errno.EINVAL.error();
        }
        UserNamespace users = target.credentials().namespace();
        if (!credentials.hasIn(users, Capabilities.CAP_SYS_PTRACE)
                && credentials.effectiveUid() != target.credentials().uid()) {
            throw Errno.EPERM.error();
        }
        List<Savable> found = new ArrayList<>();
        if ((flags & CLONE_NEWUSER) != 0) {
            found.add(users);
        }
        FsContext fs = target.findFs();
        MountNamespace mounts = fs == null ? null : fs.root().mount().namespace();
        if ((flags & CLONE_NEWNS) != 0 && mounts != null) {
            found.add(mounts);
        }
        if ((flags & CLONE_NEWUTS) != 0) {
            found.add(target.uts());
        }
        if ((flags & CLONE_NEWIPC) != 0) {
            found.add(target.namespaces().ipc());
        }
        if ((flags & CLONE_NEWCGROUP) != 0) {
            found.add(target.namespaces().cgroups());
        }
        if ((flags & CLONE_NEWPID) != 0) {
            found.add(target.namespace());
        }
        return found;
    }

    private void require(UserNamespace owner) throws ErrnoException {
        if (!credentials.hasIn(owner, Capabilities.CAP_SYS_ADMIN)
                || !credentials.hasOwn(Capabilities.CAP_SYS_ADMIN)) {
            throw Errno.EPERM.error();
        }
    }

    private void add(@Nullable Savable namespace) throws ErrnoException {
        switch (namespace) {
            case null -> require(task.taskSet().users());
            case UserNamespace users -> addUsers(users);
            case MountNamespace mounts -> addMounts(mounts);
            case UtsNamespace uts -> {
                require(uts.owner());
                set = set.withUts(uts);
            }
            case IpcNamespace ipc -> {
                require(ipc.owner());
                set = set.withIpc(ipc);
            }
            case CgroupNamespace cgroups -> {
                require(cgroups.owner());
                set = set.withCgroups(cgroups);
            }
            case PidNamespace pids -> {
                require(pids.owner());
                if (!task.namespace().isAncestorOf(pids)) {
                    throw Errno.EINVAL.error();
                }
                set = set.withPidsForChildren(pids);
            }
            default -> throw Errno.EINVAL.error();
        }
    }

    private void addUsers(UserNamespace users) throws ErrnoException {
        if (users == credentials.namespace() || task.group().threads().size() > 1) {
            throw Errno.EINVAL.error();
        }
        requireOwnContext();
        if (!credentials.hasIn(users, Capabilities.CAP_SYS_ADMIN)) {
            throw Errno.EPERM.error();
        }
        credentials = credentials.in(users);
    }

    private void addMounts(MountNamespace mounts) throws ErrnoException {
        require(mounts.owner());
        if (!credentials.hasOwn(Capabilities.CAP_SYS_CHROOT)) {
            throw Errno.EPERM.error();
        }
        requireOwnContext();
        FsContext changed = task.fs().copy();
        changed.setRoot(mounts.rootLocation());
        changed.setWorkingDirectory(mounts.rootLocation());
        context = changed;
    }

    /** EINVAL when root and working directory are shared with another task (CLONE_FS). */
    private void requireOwnContext() throws ErrnoException {
        for (Task other : task.taskSet().tasks()) {
            if (other != task && other.findFs() == task.fs()) {
                throw Errno.EINVAL.error();
            }
        }
    }

    private void commit() {
        if (set.ipc() != task.namespaces().ipc()) {
            SemaphoreUndos.release(task, task);
        }
        NewNamespaces.enter(task, set.retained());
        FsContext changed = context;
        if (changed != null) {
            task.setFs(changed);
        }
        task.setCredentials(credentials);
    }
}
