package dev.runsc.kernel.vfs;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.MountFlags;
import dev.runsc.state.AfterRestore;
import dev.runsc.state.RestoreContext;
import dev.runsc.state.Savable;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A file system, or a part of one, at a place in the tree (Linux {@code struct mount}). Guarded by
 * the mount tree's lock.
 */
public final class Mount implements Savable, AfterRestore {
    /** MS_* bits that belong to the mount rather than to the file system. */
    public static final int FLAGS =
            MountFlags.MS_RDONLY
                    | MountFlags.MS_NOSUID
                    | MountFlags.MS_NODEV
                    | MountFlags.MS_NOEXEC
                    | MountFlags.MS_NOATIME
                    | MountFlags.MS_NODIRATIME
                    | MountFlags.MS_RELATIME
                    | MountFlags.MS_NOSYMFOLLOW;

    private final long id;
    private final FileSystem fileSystem;
    private final Dentry root;
    private final String source;
    private volatile int flags;

    /**
     * It came from a mount namespace of other administrators: where it is, and what its flags
     * forbid, stays (MNT_LOCKED, MNT_LOCK_READONLY and its like).
     */
    private volatile boolean locked;

    private volatile boolean flagsLocked;

    /** Null for the root of a namespace and for mounts that are detached. */
    private volatile @Nullable Mount parent;

    private volatile @Nullable Dentry mountPoint;
    private volatile @Nullable MountNamespace namespace;
    private final ArrayList<Mount> children = new ArrayList<>();

    Mount(long id, FileSystem fileSystem, Dentry root, String source, int flags) {
        this.id = id;
        this.fileSystem = fileSystem;
        this.root = root;
        this.source = source;
        this.flags = flags;
    }

    /** The number /proc/pid/mountinfo and statx show. */
    public long id() {
        return id;
    }

    public FileSystem fileSystem() {
        return fileSystem;
    }

    /**
     * The dentry that is seen at the mount point; not the file system's root for bind mounts of a
     * part.
     */
    public Dentry root() {
        return root;
    }

    public String source() {
        return source;
    }

    /** {@code MS_*} bits among {@link #FLAGS}. */
    public int flags() {
        return flags;
    }

    void setFlags(int flags) {
        this.flags = flags;
    }

    boolean isLocked() {
        return locked;
    }

    void setLocked(boolean on) {
        locked = on;
    }

    boolean areFlagsLocked() {
        return flagsLocked;
    }

    void lockFlags() {
        flagsLocked = true;
    }

    /** As a copy of another (CL_COPY_TREE, clone_mnt). */
    Mount lockedAs(Mount original) {
        locked = original.locked;
        flagsLocked = original.flagsLocked;
        return this;
    }

    /** can_change_locked_flags: whether others may take the place of flags that are locked. */
    boolean mayHaveFlags(int changed) {
        if (!flagsLocked) {
            return true;
        }
        int forbidding =
                MountFlags.MS_RDONLY
                        | MountFlags.MS_NOSUID
                        | MountFlags.MS_NODEV
                        | MountFlags.MS_NOEXEC;
        int times = MountFlags.MS_NOATIME | MountFlags.MS_NODIRATIME | MountFlags.MS_RELATIME;
        return (flags & forbidding & ~changed) == 0 && (flags & times) == (changed & times);
    }

    public boolean has(int flag) {
        return (flags & flag) != 0;
    }

    public boolean isReadOnly() {
        return has(MountFlags.MS_RDONLY);
    }

    /** EROFS on a mount that is read-only (Linux mnt_want_write). */
    public void requireWritable() throws ErrnoException {
        if (isReadOnly()) {
            throw Errno.EROFS.error();
        }
    }

    public @Nullable Mount parent() {
        return parent;
    }

    public @Nullable Dentry mountPoint() {
        return mountPoint;
    }

    public @Nullable MountNamespace namespace() {
        return namespace;
    }

    void setNamespace(@Nullable MountNamespace namespace) {
        this.namespace = namespace;
    }

    List<Mount> children() {
        return children;
    }

    /** The newest mount at a dentry of this mount, or null. */
    @Nullable Mount findChildAt(Dentry dentry) {
        for (int i = children.size() - 1; i >= 0; i--) {
            if (children.get(i).mountPoint == dentry) {
                return children.get(i);
            }
        }
        return null;
    }

    void attach(Mount newParent, Dentry point) {
        parent = newParent;
        mountPoint = point;
        newParent.children.add(this);
        point.covered(this);
    }

    void detach() {
        Mount above = parent;
        Dentry point = mountPoint;
        if (above != null && point != null) {
            above.children.remove(this);
            point.uncovered(this);
        }
        parent = null;
        mountPoint = null;
    }

    /** Mounts find their mount points; nothing else runs yet that would need the lock. */
    @Override
    public void afterRestore(RestoreContext context) {
        Dentry point = mountPoint;
        if (point != null) {
            point.covered(this);
        }
    }
}
