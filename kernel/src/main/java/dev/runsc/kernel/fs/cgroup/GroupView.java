package dev.runsc.kernel.fs.cgroup;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.cgroup.Cgroups;
import dev.runsc.kernel.cgroup.ControlGroup;
import dev.runsc.kernel.fs.proc.MachineInfo;
import dev.runsc.kernel.task.PidNamespace;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.task.TaskSet;
import dev.runsc.kernel.vfs.Inode;
import org.jspecify.annotations.Nullable;

/**
 * A group, and who looks at it.
 *
 * @param directory null when it is not looked at through a file
 * @param task who looks; null for those outside the sandbox, who may do all
 * @param pids the numbers that are meant
 */
record GroupView(
        CgroupFiles files,
        ControlGroup group,
        @Nullable GroupDirectory directory,
        @Nullable Task task,
        PidNamespace pids) {
    TaskSet tasks() {
        return files.tasks();
    }

    Cgroups cgroups() {
        return files.tasks().cgroups();
    }

    MachineInfo machine() {
        return files.machine();
    }

    /** The task that a written number names; 0 is the writer. */
    Task requireTask(String text) throws ErrnoException {
        long number = Numbers.signed(text);
        if (number < 0 || number > Integer.MAX_VALUE) {
            throw Errno.EINVAL.error();
        }
        Task found = number == 0 ? task : tasks().findTask(pids, (int) number);
        if (found == null) {
            throw Errno.ESRCH.error();
        }
        return found;
    }

    /**
     * cgroup_procs_write_permission: whoever moves tasks must be allowed to write the cgroup.procs
     * of the group above both ends; of version 1 only one's own tasks may be moved.
     */
    void requireMayMove(Task moving) throws ErrnoException {
        Task writer = task;
        if (writer == null || directory == null) {
            return;
        }
        if (!group.hierarchy().isUnified()) {
            int own = writer.credentials().effectiveUid();
            var theirs = moving.credentials();
            if (own != 0 && own != theirs.uid() && own != theirs.savedUid()) {
                throw Errno.EACCES.error();
            }
            return;
        }
        ControlGroup source = moving.membership().in(group.hierarchy());
        directory.above(source).procs().checkPermission(writer, Inode.MAY_WRITE);
    }
}
