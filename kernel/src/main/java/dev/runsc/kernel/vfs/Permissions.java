package dev.runsc.kernel.vfs;

import dev.runsc.gofer.abi.Capabilities;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.auth.IdMap;

/** The discretionary access rules of Linux fs/namei.c and fs/attr.c. */
public final class Permissions {
    private static final int ANY_EXEC = FileMode.S_IXUSR | FileMode.S_IXGRP | FileMode.S_IXOTH;

    private Permissions() {}

    /**
     * generic_permission: EACCES unless the mode or a capability grants every bit of {@code mask}.
     */
    public static void check(Credentials who, Inode inode, int mask) throws ErrnoException {
        if (!allows(who, inode.mode(), inode.uid(), inode.gid(), mask)) {
            throw Errno.EACCES.error();
        }
    }

    /** As {@link #check} over bare attributes. */
    public static boolean allows(Credentials who, int mode, int uid, int gid, int mask) {
        int bits = mode;
        if (who.fsUid() == uid) {
            bits = mode >>> 6;
        } else if (who.inGroup(gid)) {
            bits = mode >>> 3;
        }
        if ((mask & ~bits & 7) == 0) {
            return true;
        }
        boolean directory = (mode & FileMode.S_IFMT) == FileMode.S_IFDIR;
        if (directory) {
            if ((mask & Inode.MAY_WRITE) == 0
                    && who.hasOver(uid, gid, Capabilities.CAP_DAC_READ_SEARCH)) {
                return true;
            }
            return who.hasOver(uid, gid, Capabilities.CAP_DAC_OVERRIDE);
        }
        if ((mask & 7) == Inode.MAY_READ
                && who.hasOver(uid, gid, Capabilities.CAP_DAC_READ_SEARCH)) {
            return true;
        }
        boolean runnable = (mask & Inode.MAY_EXEC) == 0 || (mode & ANY_EXEC) != 0;
        return runnable && who.hasOver(uid, gid, Capabilities.CAP_DAC_OVERRIDE);
    }

    /** inode_owner_or_capable. */
    public static boolean ownsOrCapable(Credentials who, Inode inode) {
        return who.fsUid() == inode.uid()
                || who.hasOwn(Capabilities.CAP_FOWNER)
                        && who.namespace().uids().fromKernel(inode.uid()) != IdMap.NONE;
    }

    /**
     * check_sticky: whether a sticky directory forbids this caller to remove or rename an entry.
     */
    public static boolean stickyForbids(Credentials who, Inode directory, Inode victim) {
        return (directory.mode() & FileMode.S_ISVTX) != 0
                && who.fsUid() != victim.uid()
                && who.fsUid() != directory.uid()
                && !who.hasOver(victim.uid(), victim.gid(), Capabilities.CAP_FOWNER);
    }

    /**
     * inode_init_owner: what a file made in a directory starts with. {@code mode} has its type;
     * umask is applied.
     */
    public static NewInode inherit(Credentials who, Inode directory, int mode, long deviceNumber) {
        int gid = who.fsGid();
        int finalMode = mode;
        if ((directory.mode() & FileMode.S_ISGID) != 0) {
            gid = directory.gid();
            boolean groupExec =
                    (mode & (FileMode.S_ISGID | FileMode.S_IXGRP))
                            == (FileMode.S_ISGID | FileMode.S_IXGRP);
            if ((mode & FileMode.S_IFMT) == FileMode.S_IFDIR) {
                finalMode |= FileMode.S_ISGID;
            } else if (groupExec
                    && !who.inGroup(gid)
                    && !who.hasOver(directory.uid(), gid, Capabilities.CAP_FSETID)) {
                finalMode &= ~FileMode.S_ISGID;
            }
        }
        return new NewInode(finalMode, who.fsUid(), gid, deviceNumber);
    }

    /** setattr_should_drop_suidgid: the mode a regular file has after a write by this caller. */
    public static int modeAfterWrite(Credentials who, Inode inode) {
        int mode = inode.mode();
        if (!inode.isRegular() || who.has(Capabilities.CAP_FSETID)) {
            return mode;
        }
        return withoutSetId(who, mode, inode.gid());
    }

    /** The mode a file has after a change of owner or group. */
    public static int modeAfterChown(Credentials who, Inode inode) {
        int mode = inode.mode();
        if (inode.isDirectory()) {
            return mode;
        }
        return withoutSetId(who, mode, inode.gid());
    }

    private static int withoutSetId(Credentials who, int mode, int gid) {
        int result = mode & ~FileMode.S_ISUID;
        if ((mode & FileMode.S_ISGID) != 0) {
            boolean groupExec = (mode & FileMode.S_IXGRP) != 0;
            boolean member = who.inGroup(gid) || who.has(Capabilities.CAP_FSETID);
            if (groupExec || !member) {
                result &= ~FileMode.S_ISGID;
            }
        }
        return result;
    }
}
