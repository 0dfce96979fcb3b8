package dev.runsc.kernel.fs.proc;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.memory.MemoryManager;
import dev.runsc.kernel.task.PidNamespace;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.task.ThreadGroup;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.state.Savable;
import org.jspecify.annotations.Nullable;

/**
 * What a directory below /proc shows: a process ({@code /proc/1}) or one thread of it ({@code
 * /proc/1/task/2}).
 *
 * @param thread null for the process, whose leader may change (execve by another thread)
 */
record Subject(ProcFileSystem proc, ThreadGroup group, @Nullable Task thread) implements Savable {
    /** Inode numbers of a task: its number above these bits. */
    private static final int NUMBER_SHIFT = 32;

    private static final long THREAD_BIT = 1L << 31;

    Task task() {
        return thread == null ? group.leader() : thread;
    }

    boolean isProcess() {
        return thread == null;
    }

    /** Its number as this instance shows it. */
    int number() {
        return task().numbers().in(proc.namespace());
    }

    boolean isAlive() {
        PidNamespace view = proc.namespace();
        Task task = task();
        return proc.tasks().findTask(view, task.numbers().in(view)) == task;
    }

    /** The task; ESRCH once it has been waited for. */
    Task require() throws ErrnoException {
        if (!isAlive()) {
            throw Errno.ESRCH.error();
        }
        return task();
    }

    /** The task, which the caller may look into: ESRCH, EACCES. */
    Task requireInspectable(Caller caller) throws ErrnoException {
        Task task = require();
        Inspection.require(caller, task);
        return task;
    }

    /** Its memory for one who may look at it: ESRCH when it has exited, EACCES. */
    MemoryManager requireMemory(Caller caller) throws ErrnoException {
        MemoryManager memory = requireInspectable(caller).findMemory();
        if (memory == null) {
            throw Errno.ESRCH.error();
        }
        return memory;
    }

    /** The inode number of one of its files. */
    long inode(long part) {
        return (long) number() << NUMBER_SHIFT | (isProcess() ? 0 : THREAD_BIT) | part;
    }

    int uid() {
        return task().credentials().effectiveUid();
    }

    int gid() {
        return task().credentials().effectiveGid();
    }
}
