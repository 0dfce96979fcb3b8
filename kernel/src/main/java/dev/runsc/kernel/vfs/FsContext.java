package dev.runsc.kernel.vfs;

import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.state.Savable;

/**
 * Root, working directory and umask of one or more tasks (Linux {@code struct fs_struct}); shared
 * with CLONE_FS.
 */
public final class FsContext implements Savable {
    /** Taken to change; reading needs none. */
    private final KernelLock lock = new KernelLock(LockClass.FS_CONTEXT);

    private volatile Location root;
    private volatile Location workingDirectory;
    private volatile int umask;

    public FsContext(Location root, Location workingDirectory, int umask) {
        this.root = root;
        this.workingDirectory = workingDirectory;
        this.umask = umask;
    }

    /** A copy of its own, for clone without CLONE_FS. */
    public FsContext copy() {
        lock.lock();
        try {
            return new FsContext(root, workingDirectory, umask);
        } finally {
            lock.unlock();
        }
    }

    public Location root() {
        return root;
    }

    public Location workingDirectory() {
        return workingDirectory;
    }

    public int umask() {
        return umask;
    }

    public void setRoot(Location newRoot) {
        lock.lock();
        try {
            root = newRoot;
        } finally {
            lock.unlock();
        }
    }

    public void setWorkingDirectory(Location newDirectory) {
        lock.lock();
        try {
            workingDirectory = newDirectory;
        } finally {
            lock.unlock();
        }
    }

    /** umask(2): sets the low nine bits, returns the old ones. */
    public int exchangeUmask(int newMask) {
        lock.lock();
        try {
            int old = umask;
            umask = newMask & 0777;
            return old;
        } finally {
            lock.unlock();
        }
    }

    /**
     * pivot_root(2): whoever had the old root as root or working directory gets the new one
     * (chroot_fs_refs).
     */
    public void replace(Location oldRoot, Location newRoot) {
        lock.lock();
        try {
            if (root.equals(oldRoot)) {
                root = newRoot;
            }
            if (workingDirectory.equals(oldRoot)) {
                workingDirectory = newRoot;
            }
        } finally {
            lock.unlock();
        }
    }
}
