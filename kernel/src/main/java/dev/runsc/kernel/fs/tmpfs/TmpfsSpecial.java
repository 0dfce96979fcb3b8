package dev.runsc.kernel.fs.tmpfs;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.NewInode;

/** A FIFO, socket file or device file. */
final class TmpfsSpecial extends TmpfsInode {
    TmpfsSpecial(TmpfsFileSystem fileSystem, NewInode attributes) {
        super(fileSystem, attributes, 1);
    }

    @Override
    public FileDescription open(Caller caller, Location location, int flags) throws ErrnoException {
        return fileSystem().vfs().openSpecial(caller, location, flags);
    }
}
