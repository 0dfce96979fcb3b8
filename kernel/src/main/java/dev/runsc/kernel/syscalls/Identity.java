package dev.runsc.kernel.syscalls;

import static dev.runsc.gofer.abi.Capabilities.CAP_SETGID;
import static dev.runsc.gofer.abi.Capabilities.CAP_SETPCAP;
import static dev.runsc.gofer.abi.Capabilities.CAP_SETUID;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.auth.IdMap;
import dev.runsc.kernel.auth.UserNamespace;
import dev.runsc.kernel.memory.MemoryManager;
import dev.runsc.kernel.task.CredentialChange;
import dev.runsc.kernel.task.Task;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** User and group ids, supplementary groups, capabilities (credentials(7), capabilities(7)). */
final class Identity {
    private static final int MAX_GROUPS = 65536;
    private static final int CAPABILITY_VERSION_1 = 0x19980330;
    private static final int CAPABILITY_VERSION_2 = 0x20071026;
    private static final int CAPABILITY_VERSION_3 = 0x20080522;
    private static final int SECBIT_NO_SETUID_FIXUP = 1 << 2;
    private static final int SECBIT_KEEP_CAPS = 1 << 4;

    private Identity() {}

    static long getuid(Task task, Args args) {
        Credentials who = task.credentials();
        return Integer.toUnsignedLong(who.namespace().shownUid(who.uid()));
    }

    static long geteuid(Task task, Args args) {
        Credentials who = task.credentials();
        return Integer.toUnsignedLong(who.namespace().shownUid(who.effectiveUid()));
    }

    static long getgid(Task task, Args args) {
        Credentials who = task.credentials();
        return Integer.toUnsignedLong(who.namespace().shownGid(who.gid()));
    }

    static long getegid(Task task, Args args) {
        Credentials who = task.credentials();
        return Integer.toUnsignedLong(who.namespace().shownGid(who.effectiveGid()));
    }

    static long getresuid(Task task, Args args) throws ErrnoException {
        Credentials now = task.credentials();
        UserNamespace users = now.namespace();
        return writeThree(
                task,
                args,
                users.shownUid(now.uid()),
                users.shownUid(now.effectiveUid()),
                users.shownUid(now.savedUid()));
    }

    static long getresgid(Task task, Args args) throws ErrnoException {
        Credentials now = task.credentials();
        UserNamespace users = now.namespace();
        return writeThree(
                task,
                args,
                users.shownGid(now.gid()),
                users.shownGid(now.effectiveGid()),
                users.shownGid(now.savedGid()));
    }

    private static long writeThree(Task task, Args args, int real, int effective, int saved)
            throws ErrnoException {
        MemoryManager memory = task.memory();
        memory.writeInt(args.address(0), real);
        memory.writeInt(args.address(1), effective);
        memory.writeInt(args.address(2), saved);
        return 0;
    }

    static long setuid(Task task, Args args) throws ErrnoException {
        Credentials now = task.credentials();
        int uid = now.namespace().requireUid(args.integer(0));
        if (now.hasOwn(CAP_SETUID)) {
            changeUids(task, uid, uid, uid);
        } else if (uid == now.uid() || uid == now.savedUid()) {
            changeUids(task, now.uid(), uid, now.savedUid());
        } else {
            throw Errno.EPERM.error();
        }
        return 0;
    }

    static long setreuid(Task task, Args args) throws ErrnoException {
        Credentials now = task.credentials();
        int real = user(now, args.integer(0));
        int effective = user(now, args.integer(1));
        boolean may = now.hasOwn(CAP_SETUID);
        boolean realAllowed = real == -1 || real == now.uid() || real == now.effectiveUid();
        boolean effectiveAllowed =
                effective == -1
                        || effective == now.uid()
                        || effective == now.effectiveUid()
                        || effective == now.savedUid();
        if (!may && !(realAllowed && effectiveAllowed)) {
            throw Errno.EPERM.error();
        }
        int newReal = real == -1 ? now.uid() : real;
        int newEffective = effective == -1 ? now.effectiveUid() : effective;
        boolean changesSaved = real != -1 || effective != -1 && effective != now.uid();
        changeUids(task, newReal, newEffective, changesSaved ? newEffective : now.savedUid());
        return 0;
    }

    static long setresuid(Task task, Args args) throws ErrnoException {
        Credentials now = task.credentials();
        int[] wanted = {
            user(now, args.integer(0)), user(now, args.integer(1)), user(now, args.integer(2))
        };
        int[] old = {now.uid(), now.effectiveUid(), now.savedUid()};
        int[] changed = three(wanted, old, now.hasOwn(CAP_SETUID));
        changeUids(task, changed[0], changed[1], changed[2]);
        return 0;
    }

    /** Real, effective and saved id: without the capability each must be one of the old three. */
    private static int[] three(int[] wanted, int[] old, boolean may) throws ErrnoException {
        int[] changed = new int[3];
        for (int i = 0; i < 3; i++) {
            int id = wanted[i];
            boolean known = id == -1 || id == old[0] || id == old[1] || id == old[2];
            if (!may && !known) {
                throw Errno.EPERM.error();
            }
            changed[i] = id == -1 ? old[i] : id;
        }
        return changed;
    }

    /**
     * Sets the ids, fsuid with the effective one, and fixes capabilities as capabilities(7) says.
     */
    private static void changeUids(Task task, int real, int effective, int saved) {
        Credentials old = task.credentials();
        Credentials changed = old.withUids(real, effective, saved, effective);
        if ((old.secureBits() & SECBIT_NO_SETUID_FIXUP) == 0) {
            changed = fixCapabilities(old, changed);
        }
        CredentialChange.commit(task, changed);
    }

    private static Credentials fixCapabilities(Credentials old, Credentials changed) {
        boolean hadRoot =
                old.isRoot(old.uid())
                        || old.isRoot(old.effectiveUid())
                        || old.isRoot(old.savedUid());
        boolean hasRoot =
                old.isRoot(changed.uid())
                        || old.isRoot(changed.effectiveUid())
                        || old.isRoot(changed.savedUid());
        Credentials fixed = changed;
        if (hadRoot && !hasRoot) {
            fixed = fixed.withAmbient(0);
            if ((old.secureBits() & SECBIT_KEEP_CAPS) == 0) {
                fixed = fixed.withCapabilities(0, 0, fixed.inheritable());
            }
        }
        if (old.isRoot(old.effectiveUid()) && !old.isRoot(changed.effectiveUid())) {
            fixed = fixed.withCapabilities(fixed.permitted(), 0, fixed.inheritable());
        } else if (!old.isRoot(old.effectiveUid()) && old.isRoot(changed.effectiveUid())) {
            fixed =
                    fixed.withCapabilities(
                            fixed.permitted(), fixed.permitted(), fixed.inheritable());
        }
        return fixed;
    }

    static long setgid(Task task, Args args) throws ErrnoException {
        Credentials now = task.credentials();
        int gid = now.namespace().requireGid(args.integer(0));
        if (now.hasOwn(CAP_SETGID)) {
            CredentialChange.commit(task, now.withGids(gid, gid, gid, gid));
        } else if (gid == now.gid() || gid == now.savedGid()) {
            CredentialChange.commit(task, now.withGids(now.gid(), gid, now.savedGid(), gid));
        } else {
            throw Errno.EPERM.error();
        }
        return 0;
    }

    static long setregid(Task task, Args args) throws ErrnoException {
        Credentials now = task.credentials();
        int real = group(now, args.integer(0));
        int effective = group(now, args.integer(1));
        boolean realAllowed = real == -1 || real == now.gid() || real == now.effectiveGid();
        boolean effectiveAllowed =
                effective == -1
                        || effective == now.gid()
                        || effective == now.effectiveGid()
                        || effective == now.savedGid();
        if (!now.hasOwn(CAP_SETGID) && !(realAllowed && effectiveAllowed)) {
            throw Errno.EPERM.error();
        }
        int newReal = real == -1 ? now.gid() : real;
        int newEffective = effective == -1 ? now.effectiveGid() : effective;
        boolean changesSaved = real != -1 || effective != -1 && effective != now.gid();
        CredentialChange.commit(
                task,
                now.withGids(
                        newReal,
                        newEffective,
                        changesSaved ? newEffective : now.savedGid(),
                        newEffective));
        return 0;
    }

    static long setresgid(Task task, Args args) throws ErrnoException {
        Credentials now = task.credentials();
        int[] wanted = {
            group(now, args.integer(0)), group(now, args.integer(1)), group(now, args.integer(2))
        };
        int[] old = {now.gid(), now.effectiveGid(), now.savedGid()};
        int[] changed = three(wanted, old, now.hasOwn(CAP_SETGID));
        CredentialChange.commit(task, now.withGids(changed[0], changed[1], changed[2], changed[1]));
        return 0;
    }

    static long setfsuid(Task task, Args args) {
        Credentials now = task.credentials();
        int uid = now.namespace().uids().toKernel(args.integer(0));
        boolean allowed =
                now.hasOwn(CAP_SETUID)
                        || uid == now.uid()
                        || uid == now.effectiveUid()
                        || uid == now.savedUid()
                        || uid == now.fsUid();
        if (uid != -1 && allowed) {
            CredentialChange.commit(
                    task, now.withUids(now.uid(), now.effectiveUid(), now.savedUid(), uid));
        }
        return Integer.toUnsignedLong(now.namespace().shownUid(now.fsUid()));
    }

    static long setfsgid(Task task, Args args) {
        Credentials now = task.credentials();
        int gid = now.namespace().gids().toKernel(args.integer(0));
        boolean allowed =
                now.hasOwn(CAP_SETGID)
                        || gid == now.gid()
                        || gid == now.effectiveGid()
                        || gid == now.savedGid()
                        || gid == now.fsGid();
        if (gid != -1 && allowed) {
            CredentialChange.commit(
                    task, now.withGids(now.gid(), now.effectiveGid(), now.savedGid(), gid));
        }
        return Integer.toUnsignedLong(now.namespace().shownGid(now.fsGid()));
    }

    /** A user as the kernel keeps it, -1 for no change; EINVAL without a mapping. */
    private static int user(Credentials who, int uid) throws ErrnoException {
        return uid == IdMap.NONE ? uid : who.namespace().requireUid(uid);
    }

    /** As {@link #user} for a group. */
    private static int group(Credentials who, int gid) throws ErrnoException {
        return gid == IdMap.NONE ? gid : who.namespace().requireGid(gid);
    }

    static long getgroups(Task task, Args args) throws ErrnoException {
        int[] groups = task.credentials().groups();
        int size = args.integer(0);
        if (size == 0) {
            return groups.length;
        }
        if (size < groups.length) {
            throw Errno.EINVAL.error();
        }
        ByteBuffer out =
                ByteBuffer.allocate(groups.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        UserNamespace users = task.credentials().namespace();
        for (int group : groups) {
            out.putInt(users.shownGid(group));
        }
        task.memory().copyOut(args.address(1), out.array());
        return groups.length;
    }

    static long setgroups(Task task, Args args) throws ErrnoException {
        int count = args.integer(0);
        Credentials who = task.credentials();
        if (!who.hasOwn(CAP_SETGID) || !who.namespace().maySetGroups()) {
            throw Errno.EPERM.error();
        }
        if (count < 0 || count > MAX_GROUPS) {
            throw Errno.EINVAL.error();
        }
        ByteBuffer in = Users.read(task, args.address(1), count * Integer.BYTES);
        int[] groups = new int[count];
        for (int i = 0; i < count; i++) {
            groups[i] = who.namespace().requireGid(in.getInt());
        }
        CredentialChange.commit(task, who.withGroups(groups));
        return 0;
    }

    // Capabilities.

    static long capget(Task task, Args args) throws ErrnoException {
        ByteBuffer header = Users.read(task, args.address(0), 8);
        int words = requireVersion(task, args.address(0), header.getInt(0));
        int pid = header.getInt(4);
        if (pid < 0) {
            throw Errno.EINVAL.error();
        }
        if (args.address(1) == 0) {
            return 0;
        }
        Credentials of = Processes.requireTask(task, pid).credentials();
        ByteBuffer out = ByteBuffer.allocate(words * 12).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < words; i++) {
            out.putInt((int) (of.effective() >>> 32 * i));
            out.putInt((int) (of.permitted() >>> 32 * i));
            out.putInt((int) (of.inheritable() >>> 32 * i));
        }
        task.memory().copyOut(args.address(1), out.array());
        return 0;
    }

    static long capset(Task task, Args args) throws ErrnoException {
        ByteBuffer header = Users.read(task, args.address(0), 8);
        int words = requireVersion(task, args.address(0), header.getInt(0));
        int pid = header.getInt(4);
        if (pid != 0 && pid != task.tid()) {
            throw Errno.EPERM.error();
        }
        ByteBuffer in = Users.read(task, args.address(1), words * 12);
        long effective = 0;
        long permitted = 0;
        long inheritable = 0;
        for (int i = 0; i < words; i++) {
            effective |= Integer.toUnsignedLong(in.getInt()) << 32 * i;
            permitted |= Integer.toUnsignedLong(in.getInt()) << 32 * i;
            inheritable |= Integer.toUnsignedLong(in.getInt()) << 32 * i;
        }
        Credentials now = task.credentials();
        effective &= Credentials.ALL_CAPABILITIES;
        permitted &= Credentials.ALL_CAPABILITIES;
        inheritable &= Credentials.ALL_CAPABILITIES;
        long mayInherit = now.inheritable() | now.permitted();
        boolean allowed =
                (permitted & ~now.permitted()) == 0
                        && (effective & ~permitted) == 0
                        && (inheritable & ~(now.inheritable() | now.bounding())) == 0
                        && (now.hasOwn(CAP_SETPCAP) || (inheritable & ~mayInherit) == 0);
        if (!allowed) {
            throw Errno.EPERM.error();
        }
        CredentialChange.commit(
                task,
                now.withCapabilities(permitted, effective, inheritable)
                        .withAmbient(now.ambient() & permitted & inheritable));
        return 0;
    }

    /** Number of 32-bit words; an unknown version is answered with the one we prefer. */
    private static int requireVersion(Task task, long header, int version) throws ErrnoException {
        switch (version) {
            case CAPABILITY_VERSION_1 -> {
                return 1;
            }
            case CAPABILITY_VERSION_2, CAPABILITY_VERSION_3 -> {
                return 2;
            }
            default -> {
                task.memory().writeInt(header, CAPABILITY_VERSION_3);
                throw Errno.EINVAL.error();
            }
        }
    }
}
