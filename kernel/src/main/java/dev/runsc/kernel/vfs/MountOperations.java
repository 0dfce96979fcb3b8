package dev.runsc.kernel.vfs;

import dev.runsc.gofer.abi.Capabilities;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.MountFlags;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.auth.UserNamespace;
import dev.runsc.kernel.sync.KernelLock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Changes of the mount tree: mount(2), umount2(2), pivot_root(2), copies for clone (Linux
 * fs/namespace.c).
 */
public final class MountOperations {
    private static final int PROPAGATION =
            MountFlags.MS_SHARED
                    | MountFlags.MS_PRIVATE
                    | MountFlags.MS_SLAVE
                    | MountFlags.MS_UNBINDABLE;

    private MountOperations() {}

    // Mount(2).

    /** Mounts a file system at a place, without asking for permission: containers at boot. */
    public static Mount attach(Location at, FileSystem fileSystem, String source, int flags)
            throws ErrnoException {
        VirtualFileSystem vfs = fileSystem.vfs();
        Mount mount = vfs.newMount(fileSystem, fileSystem.rootDentry(), source, flags);
        graft(vfs, mount, at);
        return mount;
    }

    /** As {@link #attach}, of a directory inside the file system. */
    public static Mount attachAt(
            Caller caller,
            Location at,
            FileSystem fileSystem,
            List<String> path,
            String source,
            int flags)
            throws ErrnoException {
        Dentry root = dentryAt(caller, fileSystem, path);
        Mount mount = fileSystem.vfs().newMount(fileSystem, root, source, flags);
        graft(fileSystem.vfs(), mount, at);
        return mount;
    }

    private static Dentry dentryAt(Caller caller, FileSystem fileSystem, List<String> path)
            throws ErrnoException {
        Dentry at = fileSystem.rootDentry();
        for (String name : path) {
            Dentry below = PathWalk.lookup(caller, at, name);
            if (below == null) {
                throw Errno.ENOENT.error();
            }
            at = below;
        }
        return at;
    }

    /** Binds a part of the tree to another place, without asking for permission. */
    public static Mount bind(Location from, Location at, int flags) throws ErrnoException {
        VirtualFileSystem vfs = from.mount().fileSystem().vfs();
        Mount mount =
                vfs.newMount(
                        from.mount().fileSystem(), from.dentry(), from.mount().source(), flags);
        graft(vfs, mount, at);
        return mount;
    }

    /**
     * mount(2).
     *
     * @param from what {@code source} leads to, for MS_BIND and MS_MOVE; null otherwise
     * @param at the mount point, with mounts on it entered
     */
    public static void mount(
            Caller caller,
            VirtualFileSystem vfs,
            String source,
            @Nullable Location from,
            Location at,
            String type,
            int flags,
            String data)
            throws ErrnoException {
        requireAdministrator(caller);
        requireSameNamespace(caller, at);
        int mountFlags = mountFlags(flags);
        boolean bind = (flags & MountFlags.MS_BIND) != 0;
        if ((flags & MountFlags.MS_REMOUNT) != 0) {
            remount(caller, at, mountFlags, bind, data);
        } else if (bind) {
            if (from == null) {
                throw Errno.EINVAL.error();
            }
            requireSameNamespace(caller, from);
            bindChecked(vfs, from, at, (flags & MountFlags.MS_REC) != 0);
        } else if ((flags & PROPAGATION) != 0) {
            changePropagation(at, flags);
        } else if ((flags & MountFlags.MS_MOVE) != 0) {
            if (from == null) {
                throw Errno.EINVAL.error();
            }
            move(vfs, from, at);
        } else {
            FileSystemType kind = vfs.findType(type);
            if (kind == null) {
                throw Errno.ENODEV.error();
            }
            requireMountable(caller, vfs, kind);
            FileSystem fileSystem = kind.mount(caller, vfs, source, data);
            fileSystem.setOwner(caller.credentials().namespace());
            Dentry root = dentryAt(caller, fileSystem, fileSystem.mountPath(caller));
            Mount mount = vfs.newMount(fileSystem, root, source, mountFlags);
            graft(vfs, mount, at);
        }
    }

    /** MS_* as mount(2) gives them to those of the mount: relatime is the default. */
    private static int mountFlags(int flags) {
        int result = flags & Mount.FLAGS;
        if ((flags & MountFlags.MS_STRICTATIME) != 0) {
            return result & ~(MountFlags.MS_NOATIME | MountFlags.MS_RELATIME);
        }
        if ((flags & MountFlags.MS_NOATIME) != 0) {
            return result & ~MountFlags.MS_RELATIME;
        }
        return result | MountFlags.MS_RELATIME;
    }

    private static void requireAdministrator(Caller caller) throws ErrnoException {
        if (!isAdministrator(caller)) {
            throw Errno.EPERM.error();
        }
    }

    /** may_mount: over the mount namespace that the caller's root lies in. */
    private static boolean isAdministrator(Caller caller) {
        MountNamespace namespace = caller.fs().root().mount().namespace();
        Credentials who = caller.credentials();
        return namespace == null
                ? who.has(Capabilities.CAP_SYS_ADMIN)
                : who.hasIn(namespace.owner(), Capabilities.CAP_SYS_ADMIN);
    }

    /** mount_capable and mount_too_revealing. */
    private static void requireMountable(Caller caller, VirtualFileSystem vfs, FileSystemType kind)
            throws ErrnoException {
        Credentials who = caller.credentials();
        if (who.has(Capabilities.CAP_SYS_ADMIN)) {
            return;
        }
        boolean allowed =
                kind.isForUserNamespaces()
                        && who.hasOwn(Capabilities.CAP_SYS_ADMIN)
                        && (!kind.revealsMachine() || seesAllOf(caller, vfs, kind.name()));
        if (!allowed) {
            throw Errno.EPERM.error();
        }
    }

    /** mnt_already_visible: a mount of the kind with nothing over any part of it. */
    private static boolean seesAllOf(Caller caller, VirtualFileSystem vfs, String typeName) {
        KernelLock lock = vfs.mountLock();
        lock.lock();
        try {
            MountNamespace namespace = caller.fs().root().mount().namespace();
            if (namespace == null) {
                return false;
            }
            for (Mount mount : namespace.mounts()) {
                if (mount.fileSystem().typeName().equals(typeName)
                        && mount.root().inode() == mount.fileSystem().root()
                        && !mount.isReadOnly()
                        && mount.children().stream().noneMatch(Mount::isLocked)) {
                    return true;
                }
            }
            return false;
        } finally {
            lock.unlock();
        }
    }

    private static void requireSameNamespace(Caller caller, Location at) throws ErrnoException {
        if (at.mount().namespace() != caller.fs().root().mount().namespace()) {
            throw Errno.EINVAL.error();
        }
    }

    private static void remount(
            Caller caller, Location at, int flags, boolean onlyMount, String data)
            throws ErrnoException {
        Mount mount = at.mount();
        if (at.dentry() != mount.root()) {
            throw Errno.EINVAL.error();
        }
        if (!mount.mayHaveFlags(flags)
                || !onlyMount
                        && !mount.fileSystem()
                                .isAdministeredBy(
                                        caller.credentials(), Capabilities.CAP_SYS_ADMIN)) {
            throw Errno.EPERM.error();
        }
        if (!onlyMount) {
            mount.fileSystem().reconfigure(caller, data);
        }
        mount.setFlags(flags);
    }

    private static void changePropagation(Location at, int flags) throws ErrnoException {
        if (at.dentry() != at.mount().root()) {
            throw Errno.EINVAL.error();
        }
        int known = PROPAGATION | MountFlags.MS_REC | MountFlags.MS_SILENT;
        if ((flags & ~known) != 0 || Integer.bitCount(flags & PROPAGATION) != 1) {
            throw Errno.EINVAL.error();
        }
        // Every mount is private: there is one namespace tree per container and no propagation
        // between them.
    }

    private static void bindChecked(
            VirtualFileSystem vfs, Location from, Location at, boolean recursive)
            throws ErrnoException {
        KernelLock lock = vfs.mountLock();
        Mount copy;
        lock.lock();
        try {
            if (from.mount().namespace() == null) {
                throw Errno.EINVAL.error();
            }
            if (!recursive && hidesLocked(from)) {
                throw Errno.EINVAL.error();
            }
            copy = clone(vfs, from.mount(), from.dentry());
            copy.setLocked(false);
            if (recursive) {
                copyChildren(vfs, from.mount(), copy, from.dentry(), (oldMount, newMount) -> {});
            }
        } finally {
            lock.unlock();
        }
        graft(vfs, copy, at);
    }

    private static Mount clone(VirtualFileSystem vfs, Mount mount, Dentry root) {
        return vfs.newMount(mount.fileSystem(), root, mount.source(), mount.flags())
                .lockedAs(mount);
    }

    /** has_locked_children: whether a place shows something else than its own mount has there. */
    private static boolean hidesLocked(Location place) {
        for (Mount child : place.mount().children()) {
            Dentry point = child.mountPoint();
            if (child.isLocked() && point != null && place.dentry().isAncestorOf(point)) {
                return true;
            }
        }
        return false;
    }

    /** Copies what is mounted below {@code from}, as far as it lies below {@code top}. */
    private static void copyChildren(
            VirtualFileSystem vfs,
            Mount from,
            Mount to,
            Dentry top,
            BiConsumer<Mount, Mount> copied) {
        for (Mount child : List.copyOf(from.children())) {
            Dentry point = child.mountPoint();
            if (point == null || !top.isAncestorOf(point)) {
                continue;
            }
            Mount copy = clone(vfs, child, child.root());
            copy.attach(to, point);
            copied.accept(child, copy);
            copyChildren(vfs, child, copy, child.root(), copied);
        }
    }

    private static void move(VirtualFileSystem vfs, Location from, Location at)
            throws ErrnoException {
        KernelLock lock = vfs.mountLock();
        lock.lock();
        try {
            Mount mount = from.mount();
            if (from.dentry() != mount.root() || mount.parent() == null || mount.isLocked()) {
                throw Errno.EINVAL.error();
            }
            if (mount.root().inode().isDirectory() != at.inode().isDirectory()) {
                throw Errno.EINVAL.error();
            }
            for (Mount above = at.mount(); above != null; above = above.parent()) {
                if (above == mount) {
                    throw Errno.ELOOP.error();
                }
            }
            mount.detach();
            mount.attach(at.mount(), at.dentry());
        } finally {
            lock.unlock();
        }
    }

    /** Hangs a mount, with what is mounted below it, at a place (graft_tree). */
    private static void graft(VirtualFileSystem vfs, Mount mount, Location at)
            throws ErrnoException {
        if (mount.root().inode().isDirectory() != at.inode().isDirectory()) {
            throw Errno.ENOTDIR.error();
        }
        KernelLock lock = vfs.mountLock();
        lock.lock();
        try {
            MountNamespace namespace = at.mount().namespace();
            if (namespace == null) {
                throw Errno.EINVAL.error();
            }
            if (at.dentry().isRemoved()) {
                throw Errno.ENOENT.error();
            }
            mount.attach(at.mount(), at.dentry());
            List<Mount> all = new ArrayList<>();
            MountNamespace.collect(mount, all);
            for (Mount each : all) {
                each.setNamespace(namespace);
            }
        } finally {
            lock.unlock();
        }
    }

    // Umount2(2).

    /** umount2(2) of the mount that a location is the root of. */
    public static void unmount(Caller caller, VirtualFileSystem vfs, Location at, int flags)
            throws ErrnoException {
        int known =
                MountFlags.MNT_FORCE
                        | MountFlags.MNT_DETACH
                        | MountFlags.MNT_EXPIRE
                        | MountFlags.UMOUNT_NOFOLLOW;
        if ((flags & ~known) != 0) {
            throw Errno.EINVAL.error();
        }
        requireAdministrator(caller);
        Mount mount = at.mount();
        KernelLock lock = vfs.mountLock();
        lock.lock();
        try {
            if (at.dentry() != mount.root()
                    || mount.namespace() == null
                    || mount.namespace() != caller.fs().root().mount().namespace()
                    || mount.isLocked()) {
                throw Errno.EINVAL.error();
            }
            boolean lazy = (flags & MountFlags.MNT_DETACH) != 0;
            if (mount.parent() == null || mount == caller.fs().root().mount() && !lazy) {
                throw (lazy ? Errno.EINVAL : Errno.EBUSY).error();
            }
            if (!lazy && !mount.children().isEmpty()) {
                throw Errno.EBUSY.error();
            }
            if (!lazy && vfs.isBusy(mount)) {
                throw Errno.EBUSY.error();
            }
            List<Mount> all = new ArrayList<>();
            MountNamespace.collect(mount, all);
            for (Mount each : all) {
                each.setNamespace(null);
            }
            mount.detach();
        } finally {
            lock.unlock();
        }
    }

    // Pivot_root(2) and namespaces.

    /**
     * pivot_root(2).
     *
     * @param contexts the file-system contexts of all tasks of the namespace
     */
    public static void pivotRoot(
            Caller caller,
            VirtualFileSystem vfs,
            Location newRoot,
            Location putOld,
            Iterable<FsContext> contexts)
            throws ErrnoException {
        requireAdministrator(caller);
        Location oldRoot = caller.fs().root();
        KernelLock lock = vfs.mountLock();
        lock.lock();
        try {
            checkPivot(newRoot, putOld, oldRoot);
            Mount rootMount = oldRoot.mount();
            Mount newMount = newRoot.mount();
            Mount rootParent = rootMount.parent();
            Dentry rootPoint = rootMount.mountPoint();
            newMount.detach();
            if (rootMount.isLocked()) {
                newMount.setLocked(true);
                rootMount.setLocked(false);
            }
            if (rootParent != null && rootPoint != null) {
                rootMount.detach();
                newMount.attach(rootParent, rootPoint);
            } else {
                MountNamespace namespace = rootMount.namespace();
                if (namespace != null) {
                    namespace.setRoot(newMount);
                }
            }
            // put_old may be the new root itself: then the old root covers it until it is
            // unmounted.
            rootMount.attach(putOld.mount(), putOld.dentry());
        } finally {
            lock.unlock();
        }
        Location changed = new Location(newRoot.mount(), newRoot.dentry());
        for (FsContext context : contexts) {
            context.replace(oldRoot, changed);
        }
    }

    private static void checkPivot(Location newRoot, Location putOld, Location oldRoot)
            throws ErrnoException {
        MountNamespace namespace = oldRoot.mount().namespace();
        if (namespace == null
                || newRoot.mount().namespace() != namespace
                || putOld.mount().namespace() != namespace) {
            throw Errno.EINVAL.error();
        }
        if (newRoot.dentry().isRemoved()) {
            throw Errno.ENOENT.error();
        }
        if (newRoot.mount() == oldRoot.mount() || putOld.mount() == oldRoot.mount()) {
            throw Errno.EBUSY.error();
        }
        boolean rootIsMount = oldRoot.dentry() == oldRoot.mount().root();
        boolean newIsMount =
                newRoot.dentry() == newRoot.mount().root() && newRoot.mount().parent() != null;
        if (!rootIsMount || !newIsMount || newRoot.mount().isLocked()) {
            throw Errno.EINVAL.error();
        }
        if (!isBelow(putOld, newRoot) || !isBelow(newRoot, oldRoot)) {
            throw Errno.EINVAL.error();
        }
    }

    /** is_path_reachable: whether going up from a place leads to another. */
    private static boolean isBelow(Location place, Location top) {
        Mount mount = place.mount();
        Dentry dentry = place.dentry();
        while (mount != top.mount()) {
            Mount above = mount.parent();
            Dentry point = mount.mountPoint();
            if (above == null || point == null) {
                return false;
            }
            mount = above;
            dentry = point;
        }
        return top.dentry().isAncestorOf(dentry);
    }

    /**
     * CLONE_NEWNS: root and working directory of a context move into a copy of the namespace they
     * lie in. Nothing ends a namespace: its mounts go with the last context.
     *
     * @param owner whose administrators rule in the copy; others than the original's can neither
     *     uncover what lies below its mounts nor lift what their flags forbid (lock_mnt_tree)
     */
    public static void copyNamespace(FsContext context, UserNamespace owner) throws ErrnoException {
        Mount rootMount = context.root().mount();
        VirtualFileSystem vfs = rootMount.fileSystem().vfs();
        KernelLock lock = vfs.mountLock();
        List<Mount> olds = new ArrayList<>();
        List<Mount> news = new ArrayList<>();
        lock.lock();
        try {
            MountNamespace from = rootMount.namespace();
            if (from == null) {
                throw Errno.EINVAL.error();
            }
            Mount root = clone(vfs, from.root(), from.root().root());
            olds.add(from.root());
            news.add(root);
            copyChildren(
                    vfs,
                    from.root(),
                    root,
                    from.root().root(),
                    (oldMount, newMount) -> {
                        olds.add(oldMount);
                        news.add(newMount);
                    });
            if (owner != from.owner()) {
                news.forEach(Mount::lockFlags);
                news.stream().filter(mount -> mount != root).forEach(m -> m.setLocked(true));
            }
            vfs.adoptNamespace(owner, root);
        } finally {
            lock.unlock();
        }
        context.setRoot(moved(context.root(), olds, news));
        context.setWorkingDirectory(moved(context.workingDirectory(), olds, news));
    }

    private static Location moved(Location location, List<Mount> olds, List<Mount> news) {
        int index = olds.indexOf(location.mount());
        return index < 0 ? location : new Location(news.get(index), location.dentry());
    }
}
