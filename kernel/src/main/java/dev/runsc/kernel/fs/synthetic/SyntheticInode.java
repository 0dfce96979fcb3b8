package dev.runsc.kernel.fs.synthetic;

import dev.runsc.kernel.vfs.MemoryInode;
import dev.runsc.kernel.vfs.Mount;
import dev.runsc.kernel.vfs.NewInode;

/**
 * What synthetic inodes share. Subclasses may compute owner and mode by overriding {@code uid()},
 * {@code gid()}, {@code mode()}.
 */
public abstract class SyntheticInode extends MemoryInode {
    protected SyntheticInode(SyntheticFileSystem fileSystem, int mode) {
        super(fileSystem, new NewInode(mode, 0, 0, 0));
    }

    /** An inode with a number that says what it shows, for those made anew at each lookup. */
    protected SyntheticInode(SyntheticFileSystem fileSystem, long number, int mode) {
        super(fileSystem, number, new NewInode(mode, 0, 0, 0));
    }

    @Override
    public void accessed(Mount mount) {
        // Reads leave no trace here.
    }

    /** {@code st_blksize} of proc and sys. */
    @Override
    protected long blockSize() {
        return 1024;
    }
}
