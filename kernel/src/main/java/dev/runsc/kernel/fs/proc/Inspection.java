package dev.runsc.kernel.fs.proc;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.task.CallingTask;
import dev.runsc.kernel.task.NamespaceHolder;
import dev.runsc.kernel.task.NamespaceSet;
import dev.runsc.kernel.task.PtraceAccess;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.vfs.Caller;
import org.jspecify.annotations.Nullable;

/**
 * Who may look into whom: ptrace(2), "Ptrace access mode checking", with PTRACE_MODE_READ_FSCREDS.
 */
final class Inspection {
    private Inspection() {}

    /** The task that asks, or null for the kernel itself. */
    static @Nullable Task findTask(Caller caller) {
        return CallingTask.find(caller);
    }

    /** The namespaces that a caller acts in; ESRCH for the kernel itself. */
    static NamespaceSet requireNamespaces(Caller caller) throws ErrnoException {
        NamespaceHolder holder = CallingTask.findHolder(caller);
        NamespaceSet found = holder == null ? null : holder.namespaces();
        if (found == null) {
            throw Errno.ESRCH.error();
        }
        return found;
    }

    static boolean allows(Caller caller, Task target) {
        Task self = findTask(caller);
        return self == null || PtraceAccess.allowsFile(self, caller.credentials(), target);
    }

    /** EACCES unless the caller may. */
    static void require(Caller caller, Task target) throws ErrnoException {
        if (!allows(caller, target)) {
            throw Errno.EACCES.error();
        }
    }
}
