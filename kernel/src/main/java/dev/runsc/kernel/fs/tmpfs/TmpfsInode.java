package dev.runsc.kernel.fs.tmpfs;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.vfs.MemoryInode;
import dev.runsc.kernel.vfs.NewInode;

/** What all tmpfs inodes share: links that keep them alive. */
public abstract class TmpfsInode extends MemoryInode {
    private final TmpfsFileSystem tmpfs;

    TmpfsInode(TmpfsFileSystem tmpfs, NewInode attributes, int links) {
        super(tmpfs, attributes);
        this.tmpfs = tmpfs;
        setLinks(links);
    }

    final TmpfsFileSystem tmpfs() {
        return tmpfs;
    }

    /** A name more. Tree lock held. */
    void linked() throws ErrnoException {
        lock.lock();
        try {
            setLinks(links() + 1);
            touchChanged();
        } finally {
            lock.unlock();
        }
    }

    /** A name less. Tree lock held. */
    void unlinked() {
        boolean gone;
        lock.lock();
        try {
            setLinks(links() - 1);
            touchChanged();
            gone = links() == 0;
        } finally {
            lock.unlock();
        }
        if (gone) {
            nameless();
        }
    }

    /** The last name is gone. */
    void nameless() {
        tmpfs.returnInode();
    }

    /** The change time moves: renamed. */
    final void renamed() {
        lock.lock();
        try {
            touchChanged();
        } finally {
            lock.unlock();
        }
    }
}
