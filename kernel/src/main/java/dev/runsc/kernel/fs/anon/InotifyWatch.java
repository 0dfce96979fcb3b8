package dev.runsc.kernel.fs.anon;

import dev.runsc.gofer.abi.InotifyFlags;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.InodeWatcher;
import org.jspecify.annotations.Nullable;

/** A file one inotify instance watches (Linux {@code struct inotify_inode_mark}). */
public final class InotifyWatch implements InodeWatcher {
    private final Inotify instance;
    private final Inode inode;
    private final int descriptor;
    private volatile int mask;

    InotifyWatch(Inotify instance, Inode inode, int descriptor, int mask) {
        this.instance = instance;
        this.inode = inode;
        this.descriptor = descriptor;
        this.mask = mask;
    }

    public Inode inode() {
        return inode;
    }

    public int descriptor() {
        return descriptor;
    }

    /** {@code IN_*} asked for. */
    public int mask() {
        return mask;
    }

    /** A second inotify_add_watch(2) of the same file: another mask, or more with IN_MASK_ADD. */
    void change(int newMask) {
        mask = (newMask & InotifyFlags.IN_MASK_ADD) != 0 ? mask | newMask : newMask;
    }

    @Override
    public void notify(int happened, int cookie, @Nullable String name, boolean nameRemoved) {
        if ((happened & InotifyFlags.IN_IGNORED) != 0) {
            instance.end(this);
            return;
        }
        int asked = mask;
        if ((happened & Inotify.eventBits(asked)) == 0
                || nameRemoved && (asked & InotifyFlags.IN_EXCL_UNLINK) != 0) {
            return;
        }
        instance.add(new Inotify.Event(descriptor, happened, cookie, name));
        if ((asked & InotifyFlags.IN_ONESHOT) != 0) {
            instance.end(this);
        }
    }
}
