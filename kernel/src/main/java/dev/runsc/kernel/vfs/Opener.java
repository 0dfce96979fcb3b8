package dev.runsc.kernel.vfs;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.InotifyFlags;
import dev.runsc.gofer.abi.MountFlags;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.kernel.auth.Credentials;
import org.jspecify.annotations.Nullable;

/**
 * Opens files by path: open(2) and its kin (Linux do_filp_open). The order of checks is Linux's, as
 * guests see which fails.
 */
public final class Opener {
    private Opener() {}

    /** Opens a path. Waits for the other end of a FIFO. */
    public static FileDescription open(
            Caller caller, Location start, String path, OpenRequest request) throws ErrnoException {
        if (request.isPathOnly()) {
            return openPath(caller, start, path, request);
        }
        if (request.isUnnamed()) {
            return openUnnamed(caller, start, path, request);
        }
        if (request.has(OpenFlags.O_CREAT)) {
            return openOrCreate(caller, start, path, request);
        }
        while (true) {
            Location found = PathWalk.find(caller, start, path, walkFlags(request));
            FileDescription file = openUnlessReplaced(caller, found, request);
            if (file != null) {
                return file;
            }
        }
    }

    /**
     * Opens what a walk has found; null when the name has come to mean another file since, so that
     * the walk is to be made again (Linux retry_estale).
     */
    private static @Nullable FileDescription openUnlessReplaced(
            Caller caller, Location found, OpenRequest request) throws ErrnoException {
        try {
            return openAt(caller, found, request, false);
        } catch (ErrnoException e) {
            if (e.is(Errno.ESTALE) && isRemoved(found.dentry())) {
                return null;
            }
            throw e;
        }
    }

    /** Whether a name is gone; a rename that is under way counts when it is done. */
    private static boolean isRemoved(Dentry dentry) {
        FileSystem fileSystem = dentry.fileSystem();
        fileSystem.treeLock().lock();
        try {
            return dentry.isRemoved();
        } finally {
            fileSystem.treeLock().unlock();
        }
    }

    /** Opens what a location shows, as if by a path that leads there. */
    public static FileDescription open(Caller caller, Location location, OpenRequest request)
            throws ErrnoException {
        return openAt(caller, location, request, false);
    }

    private static int walkFlags(OpenRequest request) {
        int flags = request.resolve();
        if (!request.has(OpenFlags.O_NOFOLLOW)) {
            flags |= PathWalk.FOLLOW;
        }
        if (request.has(OpenFlags.O_DIRECTORY)) {
            flags |= PathWalk.DIRECTORY;
        }
        return flags;
    }

    private static FileDescription openPath(
            Caller caller, Location start, String path, OpenRequest request) throws ErrnoException {
        Location location = PathWalk.find(caller, start, path, walkFlags(request));
        int kept =
                request.flags() & (OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW);
        return new PathFile(location, kept);
    }

    private static FileDescription openUnnamed(
            Caller caller, Location start, String path, OpenRequest request) throws ErrnoException {
        Location directory =
                PathWalk.find(caller, start, path, walkFlags(request) | PathWalk.DIRECTORY);
        directory.mount().requireWritable();
        Inode parent = directory.inode();
        parent.checkPermission(caller, Inode.MAY_WRITE | Inode.MAY_EXEC);
        int mode = FileMode.S_IFREG | request.mode() & ~caller.fs().umask();
        NewInode attributes = Permissions.inherit(caller.credentials(), parent, mode, 0);
        FileSystem fileSystem = parent.fileSystem();
        Inode inode;
        fileSystem.treeLock().lock();
        try {
            inode = parent.createUnnamed(caller, attributes);
        } finally {
            fileSystem.treeLock().unlock();
        }
        Dentry dentry = Dentry.unnamed(inode, "#" + inode.number());
        Location location = new Location(directory.mount(), dentry);
        FileDescription file = inode.open(caller, location, request.statusFlags());
        file.tellOpened();
        return file;
    }

    private static FileDescription openOrCreate(
            Caller caller, Location start, String path, OpenRequest request) throws ErrnoException {
        PathWalk walk = new PathWalk(caller, start, path, request.resolve());
        walk.toLast();
        while (true) {
            if (!walk.lastIsName()) {
                // ".", ".." and "/" exist and are directories; O_EXCL is looked at first.
                walk.enterDots();
                throw (request.has(OpenFlags.O_EXCL) ? Errno.EEXIST : Errno.EISDIR).error();
            }
            if (walk.hasTrailingSlash()) {
                throw Errno.EISDIR.error();
            }
            Location directory = walk.here();
            Dentry found = walk.peekLast();
            if (found == null) {
                Dentry created = create(caller, directory, walk.lastName(), request);
                if (created != null) {
                    return openAt(caller, new Location(directory.mount(), created), request, true);
                }
                found = walk.peekLast();
                if (found == null) {
                    continue;
                }
            }
            if (request.has(OpenFlags.O_EXCL)) {
                throw Errno.EEXIST.error();
            }
            if (found.inode().isSymlink() && !request.has(OpenFlags.O_NOFOLLOW)) {
                if (found.inode().isMagicLink()) {
                    return openAt(caller, jump(walk, found), request, false);
                }
                walk.followLast(found);
                continue;
            }
            requireOwnInSticky(caller, directory.inode(), found.inode());
            FileDescription file = openUnlessReplaced(caller, walk.enter(found), request);
            if (file != null) {
                return file;
            }
            walk = new PathWalk(caller, start, path, request.resolve());
            walk.toLast();
        }
    }

    /**
     * may_create_in_sticky, with sysctls fs.protected_regular and fs.protected_fifos off: O_CREAT
     * opens no other special file that somebody else may have put into a public directory.
     */
    private static void requireOwnInSticky(Caller caller, Inode directory, Inode found)
            throws ErrnoException {
        int type = found.type();
        boolean free =
                type == FileMode.S_IFREG || type == FileMode.S_IFIFO || type == FileMode.S_IFDIR;
        int shared = FileMode.S_ISVTX | FileMode.S_IWOTH;
        if (!free
                && (directory.mode() & shared) == shared
                && found.uid() != directory.uid()
                && found.uid() != caller.credentials().fsUid()) {
            throw Errno.EACCES.error();
        }
    }

    private static Location jump(PathWalk walk, Dentry link) throws ErrnoException {
        walk.followLast(link);
        return walk.here();
    }

    /** Makes the file; null when somebody else just did. */
    private static @Nullable Dentry create(
            Caller caller, Location directory, String name, OpenRequest request)
            throws ErrnoException {
        directory.mount().requireWritable();
        Inode parent = directory.inode();
        FileSystem fileSystem = parent.fileSystem();
        fileSystem.treeLock().lock();
        try {
            if (PathWalk.lookup(caller, directory.dentry(), name) != null) {
                return null;
            }
            parent.checkPermission(caller, Inode.MAY_WRITE | Inode.MAY_EXEC);
            if (directory.dentry().isRemoved()) {
                throw Errno.ENOENT.error();
            }
            int mode = FileMode.S_IFREG | request.mode() & ~caller.fs().umask();
            NewInode attributes = Permissions.inherit(caller.credentials(), parent, mode, 0);
            Inode made = parent.create(caller, name, attributes);
            FsEvents.in(directory.dentry(), name, made, InotifyFlags.IN_CREATE);
            return directory.dentry().childFor(name, made);
        } finally {
            fileSystem.treeLock().unlock();
        }
    }

    /** Linux do_open and may_open. */
    private static FileDescription openAt(
            Caller caller, Location location, OpenRequest request, boolean created)
            throws ErrnoException {
        Inode inode = location.inode();
        boolean writes = (request.permissionMask() & Inode.MAY_WRITE) != 0;
        if (request.has(OpenFlags.O_CREAT) && !created && inode.isDirectory()) {
            throw Errno.EISDIR.error();
        }
        if (request.has(OpenFlags.O_DIRECTORY) && !inode.isDirectory()) {
            throw Errno.ENOTDIR.error();
        }
        checkKind(location, writes);
        if (!created) {
            inode.checkPermission(caller, request.permissionMask());
            checkOptions(caller, inode, request);
        }
        boolean special = !inode.isRegular() && !inode.isDirectory();
        if (writes && !special && !created) {
            location.mount().requireWritable();
        }
        if (writes && inode.isRegular()) {
            inode.prepareWriting(caller, request.has(OpenFlags.O_TRUNC));
        }
        FileDescription file = inode.open(caller, location, request.statusFlags());
        file.tellOpened();
        file.opened(caller, request.flags());
        if (request.has(OpenFlags.O_TRUNC) && inode.isRegular() && !created) {
            try {
                AttributeOperations.truncate(caller, inode, 0);
                FsEvents.at(location, InotifyFlags.IN_MODIFY);
            } catch (ErrnoException e) {
                file.release();
                throw e;
            }
        }
        return file;
    }

    private static void checkKind(Location location, boolean writes) throws ErrnoException {
        Inode inode = location.inode();
        switch (inode.type()) {
            case FileMode.S_IFLNK -> throw Errno.ELOOP.error();
            case FileMode.S_IFDIR -> {
                if (writes) {
                    throw Errno.EISDIR.error();
                }
            }
            case FileMode.S_IFCHR, FileMode.S_IFBLK -> {
                if (location.mount().has(MountFlags.MS_NODEV)) {
                    throw Errno.EACCES.error();
                }
            }
            default -> {}
        }
    }

    private static void checkOptions(Caller caller, Inode inode, OpenRequest request)
            throws ErrnoException {
        Credentials who = caller.credentials();
        if (request.has(OpenFlags.O_NOATIME) && !Permissions.ownsOrCapable(who, inode)) {
            throw Errno.EPERM.error();
        }
    }
}
