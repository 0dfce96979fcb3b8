package dev.runsc.kernel.vfs;

import dev.runsc.kernel.auth.UserNamespace;
import dev.runsc.state.AfterRestore;
import dev.runsc.state.RestoreContext;
import dev.runsc.state.Savable;
import java.util.ArrayList;
import java.util.List;

/**
 * A tree of mounts that a group of tasks sees (Linux {@code struct mnt_namespace}). Guarded by the
 * mount tree's lock.
 */
public final class MountNamespace implements Savable, AfterRestore {
    private final long inodeNumber;
    private final UserNamespace owner;
    private volatile Mount root;

    MountNamespace(UserNamespace owner, Mount root) {
        this.owner = owner;
        inodeNumber = owner.newNumber();
        this.root = root;
    }

    /** The number in {@code mnt:[...]}. */
    public long inodeNumber() {
        return inodeNumber;
    }

    /** Whose administrators rule here. */
    public UserNamespace owner() {
        return owner;
    }

    public Mount root() {
        return root;
    }

    void setRoot(Mount root) {
        this.root = root;
    }

    /** Where the tree begins for a new task: the topmost mount at the root. */
    public Location rootLocation() {
        return new Location(root, root.root());
    }

    /** All mounts, parents before children, in order of mounting among siblings. */
    List<Mount> mounts() {
        List<Mount> all = new ArrayList<>();
        collect(root, all);
        return all;
    }

    static void collect(Mount mount, List<Mount> into) {
        into.add(mount);
        for (Mount child : mount.children()) {
            collect(child, into);
        }
    }

    @Override
    public void afterRestore(RestoreContext context) {
        root.fileSystem().vfs().enroll(this);
    }
}
