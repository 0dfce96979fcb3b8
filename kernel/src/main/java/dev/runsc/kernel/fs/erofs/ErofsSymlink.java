package dev.runsc.kernel.fs.erofs;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.RawName;

/** A symbolic link, whose contents are where it leads. */
final class ErofsSymlink extends ErofsInode {
    /** PATH_MAX without the byte that ends a path. */
    private static final int TARGET_MAX = 4095;

    ErofsSymlink(ErofsFileSystem fileSystem, InodeFacts facts) {
        super(fileSystem, facts);
    }

    @Override
    public String readLink(Caller caller) throws ErrnoException {
        if (size() == 0 || size() > TARGET_MAX) {
            throw Errno.EUCLEAN.error();
        }
        byte[] target = contents().bytes(0, (int) size()).array();
        for (byte each : target) {
            if (each == 0) {
                throw Errno.EUCLEAN.error();
            }
        }
        return RawName.of(target);
    }

    @Override
    public FileDescription open(Caller caller, Location location, int flags) throws ErrnoException {
        throw Errno.ELOOP.error();
    }
}
