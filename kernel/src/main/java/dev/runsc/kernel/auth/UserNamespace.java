package dev.runsc.kernel.auth;

import dev.runsc.gofer.abi.Capabilities;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.state.Savable;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A user namespace (Linux {@code struct user_namespace}, user_namespaces(7)). Every id that the
 * kernel keeps is one of the first namespace's ("kernel ids"); a namespace only says how they read
 * inside. The first one maps every id to itself.
 */
public final class UserNamespace implements Savable {
    /** Shown for ids without a mapping: /proc/sys/kernel/overflowuid. */
    public static final int OVERFLOW_ID = 65534;

    /** Deepest level that may still have a child (kernel/user_namespace.c, create_user_ns). */
    private static final int MAX_PARENT_LEVEL = 32;

    /** The inode number of Linux's first one (PROC_USER_INIT_INO). */
    private static final long FIRST_NUMBER = 0xEFFFFFFDL;

    private static final long FURTHER_NUMBERS = 0xF2000000L;

    private final KernelLock lock = new KernelLock(LockClass.USER_NAMESPACE);
    private final @Nullable UserNamespace parent;
    private final int level;
    private final int ownerUid;
    private final int ownerGid;
    private final boolean creatorHadSetfcap;

    /** What namespaces of all kinds are numbered by, in the whole sandbox. */
    private final AtomicLong nextNumber;

    private final long number;
    private volatile IdMap uids;
    private volatile IdMap gids;
    private volatile boolean groupsMayBeSet;

    /** The first namespace. */
    public UserNamespace() {
        parent = null;
        level = 0;
        ownerUid = 0;
        ownerGid = 0;
        creatorHadSetfcap = true;
        nextNumber = new AtomicLong(FURTHER_NUMBERS);
        number = FIRST_NUMBER;
        uids = IdMap.IDENTITY;
        gids = IdMap.IDENTITY;
        groupsMayBeSet = true;
    }

    private UserNamespace(UserNamespace parent, Credentials creator) {
        this.parent = parent;
        level = parent.level + 1;
        nextNumber = parent.nextNumber;
        number = newNumber();
        ownerUid = creator.effectiveUid();
        ownerGid = creator.effectiveGid();
        creatorHadSetfcap = creator.hasOwn(Capabilities.CAP_SETFCAP);
        uids = IdMap.EMPTY;
        gids = IdMap.EMPTY;
        groupsMayBeSet = parent.groupsMayBeSet;
    }

    /**
     * A namespace below the caller's, without maps. EPERM when the caller's own ids have no mapping
     * in its namespace, ENOSPC when the nesting is too deep.
     */
    static UserNamespace createBelow(Credentials creator) throws ErrnoException {
        UserNamespace parent = creator.namespace();
        if (parent.level > MAX_PARENT_LEVEL) {
            throw Errno.ENOSPC.error();
        }
        if (parent.uids.fromKernel(creator.effectiveUid()) == IdMap.NONE
                || parent.gids.fromKernel(creator.effectiveGid()) == IdMap.NONE) {
            throw Errno.EPERM.error();
        }
        return new UserNamespace(parent, creator);
    }

    /** A number in {@code /proc/PID/ns} that no other namespace has. */
    public final long newNumber() {
        return nextNumber.getAndIncrement();
    }

    /** The number in {@code user:[...]}. */
    public long number() {
        return number;
    }

    public @Nullable UserNamespace parent() {
        return parent;
    }

    /** 0 for the first. */
    public int level() {
        return level;
    }

    public boolean isFirst() {
        return parent == null;
    }

    /** Effective user id of who made it: has all capabilities in it, from the parent. */
    public int ownerUid() {
        return ownerUid;
    }

    public int ownerGid() {
        return ownerGid;
    }

    /** Whether user 0 of the parent may be mapped (PARENT_COULD_SETFCAP). */
    boolean creatorHadSetfcap() {
        return creatorHadSetfcap;
    }

    /** Whether this is {@code other} or lies above it. */
    public boolean isAncestorOf(UserNamespace other) {
        for (UserNamespace each = other; each != null; each = each.parent) {
            if (each == this) {
                return true;
            }
        }
        return false;
    }

    public IdMap uids() {
        return uids;
    }

    public IdMap gids() {
        return gids;
    }

    /** An id of the namespace as the kernel keeps it; EINVAL without a mapping. */
    public int requireUid(int uid) throws ErrnoException {
        return require(uids.toKernel(uid));
    }

    /** As {@link #requireUid} for a group. */
    public int requireGid(int gid) throws ErrnoException {
        return require(gids.toKernel(gid));
    }

    private static int require(int kernelId) throws ErrnoException {
        if (kernelId == IdMap.NONE) {
            throw Errno.EINVAL.error();
        }
        return kernelId;
    }

    /** from_kuid_munged: how a user reads inside. */
    public int shownUid(int kernelUid) {
        int uid = uids.fromKernel(kernelUid);
        return uid == IdMap.NONE ? OVERFLOW_ID : uid;
    }

    /** As {@link #shownUid} for a group. */
    public int shownGid(int kernelGid) {
        int gid = gids.fromKernel(kernelGid);
        return gid == IdMap.NONE ? OVERFLOW_ID : gid;
    }

    /** Whether owner and group of a file both read as something inside (privileged_wrt_inode). */
    public boolean mapsBoth(int kernelUid, int kernelGid) {
        return uids.fromKernel(kernelUid) != IdMap.NONE && gids.fromKernel(kernelGid) != IdMap.NONE;
    }

    /** Whether setgroups(2) may be called here (userns_may_setgroups). */
    public boolean maySetGroups() {
        lock.lock();
        try {
            return !gids.isEmpty() && groupsMayBeSet;
        } finally {
            lock.unlock();
        }
    }

    /** What {@code /proc/PID/setgroups} reads: whether it says "allow". */
    public boolean groupsMayBeSet() {
        return groupsMayBeSet;
    }

    /** Writes {@code /proc/PID/setgroups}; EPERM when it is too late (proc_setgroups_write). */
    public void allowSetGroups(boolean allowed) throws ErrnoException {
        lock.lock();
        try {
            if (allowed ? !groupsMayBeSet : !gids.isEmpty()) {
                throw Errno.EPERM.error();
            }
            groupsMayBeSet = allowed;
        } finally {
            lock.unlock();
        }
    }

    /** Sets a map, which can be done once; EPERM after that. */
    void setMap(boolean ofUsers, IdMap map, Check check) throws ErrnoException {
        lock.lock();
        try {
            if (!(ofUsers ? uids : gids).isEmpty()) {
                throw Errno.EPERM.error();
            }
            check.run(groupsMayBeSet);
            if (ofUsers) {
                uids = map;
            } else {
                gids = map;
            }
        } finally {
            lock.unlock();
        }
    }

    /** The rules for who may write a map, which must hold at the moment it is set. */
    interface Check {
        void run(boolean groupsMayBeSet) throws ErrnoException;
    }
}
