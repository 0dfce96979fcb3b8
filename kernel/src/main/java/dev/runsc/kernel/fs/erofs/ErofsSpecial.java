package dev.runsc.kernel.fs.erofs;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Location;

/** A FIFO, socket or device file: what it stands for is the sandbox's own. */
final class ErofsSpecial extends ErofsInode {
    ErofsSpecial(ErofsFileSystem fileSystem, InodeFacts facts) {
        super(fileSystem, facts);
    }

    @Override
    public FileDescription open(Caller caller, Location location, int flags) throws ErrnoException {
        return fileSystem().vfs().openSpecial(caller, location, flags);
    }
}
