package dev.runsc.kernel.syscalls;

import dev.runsc.gofer.abi.Capabilities;
import dev.runsc.gofer.abi.Cmsghdr;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.Msghdr;
import dev.runsc.gofer.abi.SocketConstants;
import dev.runsc.gofer.abi.Ucred;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.net.unix.PeerCredentials;
import dev.runsc.kernel.net.unix.Received;
import dev.runsc.kernel.net.unix.UnixSocket;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.vfs.FileDescription;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Control messages of sendmsg(2) and recvmsg(2): SCM_RIGHTS and SCM_CREDENTIALS (Linux
 * net/core/scm.c).
 */
final class ControlMessages {
    /** Most descriptors in one message (SCM_MAX_FD). */
    private static final int MAX_RIGHTS = 253;

    /** /proc/sys/net/core/optmem_max. */
    private static final long MAX_BYTES = 131072;

    private ControlMessages() {}

    /** What a sender put in; each of the rights has a reference. */
    record Sent(PeerCredentials credentials, List<FileDescription> rights) {}

    /** What a receiver got. */
    record Written(long bytes, boolean truncated) {}

    private static int align(long length) {
        return (int) (length + Long.BYTES - 1 & -Long.BYTES);
    }

    // Sending.

    static Sent read(Task task, long address, long length) throws ErrnoException {
        if (Long.compareUnsigned(length, MAX_BYTES) > 0) {
            throw Errno.ENOBUFS.error();
        }
        PeerCredentials credentials = PeerCredentials.ofMessage(task);
        ArrayList<FileDescription> rights = new ArrayList<>(0);
        try {
            ByteBuffer in = Users.read(task, length == 0 ? 0 : address, (int) length);
            while (in.remaining() >= Cmsghdr.BYTES) {
                int start = in.position();
                Cmsghdr head = Cmsghdr.readFrom(in);
                if (head.length() < Cmsghdr.BYTES || head.length() > length - start) {
                    throw Errno.EINVAL.error();
                }
                int payload = (int) head.length() - Cmsghdr.BYTES;
                if (head.level() == SocketConstants.SOL_SOCKET) {
                    switch (head.type()) {
                        case SocketConstants.SCM_RIGHTS -> readRights(task, in, payload, rights);
                        case SocketConstants.SCM_CREDENTIALS ->
                                credentials = readCredentials(task, in, payload);
                        default -> throw Errno.EINVAL.error();
                    }
                }
                in.position((int) Math.min(length, start + (long) align(head.length())));
            }
            return new Sent(credentials, rights);
        } catch (ErrnoException failed) {
            rights.forEach(FileDescription::release);
            throw failed;
        }
    }

    private static void readRights(
            Task task, ByteBuffer in, int payload, ArrayList<FileDescription> rights)
            throws ErrnoException {
        int count = payload / Integer.BYTES;
        if (rights.size() + count > MAX_RIGHTS) {
            throw Errno.EINVAL.error();
        }
        for (int i = 0; i < count; i++) {
            FileDescription file = task.files().requireAny(in.getInt());
            file.retain();
            rights.add(file);
        }
    }

    /** scm_check_creds. */
    private static PeerCredentials readCredentials(Task task, ByteBuffer in, int payload)
            throws ErrnoException {
        if (payload != Ucred.BYTES) {
            throw Errno.EINVAL.error();
        }
        Ucred claimed = Ucred.readFrom(in);
        Credentials who = task.credentials();
        int uid = who.namespace().requireUid(claimed.uid());
        int gid = who.namespace().requireGid(claimed.gid());
        boolean ownUid = uid == who.uid() || uid == who.effectiveUid() || uid == who.savedUid();
        boolean ownGid = gid == who.gid() || gid == who.effectiveGid() || gid == who.savedGid();
        boolean allowed =
                (claimed.pid() == task.processId()
                                || who.hasIn(task.namespace().owner(), Capabilities.CAP_SYS_ADMIN))
                        && (ownUid || who.hasOwn(Capabilities.CAP_SETUID))
                        && (ownGid || who.hasOwn(Capabilities.CAP_SETGID));
        if (!allowed) {
            throw Errno.EPERM.error();
        }
        return new PeerCredentials(claimed.pid(), uid, gid);
    }

    // Receiving.

    /**
     * Writes what came along behind the data, credentials first; descriptors that do not fit are
     * closed.
     */
    static Written write(Task task, UnixSocket socket, Msghdr head, Received from, boolean onExec)
            throws ErrnoException {
        boolean wantsCredentials = socket.options().passesCredentials();
        long room = head.controlAddress() == 0 ? 0 : head.controlLength();
        if (room < 0) {
            room = Long.MAX_VALUE;
        }
        long at = head.controlAddress();
        boolean truncated = false;
        PeerCredentials credentials = from.credentials();
        if (wantsCredentials && credentials != null) {
            Ucred shown = credentials.shownTo(task.credentials().namespace());
            long taken = put(task, at, room, SocketConstants.SCM_CREDENTIALS, shown.toBytes());
            truncated = taken < align(Cmsghdr.BYTES + Ucred.BYTES);
            at += taken;
            room -= taken;
        }
        if (!from.rights().isEmpty()) {
            int fitting =
                    (int) Math.max(0, Math.min(MAX_RIGHTS, (room - Cmsghdr.BYTES) / Integer.BYTES));
            byte[] numbers = install(task, from, fitting, onExec);
            truncated |= !from.rights().isEmpty();
            at +=
                    numbers.length == 0
                            ? 0
                            : put(task, at, room, SocketConstants.SCM_RIGHTS, numbers);
        }
        return new Written(at - head.controlAddress(), truncated);
    }

    /** Gives descriptors to as many files as fit; those left over stay in {@code from}. */
    private static byte[] install(Task task, Received from, int fitting, boolean onExec) {
        ByteBuffer numbers =
                ByteBuffer.allocate(Math.min(fitting, from.rights().size()) * Integer.BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN);
        while (numbers.hasRemaining()) {
            try {
                numbers.putInt(task.files().install(task, from.rights().getFirst(), onExec));
            } catch (ErrnoException full) {
                // Linux keeps what it has and reports MSG_CTRUNC.
                break;
            }
            from.rights().removeFirst();
        }
        return Arrays.copyOf(numbers.array(), numbers.position());
    }

    /** put_cmsg: writes as much of a message as there is room for. Returns the room it takes. */
    private static long put(Task task, long address, long room, int type, byte[] payload)
            throws ErrnoException {
        if (room < Cmsghdr.BYTES) {
            return 0;
        }
        int length = (int) Math.min(room, Cmsghdr.BYTES + payload.length);
        ByteBuffer out =
                ByteBuffer.allocate(Cmsghdr.BYTES + payload.length).order(ByteOrder.LITTLE_ENDIAN);
        new Cmsghdr(length, SocketConstants.SOL_SOCKET, type).writeTo(out);
        out.put(payload);
        task.memory().copyOut(address, Arrays.copyOf(out.array(), length));
        return Math.min(room, align(Cmsghdr.BYTES + payload.length));
    }
}
