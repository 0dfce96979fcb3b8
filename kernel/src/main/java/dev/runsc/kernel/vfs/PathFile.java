package dev.runsc.kernel.vfs;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.OpenFlags;

/** A description opened with O_PATH: a place, without the right to read or write (open(2)). */
public final class PathFile extends LocatedFile {
    public PathFile(Location location, int flags) {
        super(location, flags | OpenFlags.O_PATH);
    }

    @Override
    public int readiness() {
        return 0;
    }

    @Override
    public int checkMapping(Caller caller, boolean shared, int protection) throws ErrnoException {
        throw Errno.EBADF.error();
    }
}
