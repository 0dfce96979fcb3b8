package dev.runsc.kernel.fs.tty;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.task.TaskSet;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileSystem;
import dev.runsc.kernel.vfs.FileSystemType;
import dev.runsc.kernel.vfs.VirtualFileSystem;

/** {@code devpts} for mount(2): every mount is an instance of its own. */
public record DevptsType(TaskSet tasks) implements FileSystemType {
    @Override
    public String name() {
        return "devpts";
    }

    @Override
    public FileSystem mount(Caller caller, VirtualFileSystem vfs, String source, String data)
            throws ErrnoException {
        return new DevptsFileSystem(
                vfs, tasks, DevptsOptions.parse(data).from(caller.credentials().namespace()));
    }

    @Override
    public boolean isForUserNamespaces() {
        return true;
    }
}
