package dev.runsc.kernel.task.loader;

import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.MountFlags;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.Location;

/**
 * Who a program runs as after execve (capabilities(7), "Transformation of capabilities during
 * execve").
 */
final class ExecCredentials {
    private static final int SECBIT_NOROOT = 1;
    private static final int SECBIT_KEEP_CAPS = 1 << 4;

    private ExecCredentials() {}

    /**
     * @param traced by one who must not gain what the program would
     */
    static Credentials compute(Credentials before, Location file, boolean traced) {
        Inode inode = file.inode();
        boolean maySet =
                !before.noNewPrivileges()
                        && !traced
                        && !file.mount().has(MountFlags.MS_NOSUID)
                        && file.mount().fileSystem().isTrustedBy(before.namespace())
                        && before.namespace().mapsBoth(inode.uid(), inode.gid());
        int uid = before.effectiveUid();
        int gid = before.effectiveGid();
        boolean changes = false;
        if (maySet && (inode.mode() & FileMode.S_ISUID) != 0) {
            changes = uid != inode.uid();
            uid = inode.uid();
        }
        int groupExec = FileMode.S_ISGID | FileMode.S_IXGRP;
        if (maySet && (inode.mode() & groupExec) == groupExec) {
            changes |= gid != inode.gid();
            gid = inode.gid();
        }
        long ambient = changes ? 0 : before.ambient();
        boolean rootRules =
                (before.secureBits() & SECBIT_NOROOT) == 0
                        && (before.isRoot(uid) || before.isRoot(before.uid()));
        long permitted = rootRules ? before.inheritable() | before.bounding() : ambient;
        long effective = rootRules ? (before.isRoot(uid) ? permitted : 0) : ambient;
        return before.withUids(before.uid(), uid, uid, uid)
                .withGids(before.gid(), gid, gid, gid)
                .withAmbient(ambient)
                .withCapabilities(permitted, effective, before.inheritable())
                .withSecureBits(before.secureBits() & ~SECBIT_KEEP_CAPS);
    }

    static boolean isSecure(Credentials before, Credentials after) {
        return after.uid() != after.effectiveUid()
                || after.gid() != after.effectiveGid()
                || after.effectiveUid() != before.effectiveUid();
    }
}
