package dev.runsc.kernel.vfs;

import dev.runsc.gofer.abi.Capabilities;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.InotifyFlags;
import dev.runsc.gofer.abi.RenameFlags;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.sync.KernelLock;
import org.jspecify.annotations.Nullable;

/**
 * The calls that change directories (Linux fs/namei.c). Each walks to the directory, takes the tree
 * lock, looks the name up again, checks in Linux's order, and lets the inode do it.
 */
public final class PathOperations {
    private static final int PATH_MAX = 4096;
    private static final int DIRECTORY_MODE = 01777;
    private static final int FILE_MODE = 07777;
    private static final int CHANGE = Inode.MAY_WRITE | Inode.MAY_EXEC;

    private PathOperations() {}

    /** Makes the file whose directory and free name are known. */
    private interface Maker {
        Inode make(Inode directory, String name) throws ErrnoException;
    }

    // Making.

    /** mkdir(2). */
    public static void mkdir(Caller caller, Location start, String path, int mode)
            throws ErrnoException {
        int bits = FileMode.S_IFDIR | mode & DIRECTORY_MODE & ~caller.fs().umask();
        make(
                caller,
                start,
                path,
                true,
                (directory, name) ->
                        directory.makeDirectory(
                                caller,
                                name,
                                Permissions.inherit(caller.credentials(), directory, bits, 0)));
    }

    /** mknod(2). */
    public static void mknod(Caller caller, Location start, String path, int mode, long device)
            throws ErrnoException {
        int type = mode & FileMode.S_IFMT;
        int kind = type == 0 ? FileMode.S_IFREG : type;
        switch (kind) {
            case FileMode.S_IFREG,
                    FileMode.S_IFCHR,
                    FileMode.S_IFBLK,
                    FileMode.S_IFIFO,
                    FileMode.S_IFSOCK -> {}
            case FileMode.S_IFDIR -> throw Errno.EPERM.error();
            default -> throw Errno.EINVAL.error();
        }
        boolean isDevice = kind == FileMode.S_IFCHR || kind == FileMode.S_IFBLK;
        boolean whiteout = kind == FileMode.S_IFCHR && device == 0;
        int bits = kind | mode & FILE_MODE & ~caller.fs().umask();
        make(
                caller,
                start,
                path,
                false,
                (directory, name) -> {
                    if (isDevice
                            && !whiteout
                            && !caller.credentials().has(Capabilities.CAP_MKNOD)) {
                        throw Errno.EPERM.error();
                    }
                    long number = isDevice ? device : 0;
                    return directory.create(
                            caller,
                            name,
                            Permissions.inherit(caller.credentials(), directory, bits, number));
                });
    }

    /** Makes the socket file of bind(2); EADDRINUSE is the caller's reading of EEXIST. */
    public static Location makeSocket(Caller caller, Location start, String path, int mode)
            throws ErrnoException {
        int bits = FileMode.S_IFSOCK | mode & FILE_MODE & ~caller.fs().umask();
        return make(
                caller,
                start,
                path,
                false,
                (directory, name) ->
                        directory.create(
                                caller,
                                name,
                                Permissions.inherit(caller.credentials(), directory, bits, 0)));
    }

    /** symlink(2). */
    public static void symlink(Caller caller, String target, Location start, String path)
            throws ErrnoException {
        if (target.isEmpty()) {
            throw Errno.ENOENT.error();
        }
        if (target.length() >= PATH_MAX) {
            throw Errno.ENAMETOOLONG.error();
        }
        int bits = FileMode.S_IFLNK | 0777;
        make(
                caller,
                start,
                path,
                false,
                (directory, name) ->
                        directory.makeSymlink(
                                caller,
                                name,
                                target,
                                Permissions.inherit(caller.credentials(), directory, bits, 0)));
    }

    /** link(2): {@code old} is what the first path led to. */
    public static void link(Caller caller, Location old, Location start, String path)
            throws ErrnoException {
        Inode target = old.inode();
        make(
                caller,
                start,
                path,
                false,
                old,
                (directory, name) -> {
                    if (target.fileSystem() != directory.fileSystem()) {
                        throw Errno.EXDEV.error();
                    }
                    if (target.isDirectory()) {
                        throw Errno.EPERM.error();
                    }
                    if (target.stat(caller).nlink() == 0 && !target.mayGetName()) {
                        throw Errno.ENOENT.error();
                    }
                    directory.link(caller, name, target);
                    return target;
                });
    }

    private static Location make(
            Caller caller, Location start, String path, boolean directory, Maker maker)
            throws ErrnoException {
        return make(caller, start, path, directory, null, maker);
    }

    /** filename_create and may_create. */
    private static Location make(
            Caller caller,
            Location start,
            String path,
            boolean directory,
            @Nullable Location linked,
            Maker maker)
            throws ErrnoException {
        PathWalk walk = new PathWalk(caller, start, path, 0);
        walk.toLast();
        if (!walk.lastIsName()) {
            throw Errno.EEXIST.error();
        }
        Location parent = walk.here();
        Dentry dentry = parent.dentry();
        KernelLock tree = dentry.fileSystem().treeLock();
        tree.lock();
        try {
            if (PathWalk.lookup(caller, dentry, walk.lastName()) != null) {
                throw Errno.EEXIST.error();
            }
            if (walk.hasTrailingSlash() && !directory) {
                throw Errno.ENOENT.error();
            }
            parent.mount().requireWritable();
            if (linked != null) {
                requireLinkable(caller, linked, parent);
            }
            requireChangeable(caller, dentry);
            Inode made = maker.make(dentry.inode(), walk.lastName());
            if (linked != null) {
                FsEvents.to(made, InotifyFlags.IN_ATTRIB);
            }
            FsEvents.in(dentry, walk.lastName(), made, InotifyFlags.IN_CREATE);
            return new Location(parent.mount(), dentry.childFor(walk.lastName(), made));
        } finally {
            tree.unlock();
        }
    }

    /**
     * may_linkat, with sysctl fs.protected_hardlinks on: others' files only if they may be read and
     * written safely.
     */
    private static void requireLinkable(Caller caller, Location linked, Location parent)
            throws ErrnoException {
        if (linked.mount() != parent.mount()) {
            throw Errno.EXDEV.error();
        }
        Inode inode = linked.inode();
        Credentials who = caller.credentials();
        if (Permissions.ownsOrCapable(who, inode)) {
            return;
        }
        int mode = inode.mode();
        int setGroup = FileMode.S_ISGID | FileMode.S_IXGRP;
        boolean plain =
                inode.isRegular()
                        && (mode & FileMode.S_ISUID) == 0
                        && (mode & setGroup) != setGroup;
        int mask = Inode.MAY_READ | Inode.MAY_WRITE;
        if (!plain || !Permissions.allows(who, mode, inode.uid(), inode.gid(), mask)) {
            throw Errno.EPERM.error();
        }
    }

    private static void requireChangeable(Caller caller, Dentry directory) throws ErrnoException {
        if (directory.isRemoved()) {
            throw Errno.ENOENT.error();
        }
        directory.inode().checkPermission(caller, CHANGE);
    }

    // Removing.

    /** unlink(2). */
    public static void unlink(Caller caller, Location start, String path) throws ErrnoException {
        PathWalk walk = new PathWalk(caller, start, path, 0);
        walk.toLast();
        if (!walk.lastIsName()) {
            throw Errno.EISDIR.error();
        }
        remove(caller, walk, false);
    }

    /** rmdir(2). */
    public static void rmdir(Caller caller, Location start, String path) throws ErrnoException {
        PathWalk walk = new PathWalk(caller, start, path, 0);
        walk.toLast();
        if (!walk.lastIsName()) {
            throw switch (walk.lastName()) {
                case ".." -> Errno.ENOTEMPTY.error();
                case "." -> Errno.EINVAL.error();
                default -> Errno.EBUSY.error();
            };
        }
        remove(caller, walk, true);
    }

    private static void remove(Caller caller, PathWalk walk, boolean directory)
            throws ErrnoException {
        Location parent = walk.here();
        parent.mount().requireWritable();
        Dentry dentry = parent.dentry();
        Inode inode = dentry.inode();
        KernelLock tree = dentry.fileSystem().treeLock();
        tree.lock();
        try {
            Dentry victim = PathWalk.lookup(caller, dentry, walk.lastName());
            if (victim == null) {
                throw Errno.ENOENT.error();
            }
            if (walk.hasTrailingSlash() && !directory) {
                throw (victim.inode().isDirectory() ? Errno.EISDIR : Errno.ENOTDIR).error();
            }
            requireRemovable(caller, dentry, victim, directory);
            if (isMountPoint(caller, victim)) {
                throw Errno.EBUSY.error();
            }
            if (directory) {
                inode.removeDirectory(caller, walk.lastName(), victim.inode());
            } else {
                inode.unlink(caller, walk.lastName(), victim.inode());
            }
            victim.remove();
            FsEvents.removed(dentry, walk.lastName(), victim.inode());
        } finally {
            tree.unlock();
        }
    }

    /** Mounts of other namespaces hold nobody up (is_local_mountpoint). */
    private static boolean isMountPoint(Caller caller, Dentry dentry) {
        return dentry.isMountPointBeside(caller.fs().root().mount());
    }

    /** may_delete. */
    private static void requireRemovable(
            Caller caller, Dentry parent, Dentry victim, boolean directory) throws ErrnoException {
        requireChangeable(caller, parent);
        if (Permissions.stickyForbids(caller.credentials(), parent.inode(), victim.inode())) {
            throw Errno.EPERM.error();
        }
        boolean victimIsDirectory = victim.inode().isDirectory();
        if (directory && !victimIsDirectory) {
            throw Errno.ENOTDIR.error();
        }
        if (!directory && victimIsDirectory) {
            throw Errno.EISDIR.error();
        }
    }

    // Renaming.

    /** renameat2(2). */
    public static void rename(
            Caller caller,
            Location oldStart,
            String oldPath,
            Location newStart,
            String newPath,
            int flags)
            throws ErrnoException {
        int known =
                RenameFlags.RENAME_NOREPLACE
                        | RenameFlags.RENAME_EXCHANGE
                        | RenameFlags.RENAME_WHITEOUT;
        boolean exchange = (flags & RenameFlags.RENAME_EXCHANGE) != 0;
        if ((flags & ~known) != 0 || exchange && flags != RenameFlags.RENAME_EXCHANGE) {
            throw Errno.EINVAL.error();
        }
        PathWalk from = new PathWalk(caller, oldStart, oldPath, 0);
        from.toLast();
        PathWalk to = new PathWalk(caller, newStart, newPath, 0);
        to.toLast();
        Location oldParent = from.here();
        Location newParent = to.here();
        if (oldParent.mount() != newParent.mount()) {
            throw Errno.EXDEV.error();
        }
        if (!from.lastIsName()) {
            throw Errno.EBUSY.error();
        }
        if (!to.lastIsName()) {
            boolean noReplace = (flags & RenameFlags.RENAME_NOREPLACE) != 0;
            throw (noReplace ? Errno.EEXIST : Errno.EBUSY).error();
        }
        oldParent.mount().requireWritable();
        FileSystem fileSystem = oldParent.dentry().fileSystem();
        fileSystem.treeLock().lock();
        try {
            renameLocked(caller, from, to, flags);
        } finally {
            fileSystem.treeLock().unlock();
        }
    }

    /** do_renameat2 under lock_rename. */
    private static void renameLocked(Caller caller, PathWalk from, PathWalk to, int flags)
            throws ErrnoException {
        boolean exchange = (flags & RenameFlags.RENAME_EXCHANGE) != 0;
        Dentry oldParent = from.here().dentry();
        Dentry newParent = to.here().dentry();
        Dentry moved = PathWalk.lookup(caller, oldParent, from.lastName());
        if (moved == null) {
            throw Errno.ENOENT.error();
        }
        Dentry target = PathWalk.lookup(caller, newParent, to.lastName());
        if ((flags & RenameFlags.RENAME_NOREPLACE) != 0 && target != null) {
            throw Errno.EEXIST.error();
        }
        boolean movedIsDirectory = moved.inode().isDirectory();
        if (exchange) {
            requireExchangeable(target, to);
        }
        boolean slashes = from.hasTrailingSlash() || !exchange && to.hasTrailingSlash();
        if (!movedIsDirectory && slashes) {
            throw Errno.ENOTDIR.error();
        }
        if (moved.isAncestorOf(newParent)) {
            throw Errno.EINVAL.error();
        }
        if (target != null && target.isAncestorOf(oldParent)) {
            throw (exchange ? Errno.EINVAL : Errno.ENOTEMPTY).error();
        }
        if (target != null && target.inode() == moved.inode()) {
            return;
        }
        checkRename(caller, oldParent, moved, newParent, target, exchange);
        @Nullable Inode replaced = target == null ? null : target.inode();
        int passed = flags & ~RenameFlags.RENAME_NOREPLACE;
        oldParent
                .inode()
                .rename(
                        caller,
                        from.lastName(),
                        moved.inode(),
                        newParent.inode(),
                        to.lastName(),
                        replaced,
                        passed);
        if (exchange && target != null) {
            Dentry.exchange(moved, target);
        } else {
            moved.moveTo(newParent, to.lastName());
        }
        String oldName = from.lastName();
        String newName = to.lastName();
        if (exchange && replaced != null) {
            FsEvents.renamed(oldParent, oldName, newParent, newName, moved.inode(), null);
            FsEvents.renamed(newParent, newName, oldParent, oldName, replaced, null);
        } else {
            FsEvents.renamed(oldParent, oldName, newParent, newName, moved.inode(), replaced);
        }
    }

    private static void requireExchangeable(@Nullable Dentry target, PathWalk to)
            throws ErrnoException {
        if (target == null) {
            throw Errno.ENOENT.error();
        }
        if (!target.inode().isDirectory() && to.hasTrailingSlash()) {
            throw Errno.ENOTDIR.error();
        }
    }

    /** The checks at the head of vfs_rename. */
    private static void checkRename(
            Caller caller,
            Dentry oldParent,
            Dentry moved,
            Dentry newParent,
            @Nullable Dentry target,
            boolean exchange)
            throws ErrnoException {
        boolean movedIsDirectory = moved.inode().isDirectory();
        requireRemovable(caller, oldParent, moved, movedIsDirectory);
        if (target == null) {
            requireChangeable(caller, newParent);
        } else {
            boolean asDirectory = exchange ? target.inode().isDirectory() : movedIsDirectory;
            requireRemovable(caller, newParent, target, asDirectory);
        }
        if (oldParent != newParent) {
            if (movedIsDirectory) {
                moved.inode().checkPermission(caller, Inode.MAY_WRITE);
            }
            if (exchange && target != null && target.inode().isDirectory()) {
                target.inode().checkPermission(caller, Inode.MAY_WRITE);
            }
        }
        if (isMountPoint(caller, moved) || target != null && isMountPoint(caller, target)) {
            throw Errno.EBUSY.error();
        }
    }

    // Others.

    /**
     * readlink(2) of what a path led to without following its last link. EINVAL for anything but a
     * link.
     */
    public static String readLink(Caller caller, Location location) throws ErrnoException {
        Inode inode = location.inode();
        if (!inode.isSymlink()) {
            throw Errno.EINVAL.error();
        }
        inode.accessed(location.mount());
        return inode.readLink(caller);
    }

    /** chdir(2) and fchdir(2): a directory one may search. */
    public static void changeDirectory(Caller caller, Location location) throws ErrnoException {
        requireEnterable(caller, location);
        caller.fs().setWorkingDirectory(location);
    }

    /** chroot(2). */
    public static void changeRoot(Caller caller, Location location) throws ErrnoException {
        requireEnterable(caller, location);
        Credentials who = caller.credentials();
        if (!who.hasOwn(Capabilities.CAP_SYS_CHROOT)) {
            throw Errno.EPERM.error();
        }
        caller.fs().setRoot(location);
    }

    private static void requireEnterable(Caller caller, Location location) throws ErrnoException {
        if (!location.inode().isDirectory()) {
            throw Errno.ENOTDIR.error();
        }
        location.inode().checkPermission(caller, Inode.MAY_EXEC);
    }
}
