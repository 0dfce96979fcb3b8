package dev.runsc.kernel.auth;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.state.Savable;

/**
 * Who a task acts as (Linux {@code struct cred}). Immutable; changes make a new one. User and group
 * ids are those of the task's user namespace's parent chain root ("kernel ids"); see {@link
 * UserNamespace}.
 *
 * @param permitted capability bits, bit n is capability n of linux/capability.h; so are the other
 *     four sets
 * @param secureBits {@code SECBIT_*} of linux/securebits.h
 */
public record Credentials(
        int uid,
        int effectiveUid,
        int savedUid,
        int fsUid,
        int gid,
        int effectiveGid,
        int savedGid,
        int fsGid,
        int[] groups,
        long permitted,
        long effective,
        long inheritable,
        long bounding,
        long ambient,
        int secureBits,
        boolean noNewPrivileges,
        UserNamespace namespace)
        implements Savable {

    /** All capabilities Linux defines today (CAP_CHECKPOINT_RESTORE is the last, 40). */
    public static final long ALL_CAPABILITIES = (1L << 41) - 1;

    /** Root with all capabilities. */
    public static Credentials root(UserNamespace namespace) {
        long all = ALL_CAPABILITIES;
        return new Credentials(
                0, 0, 0, 0, 0, 0, 0, 0, new int[0], all, all, 0, all, 0, 0, false, namespace);
    }

    /**
     * Linux {@code capable}: whether a capability is effective over the whole sandbox, which it is
     * in the first user namespace only.
     */
    public boolean has(int capability) {
        return namespace.isFirst() && hasOwn(capability);
    }

    /**
     * Whether the effective set has a capability, with regard to the caller's own user namespace
     * (Linux {@code ns_capable(current_user_ns())}).
     */
    public boolean hasOwn(int capability) {
        return (effective >>> capability & 1) != 0;
    }

    /**
     * Linux {@code ns_capable}: whether a capability is effective over what a user namespace owns.
     * It is in the caller's own and those below; who made a namespace has all of them there.
     */
    public boolean hasIn(UserNamespace target, int capability) {
        for (UserNamespace each = target; each != null; each = each.parent()) {
            if (each == namespace) {
                return hasOwn(capability);
            }
            if (each.level() <= namespace.level()) {
                return false;
            }
            if (each.parent() == namespace && each.ownerUid() == effectiveUid) {
                return true;
            }
        }
        return false;
    }

    /**
     * Linux {@code capable_wrt_inode_uidgid}: whether a capability is effective over a file, which
     * it is when owner and group have a mapping in the caller's namespace.
     *
     * @param fileUid the owner, a kernel id
     * @param fileGid the group, a kernel id
     */
    public boolean hasOver(int fileUid, int fileGid, int capability) {
        return hasOwn(capability) && namespace.mapsBoth(fileUid, fileGid);
    }

    /** Whether a kernel id is user 0 of the namespace. */
    public boolean isRoot(int kernelUid) {
        return kernelUid != IdMap.NONE && kernelUid == namespace.uids().toKernel(0);
    }

    /** Whether a group is the file-system group or among the supplementary ones. */
    public boolean inGroup(int group) {
        if (group == fsGid) {
            return true;
        }
        for (int member : groups) {
            if (member == group) {
                return true;
            }
        }
        return false;
    }

    public Credentials withUids(int real, int effectiveId, int saved, int fs) {
        return new Credentials(
                real,
                effectiveId,
                saved,
                fs,
                gid,
                effectiveGid,
                savedGid,
                fsGid,
                groups,
                permitted,
                effective,
                inheritable,
                bounding,
                ambient,
                secureBits,
                noNewPrivileges,
                namespace);
    }

    public Credentials withGids(int real, int effectiveId, int saved, int fs) {
        return new Credentials(
                uid,
                effectiveUid,
                savedUid,
                fsUid,
                real,
                effectiveId,
                saved,
                fs,
                groups,
                permitted,
                effective,
                inheritable,
                bounding,
                ambient,
                secureBits,
                noNewPrivileges,
                namespace);
    }

    public Credentials withGroups(int[] supplementary) {
        return new Credentials(
                uid,
                effectiveUid,
                savedUid,
                fsUid,
                gid,
                effectiveGid,
                savedGid,
                fsGid,
                supplementary.clone(),
                permitted,
                effective,
                inheritable,
                bounding,
                ambient,
                secureBits,
                noNewPrivileges,
                namespace);
    }

    public Credentials withCapabilities(long newPermitted, long newEffective, long newInheritable) {
        return new Credentials(
                uid,
                effectiveUid,
                savedUid,
                fsUid,
                gid,
                effectiveGid,
                savedGid,
                fsGid,
                groups,
                newPermitted,
                newEffective,
                newInheritable,
                bounding,
                ambient,
                secureBits,
                noNewPrivileges,
                namespace);
    }

    public Credentials withBounding(long newBounding) {
        return new Credentials(
                uid,
                effectiveUid,
                savedUid,
                fsUid,
                gid,
                effectiveGid,
                savedGid,
                fsGid,
                groups,
                permitted,
                effective,
                inheritable,
                newBounding,
                ambient,
                secureBits,
                noNewPrivileges,
                namespace);
    }

    public Credentials withAmbient(long newAmbient) {
        return new Credentials(
                uid,
                effectiveUid,
                savedUid,
                fsUid,
                gid,
                effectiveGid,
                savedGid,
                fsGid,
                groups,
                permitted,
                effective,
                inheritable,
                bounding,
                newAmbient,
                secureBits,
                noNewPrivileges,
                namespace);
    }

    public Credentials withSecureBits(int bits) {
        return new Credentials(
                uid,
                effectiveUid,
                savedUid,
                fsUid,
                gid,
                effectiveGid,
                savedGid,
                fsGid,
                groups,
                permitted,
                effective,
                inheritable,
                bounding,
                ambient,
                bits,
                noNewPrivileges,
                namespace);
    }

    public Credentials withNoNewPrivileges() {
        return new Credentials(
                uid,
                effectiveUid,
                savedUid,
                fsUid,
                gid,
                effectiveGid,
                savedGid,
                fsGid,
                groups,
                permitted,
                effective,
                inheritable,
                bounding,
                ambient,
                secureBits,
                true,
                namespace);
    }

    /**
     * What a task becomes in a new user namespace below its own (create_user_ns, set_cred_user_ns):
     * all capabilities there, no secure bits. EPERM, ENOSPC.
     */
    public Credentials inNewNamespace() throws ErrnoException {
        return in(UserNamespace.createBelow(this));
    }

    /** What a task becomes in another user namespace; who may go there is the caller's to check. */
    public Credentials in(UserNamespace other) {
        return new Credentials(
                uid,
                effectiveUid,
                savedUid,
                fsUid,
                gid,
                effectiveGid,
                savedGid,
                fsGid,
                groups,
                ALL_CAPABILITIES,
                ALL_CAPABILITIES,
                0,
                ALL_CAPABILITIES,
                0,
                0,
                noNewPrivileges,
                other);
    }
}
