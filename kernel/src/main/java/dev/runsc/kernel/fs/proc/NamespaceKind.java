package dev.runsc.kernel.fs.proc;

import dev.runsc.kernel.task.PidNamespace;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.task.ThreadGroup;
import dev.runsc.kernel.vfs.FsContext;
import dev.runsc.kernel.vfs.MountNamespace;

/**
 * The links in {@code /proc/PID/ns} (namespaces(7)). Kinds of which there is one only have the
 * number of Linux's first.
 */
enum NamespaceKind {
    CGROUP("cgroup", "cgroup", 0xEFFFFFFBL),
    IPC("ipc", "ipc", 0xEFFFFFFFL),
    MNT("mnt", "mnt", 0xEFFFFFF8L),
    NET("net", "net", 0xEFFFFFF9L),
    PID("pid", "pid", 0xEFFFFFFCL),
    PID_FOR_CHILDREN("pid_for_children", "pid", 0xEFFFFFFCL),
    TIME("time", "time", 0xEFFFFFFAL),
    TIME_FOR_CHILDREN("time_for_children", "time", 0xEFFFFFFAL),
    USER("user", "user", 0xEFFFFFFDL),
    UTS("uts", "uts", 0xEFFFFFFEL);

    /**
     * Further PID namespaces are numbered by their first process, which none shares while it lives.
     */
    private static final long PID_NAMESPACES = 0xF1000000L;

    private final String linkName;
    private final String type;
    private final long firstNumber;

    NamespaceKind(String linkName, String type, long firstNumber) {
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
            case PID -> number(task.namespace());
            case PID_FOR_CHILDREN -> number(task.namespaceForChildren());
            default -> firstNumber;
        };
    }

    private long number(PidNamespace namespace) {
        ThreadGroup init = namespace.init();
        if (namespace.parent() == null || init == null) {
            return firstNumber;
        }
        return PID_NAMESPACES + init.pid().ids()[0];
    }

    /** As readlink shows it, such as {@code pid:[4026531836]}. */
    String text(Task task) {
        return type + ":[" + number(task) + "]";
    }
}
