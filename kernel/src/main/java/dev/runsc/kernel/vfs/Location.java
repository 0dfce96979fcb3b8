package dev.runsc.kernel.vfs;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.MountFlags;
import dev.runsc.gofer.abi.Statfs;
import dev.runsc.state.Savable;

/**
 * A place in the tree: a name seen through a mount (Linux {@code struct path}). Equal when both
 * parts are the same.
 */
public record Location(Mount mount, Dentry dentry) implements Savable {
    private static final long ST_VALID = 0x20;
    private static final long ST_NOATIME = 0x400;
    private static final long ST_NODIRATIME = 0x800;
    private static final long ST_RELATIME = 0x1000;

    /** ST_RDONLY to ST_NOEXEC have the values of their MS_* flags. */
    private static final int SAME_BITS =
            MountFlags.MS_RDONLY
                    | MountFlags.MS_NOSUID
                    | MountFlags.MS_NODEV
                    | MountFlags.MS_NOEXEC;

    public Inode inode() {
        return dentry.inode();
    }

    /** statfs(2), with the mount's flags as {@code ST_*} (statvfs.h; ST_VALID is always set). */
    public Statfs statfs(Caller caller) throws ErrnoException {
        Statfs raw = mount.fileSystem().statfs(caller);
        long flags = ST_VALID | raw.flags();
        flags |= mount.flags() & SAME_BITS;
        flags |= mount.has(MountFlags.MS_NOATIME) ? ST_NOATIME : 0;
        flags |= mount.has(MountFlags.MS_NODIRATIME) ? ST_NODIRATIME : 0;
        flags |= mount.has(MountFlags.MS_RELATIME) ? ST_RELATIME : 0;
        return new Statfs(
                raw.type(),
                raw.blockSize(),
                raw.blocks(),
                raw.blocksFree(),
                raw.blocksAvailable(),
                raw.files(),
                raw.filesFree(),
                raw.fsid(),
                raw.nameLength(),
                raw.fragmentSize(),
                flags);
    }
}
