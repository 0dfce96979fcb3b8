package dev.runsc.kernel.ipc;

import dev.runsc.gofer.abi.Capabilities;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.auth.UserNamespace;
import dev.runsc.state.Savable;

/**
 * What a segment, a semaphore set and a message queue have in common (Linux {@code struct
 * kern_ipc_perm}). Guarded by its namespace's lock.
 */
public abstract class IpcObject implements Savable {
    /** Reading and changing, for whoever an object's mode grants it to. */
    public static final int READ = 0444;

    public static final int WRITE = 0222;

    private static final int PERMISSIONS = 0777;

    int key;
    int id;
    int uid;
    int gid;
    final int creatorUid;
    final int creatorGid;

    /** Permission bits. */
    int mode;

    /** Seconds since 1970 of the last change by control operations. */
    long changeTime;

    boolean removed;

    IpcObject(int key, Credentials creator, int mode, long now) {
        this.key = key;
        uid = creator.effectiveUid();
        gid = creator.effectiveGid();
        creatorUid = uid;
        creatorGid = gid;
        this.mode = mode & PERMISSIONS;
        changeTime = now;
    }

    public final int id() {
        return id;
    }

    /**
     * EACCES unless the mode grants what is wanted to the caller (ipcperms).
     *
     * @param wanted permission bits of any class: those of the class that the caller is in count
     */
    final void check(Credentials who, UserNamespace owner, int wanted) throws ErrnoException {
        int requested = (wanted >> 6 | wanted >> 3 | wanted) & 7;
        int granted = mode;
        int euid = who.effectiveUid();
        if (euid == creatorUid || euid == uid) {
            granted >>= 6;
        } else if (who.inGroup(creatorGid) || who.inGroup(gid)) {
            granted >>= 3;
        }
        if ((requested & ~granted) != 0 && !who.hasIn(owner, Capabilities.CAP_IPC_OWNER)) {
            throw Errno.EACCES.error();
        }
    }

    final boolean isOwner(Credentials who) {
        return who.effectiveUid() == creatorUid || who.effectiveUid() == uid;
    }

    /** EPERM unless the caller owns it or administers the namespace (ipcctl_obtain_check). */
    final void checkOwner(Credentials who, UserNamespace owner) throws ErrnoException {
        if (!isOwner(who) && !who.hasIn(owner, Capabilities.CAP_SYS_ADMIN)) {
            throw Errno.EPERM.error();
        }
    }

    /**
     * IPC_SET; the ids are those of the caller's user namespace. EINVAL when they have no mapping.
     */
    final void setOwner(Credentials who, int newUid, int newGid, int newMode, long now)
            throws ErrnoException {
        int kernelUid = who.namespace().requireUid(newUid);
        int kernelGid = who.namespace().requireGid(newGid);
        uid = kernelUid;
        gid = kernelGid;
        mode = newMode & PERMISSIONS;
        changeTime = now;
    }

    /** Bits that are shown with the permissions. */
    int stateBits() {
        return 0;
    }

    /** As the caller's user namespace sees it. */
    final Owner owner(Credentials viewer) {
        UserNamespace users = viewer.namespace();
        return new Owner(
                key,
                id,
                users.shownUid(uid),
                users.shownGid(gid),
                users.shownUid(creatorUid),
                users.shownGid(creatorGid),
                mode | stateBits());
    }

    /** {@code struct ipc64_perm}, with the id. */
    public record Owner(
            int key, int id, int uid, int gid, int creatorUid, int creatorGid, int mode) {
        /** What tells ids of one slot apart. */
        public int sequence() {
            return id >>> IpcTable.SEQUENCE_SHIFT;
        }
    }
}
