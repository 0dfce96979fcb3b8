package dev.runsc.kernel.vfs;

import dev.runsc.gofer.abi.Capabilities;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.InotifyFlags;
import dev.runsc.gofer.abi.MountFlags;
import dev.runsc.kernel.auth.Credentials;

/** Changes of attributes with Linux's checks (fs/attr.c, fs/open.c, fs/utimes.c). */
public final class AttributeOperations {
    /** For {@link #chown}: leave as it is. */
    public static final int UNCHANGED = -1;

    /** For {@link #setTimes}: the present (UTIME_NOW). */
    public static final long NOW = Long.MIN_VALUE;

    /** For {@link #setTimes}: leave as it is (UTIME_OMIT). */
    public static final long OMIT = Long.MIN_VALUE + 1;

    private AttributeOperations() {}

    /** chmod(2). */
    public static void chmod(Caller caller, Location location, int mode) throws ErrnoException {
        location.mount().requireWritable();
        Inode inode = location.inode();
        if (inode.isSymlink()) {
            throw Errno.EOPNOTSUPP.error();
        }
        Credentials who = caller.credentials();
        if (!Permissions.ownsOrCapable(who, inode)) {
            throw Errno.EPERM.error();
        }
        int bits = mode & 07777;
        if (!who.inGroup(inode.gid())
                && !who.hasOver(inode.uid(), inode.gid(), Capabilities.CAP_FSETID)) {
            bits &= ~FileMode.S_ISGID;
        }
        inode.changeAttributes(caller, AttributeChange.mode(bits));
        FsEvents.at(location, InotifyFlags.IN_ATTRIB);
    }

    /** chown(2); ids of {@link #UNCHANGED} stay. */
    public static void chown(Caller caller, Location location, int uid, int gid)
            throws ErrnoException {
        location.mount().requireWritable();
        Inode inode = location.inode();
        Credentials who = caller.credentials();
        boolean owner = who.fsUid() == inode.uid();
        boolean capable = who.hasOver(inode.uid(), inode.gid(), Capabilities.CAP_CHOWN);
        if (uid != UNCHANGED && !capable && !(owner && uid == inode.uid())) {
            throw Errno.EPERM.error();
        }
        if (gid != UNCHANGED && !capable && !(owner && (gid == inode.gid() || who.inGroup(gid)))) {
            throw Errno.EPERM.error();
        }
        int valid = 0;
        valid |= uid != UNCHANGED ? AttributeChange.UID : 0;
        valid |= gid != UNCHANGED ? AttributeChange.GID : 0;
        AttributeChange change = new AttributeChange(valid, 0, uid, gid, 0, 0);
        int mode = Permissions.modeAfterChown(who, inode);
        if (mode != inode.mode()) {
            // Losing the set-id bits is a chmod to setattr_prepare, even when no id changes.
            if (!Permissions.ownsOrCapable(who, inode)) {
                throw Errno.EPERM.error();
            }
            change = change.withMode(mode);
        }
        inode.changeAttributes(caller, change);
        dropCapabilities(caller, inode);
        if (valid != 0) {
            FsEvents.at(location, InotifyFlags.IN_ATTRIB);
        }
    }

    /**
     * Sets times (utimensat(2)).
     *
     * @param access nanoseconds since 1970, {@link #NOW} or {@link #OMIT}
     * @param modify as {@code access}
     */
    public static void setTimes(Caller caller, Location location, long access, long modify)
            throws ErrnoException {
        if (access == OMIT && modify == OMIT) {
            return;
        }
        location.mount().requireWritable();
        Inode inode = location.inode();
        Credentials who = caller.credentials();
        if (!Permissions.ownsOrCapable(who, inode)) {
            if (access != NOW || modify != NOW) {
                throw Errno.EPERM.error();
            }
            inode.checkPermission(caller, Inode.MAY_WRITE);
        }
        long now = inode.fileSystem().now();
        int valid = 0;
        valid |= access != OMIT ? AttributeChange.ACCESS_TIME : 0;
        valid |= modify != OMIT ? AttributeChange.MODIFY_TIME : 0;
        inode.changeAttributes(
                caller,
                new AttributeChange(
                        valid,
                        0,
                        0,
                        0,
                        access == NOW ? now : access,
                        modify == NOW ? now : modify));
        FsEvents.at(location, timeEvent(access, modify));
    }

    /** fsnotify_change: setting one of the times alone looks like what sets it. */
    private static int timeEvent(long access, long modify) {
        if (access == OMIT) {
            return InotifyFlags.IN_MODIFY;
        }
        return modify == OMIT ? InotifyFlags.IN_ACCESS : InotifyFlags.IN_ATTRIB;
    }

    /** truncate(2) by path. */
    public static void truncate(Caller caller, Location location, long sizeBytes)
            throws ErrnoException {
        Inode inode = location.inode();
        if (inode.isDirectory()) {
            throw Errno.EISDIR.error();
        }
        if (!inode.isRegular()) {
            throw Errno.EINVAL.error();
        }
        location.mount().requireWritable();
        inode.checkPermission(caller, Inode.MAY_WRITE);
        inode.prepareWriting(caller, sizeBytes == 0);
        inode.beginWriting();
        try {
            truncate(caller, inode, sizeBytes);
            FsEvents.at(location, InotifyFlags.IN_MODIFY);
        } finally {
            inode.endWriting();
        }
    }

    /**
     * Changes the size of a regular file whose permission is checked: RLIMIT_FSIZE, set-id bits.
     */
    static void truncate(Caller caller, Inode inode, long sizeBytes) throws ErrnoException {
        if (sizeBytes < 0) {
            throw Errno.EINVAL.error();
        }
        long limit = caller.fileSizeLimit();
        if (limit >= 0 && sizeBytes > limit && sizeBytes > inode.size()) {
            caller.fileSizeExceeded();
            throw Errno.EFBIG.error();
        }
        removePrivileges(caller, inode);
        inode.truncate(caller, sizeBytes);
    }

    /** file_remove_privs: set-id bits and file capabilities do not survive a write. */
    static void removePrivileges(Caller caller, Inode inode) throws ErrnoException {
        int mode = inode.mode();
        if ((mode & (FileMode.S_ISUID | FileMode.S_ISGID)) != 0) {
            int after = Permissions.modeAfterWrite(caller.credentials(), inode);
            if (after != mode) {
                inode.changeAttributes(caller, AttributeChange.mode(after));
            }
        }
        dropCapabilities(caller, inode);
    }

    private static void dropCapabilities(Caller caller, Inode inode) throws ErrnoException {
        if (inode.hasFileCapabilities()) {
            inode.removeXattr(caller, Inode.XATTR_CAPABILITY);
        }
    }

    /** access(2): the check with real ids has been prepared in the caller's credentials. */
    public static void checkAccess(Caller caller, Location location, int mask)
            throws ErrnoException {
        Inode inode = location.inode();
        if ((mask & Inode.MAY_EXEC) != 0
                && inode.isRegular()
                && location.mount().has(MountFlags.MS_NOEXEC)) {
            throw Errno.EACCES.error();
        }
        inode.checkPermission(caller, mask);
        boolean stored = inode.isRegular() || inode.isDirectory() || inode.isSymlink();
        if ((mask & Inode.MAY_WRITE) != 0 && stored) {
            location.mount().requireWritable();
        }
    }
}
