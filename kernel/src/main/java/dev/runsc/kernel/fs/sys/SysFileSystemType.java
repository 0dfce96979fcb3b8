package dev.runsc.kernel.fs.sys;

import dev.runsc.kernel.fs.proc.MachineInfo;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileSystem;
import dev.runsc.kernel.vfs.FileSystemType;
import dev.runsc.kernel.vfs.VirtualFileSystem;

/** {@code sysfs} for mount(2). */
public record SysFileSystemType(MachineInfo machine) implements FileSystemType {
    @Override
    public String name() {
        return "sysfs";
    }

    @Override
    public FileSystem mount(Caller caller, VirtualFileSystem vfs, String source, String data) {
        return new SysFileSystem(vfs, machine);
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
