package dev.runsc.kernel.fs.tmpfs;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.NewInode;

/** A symbolic link. */
final class TmpfsSymlink extends TmpfsInode {
    private final String target;

    TmpfsSymlink(TmpfsFileSystem fileSystem, NewInode attributes, String target) {
        super(fileSystem, attributes, 1);
        this.target = target;
    }

    @Override
    public long size() {
        return target.length();
    }

    String target() {
        return target;
    }

    @Override
    public String readLink(Caller caller) {
        return target;
    }

    @Override
    public FileDescription open(Caller caller, Location location, int flags) throws ErrnoException {
        throw Errno.ELOOP.error();
    }
}
