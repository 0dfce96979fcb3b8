package dev.runsc.kernel.fs.proc;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.kernel.auth.UserNamespace;
import dev.runsc.kernel.cgroup.CgroupNamespace;
import dev.runsc.kernel.fs.synthetic.Content;
import dev.runsc.kernel.fs.synthetic.ContentSource;
import dev.runsc.kernel.fs.synthetic.SyntheticFile;
import dev.runsc.kernel.ipc.IpcNamespace;
import dev.runsc.kernel.memory.MemoryManager;
import dev.runsc.kernel.task.PidNamespace;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.task.UtsNamespace;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.MountNamespace;
import dev.runsc.state.Savable;
import org.jspecify.annotations.Nullable;

/**
 * What a file of {@code /proc/PID/ns} stands for, for setns(2) and ioctl_ns(2). It has no contents.
 *
 * @param kind of namespace
 * @param namespace null for the kinds of which there is one only
 * @param number of the namespace, which is also the file's
 */
public record NamespaceHandle(
        ProcFileSystem proc, NamespaceKind kind, @Nullable Savable namespace, long number)
        implements ContentSource {
    private static final int NS_GET_USERNS = 0xb701;
    private static final int NS_GET_PARENT = 0xb702;
    private static final int NS_GET_NSTYPE = 0xb703;
    private static final int NS_GET_OWNER_UID = 0xb704;

    @Override
    public void generate(Caller caller, Content out) throws ErrnoException {
        throw Errno.EINVAL.error();
    }

    /** A file that stands for the namespace. */
    Location place() {
        SyntheticFile file = new SyntheticFile(proc, number, 0444, this);
        return proc.vfs().unnamedLocation(file, kind.text(number));
    }

    @Override
    public long ioctl(Caller caller, MemoryManager memory, int request, long argument)
            throws ErrnoException {
        return switch (request) {
            case NS_GET_USERNS -> open(caller, owner(), caller.credentials().namespace());
            case NS_GET_PARENT -> parent(caller);
            case NS_GET_NSTYPE -> kind.cloneFlag();
            case NS_GET_OWNER_UID -> {
                if (!(namespace instanceof UserNamespace users)) {
                    throw Errno.EINVAL.error();
                }
                UserNamespace viewer = caller.credentials().namespace();
                memory.writeInt(argument, viewer.shownUid(users.ownerUid()));
                yield 0;
            }
            default -> throw Errno.ENOTTY.error();
        };
    }

    private @Nullable UserNamespace owner() {
        return switch (namespace) {
            case UserNamespace users -> users.parent();
            case MountNamespace mounts -> mounts.owner();
            case PidNamespace pids -> pids.owner();
            case UtsNamespace uts -> uts.owner();
            case IpcNamespace ipc -> ipc.owner();
            case CgroupNamespace cgroups -> cgroups.owner();
            case null, default -> proc.tasks().users();
        };
    }

    /** A descriptor of a user namespace; EPERM unless the caller's is above it, or the same. */
    private long open(Caller caller, @Nullable UserNamespace users, UserNamespace own)
            throws ErrnoException {
        if (users == null || !own.isAncestorOf(users)) {
            throw Errno.EPERM.error();
        }
        return open(caller, new NamespaceHandle(proc, NamespaceKind.USER, users, users.number()));
    }

    private static long open(Caller caller, NamespaceHandle handle) throws ErrnoException {
        Location place = handle.place();
        FileDescription file = place.inode().open(caller, place, OpenFlags.O_RDONLY);
        return caller.files().install(caller, file, true);
    }

    private long parent(Caller caller) throws ErrnoException {
        if (namespace instanceof UserNamespace users) {
            return open(caller, users.parent(), caller.credentials().namespace());
        }
        Task task = Inspection.findTask(caller);
        if (!(namespace instanceof PidNamespace pids) || task == null) {
            throw Errno.EINVAL.error();
        }
        PidNamespace above = pids.parent();
        if (above == null || !task.namespace().isAncestorOf(above)) {
            throw Errno.EPERM.error();
        }
        return open(caller, new NamespaceHandle(proc, NamespaceKind.PID, above, above.number()));
    }
}
