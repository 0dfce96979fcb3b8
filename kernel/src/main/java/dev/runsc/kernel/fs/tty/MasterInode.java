package dev.runsc.kernel.fs.tty;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.MemoryInode;
import dev.runsc.kernel.vfs.NewInode;

/** {@code ptmx} in a devpts: opening it makes a terminal. */
final class MasterInode extends MemoryInode {
    /** PTMX_MINOR's inode number in Linux. */
    private static final long NUMBER = 2;

    private final DevptsFileSystem devpts;

    MasterInode(DevptsFileSystem devpts, int permissions) {
        super(
                devpts,
                NUMBER,
                new NewInode(FileMode.S_IFCHR | permissions, 0, 0, TerminalDevice.MASTER.number()));
        this.devpts = devpts;
    }

    @Override
    public FileDescription open(Caller caller, Location location, int flags) throws ErrnoException {
        return devpts.openMaster(caller, location, DevptsFileSystem.rootOf(location), flags);
    }
}
