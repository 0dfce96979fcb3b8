package dev.runsc.kernel.vfs;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.MmapFlags;
import dev.runsc.gofer.abi.MountFlags;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.Stat;

/** An open file that has a place in the tree. Base of all that {@link Inode#open} makes. */
public abstract class LocatedFile extends FileDescription {
    private final Location location;

    protected LocatedFile(Location location, int flags) {
        super(flags);
        this.location = location;
    }

    @Override
    public final Location location() {
        return location;
    }

    @Override
    public final Inode inode() {
        return location.dentry().inode();
    }

    @Override
    public Stat stat(Caller caller) throws ErrnoException {
        return inode().stat(caller);
    }

    @Override
    public int checkMapping(Caller caller, boolean shared, int protection) throws ErrnoException {
        int allowed = MmapFlags.PROT_READ | MmapFlags.PROT_WRITE | MmapFlags.PROT_EXEC;
        if (!isReadable()) {
            throw Errno.EACCES.error();
        }
        if (location.mount().has(MountFlags.MS_NOEXEC)) {
            if ((protection & MmapFlags.PROT_EXEC) != 0) {
                throw Errno.EPERM.error();
            }
            allowed &= ~MmapFlags.PROT_EXEC;
        }
        if (shared && !isWritable()) {
            if ((protection & MmapFlags.PROT_WRITE) != 0) {
                throw Errno.EACCES.error();
            }
            allowed &= ~MmapFlags.PROT_WRITE;
        }
        return allowed;
    }

    /** Notes a read unless O_NOATIME forbids. */
    protected final void accessed() {
        if ((statusFlags() & OpenFlags.O_NOATIME) == 0) {
            inode().accessed(location.mount());
        }
    }
}
