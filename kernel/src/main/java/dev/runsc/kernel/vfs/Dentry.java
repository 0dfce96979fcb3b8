package dev.runsc.kernel.vfs;

import dev.runsc.state.AfterRestore;
import dev.runsc.state.RestoreContext;
import dev.runsc.state.Savable;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A name of an inode at a place (Linux {@code struct dentry}, only positive ones). At any time a
 * name in a directory has at most one dentry in use: a parent knows its children, but weakly, so
 * unused ones go away; what mounts, open files and working directories hold stays the same object
 * through renames. Changes need the file system's tree lock; reading does not.
 */
public final class Dentry implements Savable, AfterRestore {
    /** Smallest number of children at which dead references are swept. */
    private static final int SWEEP_FROM = 64;

    /**
     * Where a dentry hangs. Replaced as a whole, so that readers without lock see parent and name
     * of one moment.
     *
     * @param parent null at the root of a file system and for files that never had a name
     * @param removed whether the name is gone from the directory
     */
    record Place(@Nullable Dentry parent, String name, boolean removed) implements Savable {}

    private final Inode inode;
    private volatile Place place;

    /**
     * The mounts that cover this dentry, in whatever namespace. Changed under the mount tree's
     * lock. Weak: nobody unmounts what a namespace has that ends with its last task.
     */
    private transient volatile @Nullable List<WeakReference<Mount>> mounts;

    private transient volatile @Nullable ConcurrentHashMap<String, WeakReference<Dentry>> children;

    /** Guarded by the tree lock. */
    private transient int sweepAt = SWEEP_FROM;

    private Dentry(Inode inode, Place place) {
        this.inode = inode;
        this.place = place;
    }

    /** The root of a file system. */
    static Dentry root(FileSystem fileSystem) {
        return new Dentry(fileSystem.root(), new Place(null, "", false));
    }

    /** A file without a place in any directory, shown under this name with " (deleted)". */
    public static Dentry unnamed(Inode inode, String name) {
        return new Dentry(inode, new Place(null, name, true));
    }

    public Inode inode() {
        return inode;
    }

    public FileSystem fileSystem() {
        return inode.fileSystem();
    }

    public @Nullable Dentry parent() {
        return place.parent;
    }

    public String name() {
        return place.name;
    }

    Place place() {
        return place;
    }

    /** Whether the name was unlinked or replaced (Linux d_unlinked). */
    public boolean isRemoved() {
        return place.removed;
    }

    /** Whether this is the root of its file system. */
    public boolean isRoot() {
        Place now = place;
        return now.parent == null && !now.removed;
    }

    /** The dentry of a child in use, or null. */
    @Nullable Dentry findChild(String name) {
        ConcurrentHashMap<String, WeakReference<Dentry>> map = children;
        if (map == null) {
            return null;
        }
        WeakReference<Dentry> reference = map.get(name);
        return reference == null ? null : reference.get();
    }

    /** The dentry for an entry just looked up or made. Tree lock held. */
    Dentry childFor(String name, Inode found) {
        Dentry known = findChild(name);
        if (known != null) {
            if (known.inode == found) {
                return known;
            }
            known.remove();
        }
        Dentry child = new Dentry(found, new Place(this, name, false));
        enroll(name, child);
        return child;
    }

    /** The name is gone. Tree lock held. */
    void remove() {
        Place now = place;
        if (now.parent != null && !now.removed) {
            now.parent.forget(now.name, this);
        }
        place = new Place(now.parent, now.name, true);
    }

    /** Renamed. Tree lock held; a dentry that had the new name is removed. */
    void moveTo(Dentry newParent, String newName) {
        Place now = place;
        if (now.parent != null) {
            now.parent.forget(now.name, this);
        }
        Dentry replaced = newParent.findChild(newName);
        if (replaced != null && replaced != this) {
            replaced.remove();
        }
        place = new Place(newParent, newName, false);
        newParent.enroll(newName, this);
    }

    /** RENAME_EXCHANGE. Tree lock held. */
    static void exchange(Dentry a, Dentry b) {
        Place placeA = a.place;
        Place placeB = b.place;
        a.place = placeB;
        b.place = placeA;
        if (placeB.parent != null) {
            placeB.parent.enroll(placeB.name, a);
        }
        if (placeA.parent != null) {
            placeA.parent.enroll(placeA.name, b);
        }
    }

    /** Whether {@code other} is this dentry or lies below it. */
    boolean isAncestorOf(Dentry other) {
        for (Dentry at = other; at != null; at = at.parent()) {
            if (at == this) {
                return true;
            }
        }
        return false;
    }

    /** Whether something may be mounted here, in some namespace. */
    boolean isMountPoint() {
        return mounts != null;
    }

    /** Whether something is mounted here in the namespace that a mount belongs to. */
    boolean isMountPointBeside(Mount inNamespace) {
        List<WeakReference<Mount>> all = mounts;
        if (all == null) {
            return false;
        }
        MountNamespace namespace = inNamespace.namespace();
        for (WeakReference<Mount> reference : all) {
            Mount mount = reference.get();
            if (mount != null && mount.namespace() == namespace) {
                return true;
            }
        }
        return false;
    }

    /** Mount tree lock held. */
    void covered(Mount mount) {
        List<WeakReference<Mount>> all = mountsBut(mount);
        all.add(new WeakReference<>(mount));
        mounts = all;
    }

    /** Mount tree lock held. */
    void uncovered(Mount mount) {
        List<WeakReference<Mount>> all = mountsBut(mount);
        mounts = all.isEmpty() ? null : all;
    }

    private List<WeakReference<Mount>> mountsBut(Mount without) {
        List<WeakReference<Mount>> all = mounts;
        List<WeakReference<Mount>> others = new ArrayList<>(all == null ? List.of() : all);
        others.removeIf(reference -> {
            Mount mount = reference.get();
            return mount == null || mount == without;
        });
        return others;
    }

    private void enroll(String name, Dentry child) {
        ConcurrentHashMap<String, WeakReference<Dentry>> map = childMap();
        map.put(name, new WeakReference<>(child));
        if (map.size() >= sweepAt) {
            sweep(map);
        }
    }

    private void forget(String name, Dentry child) {
        if (findChild(name) == child) {
            childMap().remove(name);
        }
    }

    private synchronized ConcurrentHashMap<String, WeakReference<Dentry>> childMap() {
        ConcurrentHashMap<String, WeakReference<Dentry>> map = children;
        if (map == null) {
            map = new ConcurrentHashMap<>(4);
            children = map;
        }
        return map;
    }

    private void sweep(ConcurrentHashMap<String, WeakReference<Dentry>> map) {
        Iterator<WeakReference<Dentry>> all = map.values().iterator();
        while (all.hasNext()) {
            if (all.next().get() == null) {
                all.remove();
            }
        }
        sweepAt = Math.max(SWEEP_FROM, map.size() * 2);
    }

    /**
     * The parent finds its child again; the parent may not have been told yet, which does not
     * matter.
     */
    @Override
    public void afterRestore(RestoreContext context) {
        Place now = place;
        if (now.parent != null && !now.removed) {
            now.parent.enroll(now.name, this);
        }
    }
}
