package dev.runsc.kernel.fs.overlay;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.Stat;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.vfs.AttributeChange;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.Mount;
import dev.runsc.state.AfterRestore;
import dev.runsc.state.RestoreContext;
import dev.runsc.state.RestoreOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A file of the overlay: an inode of the upper tree, inodes of lower ones, or both (Linux {@code
 * struct ovl_inode}).
 */
abstract class OverlayInode extends Inode implements AfterRestore {
    private final OverlayFileSystem fileSystem;
    private final long number;

    /** For a directory the directories merged, topmost first; for other files at most one. */
    private final ArrayList<Inode> lowers;

    /** Null until copied up; set once, under the tree lock. */
    private volatile @Nullable Inode upper;

    /** Where a copy goes; null at the root. Changed under the tree lock. */
    private volatile @Nullable OverlayDirectory parent;

    private volatile String name;

    /** The name is gone, so that a copy has none either. */
    private volatile boolean removed;

    OverlayInode(
            OverlayFileSystem fileSystem,
            @Nullable OverlayDirectory parent,
            String name,
            @Nullable Inode upper,
            List<Inode> lowers) {
        this.fileSystem = fileSystem;
        this.parent = parent;
        this.name = name;
        this.upper = upper;
        this.lowers = new ArrayList<>(lowers);
        this.number = fileSystem.numberFor(upper, lowers);
    }

    @Override
    public int restoreOrder() {
        return RestoreOrder.INDEXES;
    }

    @Override
    public void afterRestore(RestoreContext context) {
        fileSystem.remember(this);
    }

    // Layers.

    final @Nullable Inode upper() {
        return upper;
    }

    final List<Inode> lowers() {
        return lowers;
    }

    final boolean hasLower() {
        return !lowers.isEmpty();
    }

    /** The inode that is shown: the upper one if there is one. */
    final Inode real() {
        Inode up = upper;
        return up != null ? up : lowers.getFirst();
    }

    /** The upper inode, after {@link #copyUp}. */
    final Inode requireUpper() {
        return Objects.requireNonNull(upper, "not copied up");
    }

    /**
     * Makes sure that there is an upper inode. Takes the tree lock, so no later lock may be held
     * unless there is one.
     */
    final Inode copyUp(Caller caller, boolean withContents) throws ErrnoException {
        Inode up = upper;
        if (up != null) {
            return up;
        }
        KernelLock tree = fileSystem.treeLock();
        tree.lock();
        try {
            up = upper;
            if (up == null) {
                up = CopyUp.copy(caller, this, withContents);
            }
            return up;
        } finally {
            tree.unlock();
        }
    }

    /** The copy is there. Tree lock held. */
    void copiedUp(Inode copy) throws ErrnoException {
        upper = copy;
        fileSystem.remember(this);
    }

    final @Nullable OverlayDirectory parent() {
        return parent;
    }

    final String name() {
        return name;
    }

    @Override
    public final boolean isNameless() {
        Inode up = upper;
        return removed && (up == null || up.isNameless());
    }

    final boolean isRemoved() {
        return removed;
    }

    /** Tree lock held. */
    final void renamed(OverlayDirectory newParent, String newName) {
        parent = newParent;
        name = newName;
    }

    /**
     * Tree lock held. A file with other names in the upper tree has been copied up and needs none
     * here.
     */
    final void nameRemoved() {
        removed = true;
    }

    // Attributes.

    @Override
    public final OverlayFileSystem fileSystem() {
        return fileSystem;
    }

    @Override
    public final long number() {
        return number;
    }

    @Override
    public final int mode() {
        return real().mode();
    }

    @Override
    public final int uid() {
        return real().uid();
    }

    @Override
    public final int gid() {
        return real().gid();
    }

    @Override
    public final long deviceNumber() {
        return real().deviceNumber();
    }

    @Override
    public long size() throws ErrnoException {
        return real().size();
    }

    @Override
    public final long birthNanos() {
        return real().birthNanos();
    }

    @Override
    public final Stat stat(Caller caller) throws ErrnoException {
        Stat stat = real().stat(caller);
        return new Stat(
                fileSystem.deviceId(),
                number,
                shownLinks(stat.nlink()),
                stat.mode(),
                stat.uid(),
                stat.gid(),
                stat.rdev(),
                stat.size(),
                stat.blockSize(),
                stat.blocks(),
                stat.atime(),
                stat.mtime(),
                stat.ctime());
    }

    long shownLinks(long links) {
        return removed && upper == null ? 0 : links;
    }

    @Override
    public final void changeAttributes(Caller caller, AttributeChange change)
            throws ErrnoException {
        copyUp(caller, true).changeAttributes(caller, change);
    }

    @Override
    public final void accessed(Mount mount) {
        Inode up = upper;
        if (up != null) {
            up.accessed(mount);
        }
    }

    @Override
    public final boolean hasFileCapabilities() {
        return real().hasFileCapabilities();
    }

    // Extended attributes.

    private static boolean isPrivate(String xattr) {
        return xattr.startsWith(OverlayFileSystem.PRIVATE_XATTRS);
    }

    @Override
    public final byte[] getXattr(Caller caller, String xattr) throws ErrnoException {
        if (isPrivate(xattr)) {
            throw Errno.ENODATA.error();
        }
        return real().getXattr(caller, xattr);
    }

    @Override
    public final void setXattr(Caller caller, String xattr, byte[] value, int flags)
            throws ErrnoException {
        if (isPrivate(xattr)) {
            throw Errno.EPERM.error();
        }
        copyUp(caller, true).setXattr(caller, xattr, value, flags);
    }

    @Override
    public final void removeXattr(Caller caller, String xattr) throws ErrnoException {
        // Without it there is nothing to copy up for.
        byte[] value = getXattr(caller, xattr);
        assert value != null;
        copyUp(caller, true).removeXattr(caller, xattr);
    }

    @Override
    public final List<String> listXattrs(Caller caller) throws ErrnoException {
        List<String> names = new ArrayList<>();
        for (String xattr : real().listXattrs(caller)) {
            if (!isPrivate(xattr)) {
                names.add(xattr);
            }
        }
        return names;
    }
}
