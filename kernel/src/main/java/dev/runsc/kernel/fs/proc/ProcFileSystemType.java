package dev.runsc.kernel.fs.proc;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.task.PidNamespace;
import dev.runsc.kernel.task.SandboxFiles;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.task.TaskSet;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileSystem;
import dev.runsc.kernel.vfs.FileSystemType;
import dev.runsc.kernel.vfs.VirtualFileSystem;
import org.jspecify.annotations.Nullable;

/** {@code proc} for mount(2). Every mount is an instance of its own, as since Linux 5.8. */
public final class ProcFileSystemType implements FileSystemType {
    private final ProcKernel kernel;

    public ProcFileSystemType(TaskSet tasks, MachineInfo machine) {
        kernel = new ProcKernel(tasks, machine);
    }

    /**
     * An instance that shows a PID namespace: for the mounts a container starts with.
     *
     * @param sandbox what it shows of the sandbox; null for nothing
     */
    public ProcFileSystem create(
            VirtualFileSystem vfs, PidNamespace namespace, @Nullable SandboxFiles sandbox) {
        return new ProcFileSystem(vfs, kernel, namespace, sandbox);
    }

    @Override
    public String name() {
        return "proc";
    }

    /** An instance of the caller's PID namespace; of the topmost one when the caller is no task. */
    @Override
    public FileSystem mount(Caller caller, VirtualFileSystem vfs, String source, String data)
            throws ErrnoException {
        for (String option : data.split(",", -1)) {
            boolean known =
                    option.isEmpty() || option.equals("hidepid=0") || option.equals("hidepid=off");
            if (!known && !option.startsWith("gid=")) {
                // Hiding processes is not done; saying so is better than showing them.
                throw Errno.EINVAL.error();
            }
        }
        Task task = Inspection.findTask(caller);
        return task == null
                ? create(vfs, kernel.tasks().rootNamespace(), null)
                : create(vfs, task.namespace(), task.group().container().sandboxFiles());
    }

    @Override
    public boolean isForUserNamespaces() {
        return true;
    }

    @Override
    public boolean revealsMachine() {
        return true;
    }
}
