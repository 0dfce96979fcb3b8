package dev.runsc.kernel.fs.proc;

import static dev.runsc.gofer.abi.CloneFlags.*;

import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.vfs.FsContext;
import dev.runsc.kernel.vfs.MountNamespace;
import dev.runsc.state.Savable;

/**
 * The links in {@code /proc/PID/ns} (namespaces(7)). Kinds of which there is one only have the
 * number of Linux's first.
 */
public enum NamespaceKind {
    CGROUP("cgroup", "cgroup", CLONE_NEWCGROUP, 0xEFFFFFFBL),
    IPC("ipc", "ipc", CLONE_NEWIPC, 0xEFFFFFFFL),
    MNT("mnt", "mnt", CLONE_NEWNS, 0xEFFFFFF8L),
    NET("net", "net", CLONE_NEWNET, 0xEFFFFFF9L),
    PID("pid", "pid", CLONE_NEWPID, 0xEFFFFFFCL),
    PID_FOR_CHILDREN("pid_for_children", "pid", CLONE_NEWPID, 0xEFFFFFFCL),
    TIME("time", "time", CLONE_NEWTIME, 0xEFFFFFFAL),
    TIME_FOR_CHILDREN("time_for_children", "time", CLONE_NEWTIME, 0xEFFFFFFAL),
    USER("user", "user", CLONE_NEWUSER, 0xEFFFFFFDL),
    UTS("uts", "uts", CLONE_NEWUTS, 0xEFFFFFFEL);

    private final String linkName;
    private final String type;
    private final int cloneFlag;
    private final long firstNumber;

    NamespaceKind(String linkName, String type, int cloneFlag, long firstNumber) {
        this.cloneFlag = cloneFlag;
        this.linkName = linkName;
        this.type = type;
        this.firstNumber = firstNumber;
    }

    String linkName() {
        return linkName;
    }

    /** The number of the task's namespace of this kind, which is also its inode's. */
    long number(Task task) {
        return switch (this) {
            case MNT -> {
                FsContext fs = task.findFs();
                MountNamespace namespace = fs == null ? null : fs.root().mount().namespace();
                yield namespace == null ? firstNumber : namespace.inodeNumber();
            }
            case CGROUP -> task.namespaces().cgroups().number();
            case IPC -> task.namespaces().ipc().number();
            case PID -> task.namespace().number();
            case PID_FOR_CHILDREN -> task.namespaces().pidsForChildren().number();
            case USER -> task.credentials().namespace().number();
            case UTS -> task.uts().number();
            default -> firstNumber;
        };
    }

    /** CLONE_NEW* of the kind. */
    public int cloneFlag() {
        return cloneFlag;
    }

    /** What setns(2) takes for the task's namespace of this kind. */
    NamespaceHandle handle(ProcFileSystem proc, Task task) {
        Savable namespace =
                switch (this) {
                    case CGROUP -> task.namespaces().cgroups();
                    case IPC -> task.namespaces().ipc();
                    case MNT -> {
                        FsContext fs = task.findFs();
                        yield fs == null ? null : fs.root().mount().namespace();
                    }
                    case PID -> task.namespace();
                    case PID_FOR_CHILDREN -> task.namespaces().pidsForChildren();
                    case USER -> task.credentials().namespace();
                    case UTS -> task.uts();
                    case NET, TIME, TIME_FOR_CHILDREN -> null;
                };
        return new NamespaceHandle(proc, this, namespace, number(task));
    }

    /** As readlink shows it, such as {@code pid:[4026531836]}. */
    String text(Task task) {
        return text(number(task));
    }

    /** The same of a number. */
    String text(long number) {
        return type + ":[" + number + "]";
    }
}
