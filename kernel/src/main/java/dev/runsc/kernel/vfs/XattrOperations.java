package dev.runsc.kernel.vfs;

import dev.runsc.gofer.abi.Capabilities;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.InotifyFlags;
import java.util.ArrayList;
import java.util.List;

/** Extended attributes with Linux's rules for their families (fs/xattr.c, xattr(7)). */
public final class XattrOperations {
    private static final String USER = "user.";
    private static final String TRUSTED = "trusted.";
    private static final String SECURITY = "security.";

    private XattrOperations() {}

    public static byte[] get(Caller caller, Location location, String name) throws ErrnoException {
        check(caller, location.inode(), name, Inode.MAY_READ);
        return location.inode().getXattr(caller, name);
    }

    /**
     * @param flags XATTR_CREATE, XATTR_REPLACE or 0
     */
    public static void set(Caller caller, Location location, String name, byte[] value, int flags)
            throws ErrnoException {
        location.mount().requireWritable();
        check(caller, location.inode(), name, Inode.MAY_WRITE);
        location.inode().setXattr(caller, name, value, flags);
        FsEvents.at(location, InotifyFlags.IN_ATTRIB);
    }

    public static void remove(Caller caller, Location location, String name) throws ErrnoException {
        location.mount().requireWritable();
        check(caller, location.inode(), name, Inode.MAY_WRITE);
        location.inode().removeXattr(caller, name);
        FsEvents.at(location, InotifyFlags.IN_ATTRIB);
    }

    /** The names the caller may see. */
    public static List<String> list(Caller caller, Location location) throws ErrnoException {
        boolean administrator = caller.credentials().has(Capabilities.CAP_SYS_ADMIN);
        List<String> names = new ArrayList<>();
        for (String name : location.inode().listXattrs(caller)) {
            if (administrator || !name.startsWith(TRUSTED)) {
                names.add(name);
            }
        }
        return names;
    }

    /** xattr_permission, and EOPNOTSUPP for families nobody keeps here. */
    private static void check(Caller caller, Inode inode, String name, int mask)
            throws ErrnoException {
        boolean write = mask == Inode.MAY_WRITE;
        if (name.startsWith(TRUSTED)) {
            if (!caller.credentials().has(Capabilities.CAP_SYS_ADMIN)) {
                throw (write ? Errno.EPERM : Errno.ENODATA).error();
            }
            return;
        }
        if (name.startsWith(SECURITY)) {
            checkSecurity(caller, name, write);
            return;
        }
        if (!name.startsWith(USER)) {
            throw Errno.EOPNOTSUPP.error();
        }
        if (name.length() == USER.length()) {
            throw Errno.EINVAL.error();
        }
        if (!inode.isRegular() && !inode.isDirectory()) {
            throw (write ? Errno.EPERM : Errno.ENODATA).error();
        }
        if (write
                && inode.isDirectory()
                && (inode.mode() & FileMode.S_ISVTX) != 0
                && !Permissions.ownsOrCapable(caller.credentials(), inode)) {
            throw Errno.EPERM.error();
        }
        inode.checkPermission(caller, mask);
    }

    private static void checkSecurity(Caller caller, String name, boolean write)
            throws ErrnoException {
        if (!write) {
            return;
        }
        int needed =
                name.equals(Inode.XATTR_CAPABILITY)
                        ? Capabilities.CAP_SETFCAP
                        : Capabilities.CAP_SYS_ADMIN;
        if (!caller.credentials().has(needed)) {
            throw Errno.EPERM.error();
        }
    }
}
