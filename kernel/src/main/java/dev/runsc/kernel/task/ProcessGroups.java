package dev.runsc.kernel.task;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.sync.KernelLock;
import org.jspecify.annotations.Nullable;

/** Changing process groups and sessions (setpgid(2), setsid(2)). */
public final class ProcessGroups {
    private ProcessGroups() {}

    public static @Nullable ProcessGroup find(Task task, int id) {
        KernelLock lock = task.taskSet().lock();
        lock.lock();
        try {
            return task.namespace().findProcessGroup(id);
        } finally {
            lock.unlock();
        }
    }

    /** setpgid(2). */
    public static void setProcessGroup(Task task, int pid, int groupId) throws ErrnoException {
        if (groupId < 0) {
            throw Errno.EINVAL.error();
        }
        PidNamespace namespace = task.namespace();
        KernelLock lock = task.taskSet().lock();
        lock.lock();
        try {
            ThreadGroup target = pid == 0 ? task.group() : namespace.findGroup(pid);
            if (target == null) {
                throw Errno.ESRCH.error();
            }
            if (target != task.group()) {
                if (target.parent() != task.group()) {
                    throw Errno.ESRCH.error();
                }
                if (target.session() != task.group().session()) {
                    throw Errno.EPERM.error();
                }
                if (target.hasExecuted()) {
                    throw Errno.EACCES.error();
                }
            }
            if (target.session().leader() == target) {
                throw Errno.EPERM.error();
            }
            int targetPid = target.pid().in(namespace);
            int wanted = groupId == 0 ? targetPid : groupId;
            ProcessGroup group = namespace.findProcessGroup(wanted);
            if (group == null) {
                if (wanted != targetPid) {
                    throw Errno.EPERM.error();
                }
                group = new ProcessGroup(target.pid(), target.session());
            } else if (group.session() != task.group().session()) {
                throw Errno.EPERM.error();
            }
            target.moveTo(group);
        } finally {
            lock.unlock();
        }
    }

    /** setsid(2): EPERM for a process group leader. Returns the new session's id. */
    public static int startSession(Task task) throws ErrnoException {
        ThreadGroup group = task.group();
        KernelLock lock = task.taskSet().lock();
        lock.lock();
        try {
            int pid = group.pid().in(task.namespace());
            if (task.namespace().findProcessGroup(pid) != null) {
                throw Errno.EPERM.error();
            }
            Session session = TaskBirth.newSession(group.pid(), group);
            group.moveTo(new ProcessGroup(group.pid(), session));
            group.setWithoutTerminal(false);
            return pid;
        } finally {
            lock.unlock();
        }
    }
}
