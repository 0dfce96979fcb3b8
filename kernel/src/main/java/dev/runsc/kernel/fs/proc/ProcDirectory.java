package dev.runsc.kernel.fs.proc;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.fs.synthetic.SyntheticDirectory;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.NewInode;

/**
 * A directory whose names come and go with tasks. As in Linux, a name to be made is one that is not
 * found.
 */
abstract class ProcDirectory extends SyntheticDirectory {
    ProcDirectory(ProcFileSystem proc) {
        super(proc);
    }

    ProcDirectory(ProcFileSystem proc, long number, int permissions) {
        super(proc, number, permissions);
    }

    @Override
    public final Inode create(Caller caller, String name, NewInode attributes)
            throws ErrnoException {
        throw Errno.ENOENT.error();
    }

    @Override
    public final Inode makeDirectory(Caller caller, String name, NewInode attributes)
            throws ErrnoException {
        throw Errno.ENOENT.error();
    }

    @Override
    public final Inode makeSymlink(Caller caller, String name, String target, NewInode attributes)
            throws ErrnoException {
        throw Errno.ENOENT.error();
    }
}
