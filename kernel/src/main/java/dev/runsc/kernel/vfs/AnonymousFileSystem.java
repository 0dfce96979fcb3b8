package dev.runsc.kernel.vfs;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.Statfs;

/**
 * A file system without names, for files that are never in a directory (Linux init_pseudo: pipefs,
 * sockfs, anon_inodefs): it gives them a device and inode numbers.
 */
public final class AnonymousFileSystem extends FileSystem {
    private final long magic;
    private final Inode root;

    /**
     * @param magic {@code f_type} of statfs(2)
     */
    public AnonymousFileSystem(VirtualFileSystem vfs, String typeName, long magic) {
        super(vfs, typeName);
        this.magic = magic;
        this.root = new EmptyRoot(this);
    }

    @Override
    public Inode root() {
        return root;
    }

    @Override
    public Statfs statfs(Caller caller) {
        return new Statfs(magic, 4096, 0, 0, 0, 0, 0, 0, 255, 4096, 0);
    }

    /** A directory nobody can reach. */
    static final class EmptyRoot extends MemoryInode {
        EmptyRoot(FileSystem fileSystem) {
            super(fileSystem, new NewInode(FileMode.S_IFDIR | 0555, 0, 0, 0));
        }

        @Override
        public FileDescription open(Caller caller, Location location, int flags)
                throws ErrnoException {
            throw Errno.ENXIO.error();
        }
    }
}
