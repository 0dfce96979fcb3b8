package dev.runsc.kernel.syscalls;

import dev.runsc.gofer.abi.Cmsghdr;
import dev.runsc.gofer.abi.ConstantNames;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.Msghdr;
import dev.runsc.gofer.abi.SocketConstants;
import dev.runsc.gofer.abi.Ucred;
import java.util.ArrayList;
import java.util.List;

/** Messages of sockets, with what is sent beside them, as strace(1) writes them. */
final class MessageText {
    private static final ConstantNames CONTROL_TYPE =
            ConstantNames.of(SocketConstants.class, "SCM_", "SCM_TIMESTAMPING_", "SCM_MAX");

    /** Padding of control messages (CMSG_ALIGN). */
    private static final long ALIGNMENT = Long.BYTES;

    /** {@code struct mmsghdr}: a message, and the bytes of it that went. */
    private static final int BATCH_BYTES = Msghdr.BYTES + Long.BYTES;

    private MessageText() {}

    /** What of a message is known before one has come. */
    static String asked(ShownCall call, long address) throws ErrnoException {
        Msghdr message = call.read(address, Msghdr.BYTES, Msghdr::readFrom);
        return "{msg_namelen=" + message.nameLength() + "}";
    }

    /** The messages of a batch that went. */
    static String batch(ShownCall call, long address) throws ErrnoException {
        return call.array(
                address,
                call.result(),
                BATCH_BYTES,
                at -> {
                    int length = call.readInt(at + Msghdr.BYTES);
                    return "{msg_hdr=" + message(call, at, length) + ", msg_len=" + length + "}";
                });
    }

    /** A message with so many bytes in it. */
    static String message(ShownCall call, long address, long bytes) throws ErrnoException {
        Msghdr message = call.read(address, Msghdr.BYTES, Msghdr::readFrom);
        String name =
                message.nameAddress() == 0
                        ? "NULL"
                        : StructText.socketAddress(
                                call, message.nameAddress(), message.nameLength());
        String control =
                message.controlLength() == 0 ? "" : "msg_control=" + controls(call, message) + ", ";
        return "{msg_name="
                + name
                + ", msg_namelen="
                + message.nameLength()
                + ", msg_iov="
                + StructText.iovecs(call, message.iovAddress(), message.iovCount(), bytes)
                + ", msg_iovlen="
                + message.iovCount()
                + ", "
                + control
                + "msg_controllen="
                + message.controlLength()
                + ", msg_flags="
                + FlagNames.flags(FlagNames.MESSAGE, message.flags())
                + "}";
    }

    /** All control messages; what is no whole one is told by its address. */
    private static String controls(ShownCall call, Msghdr message) throws ErrnoException {
        long at = message.controlAddress();
        long rest = message.controlLength();
        if (at == 0 || rest < Cmsghdr.BYTES) {
            return ShownCall.pointer(at);
        }
        List<String> shown = new ArrayList<>();
        while (rest >= Cmsghdr.BYTES && shown.size() < ShownCall.ELEMENTS_MAX) {
            Cmsghdr head = call.read(at, Cmsghdr.BYTES, Cmsghdr::readFrom);
            // As unsigned numbers: a guest says what it likes.
            boolean whole = Long.compareUnsigned(head.length(), Cmsghdr.BYTES) >= 0;
            long length = !whole ? Cmsghdr.BYTES : least(head.length(), rest);
            shown.add(control(call, head, at + Cmsghdr.BYTES, length - Cmsghdr.BYTES));
            long step = Math.min(rest, (length + ALIGNMENT - 1) & -ALIGNMENT);
            at += step;
            rest -= step;
            if (!whole) {
                break;
            }
        }
        String more = rest == 0 ? "" : ", ... /* " + ShownCall.hex(at) + " */";
        return "[" + String.join(", ", shown) + more + "]";
    }

    private static long least(long unsigned, long most) {
        return Long.compareUnsigned(unsigned, most) < 0 ? unsigned : most;
    }

    private static String control(ShownCall call, Cmsghdr head, long data, long dataBytes)
            throws ErrnoException {
        boolean known = head.level() == SocketConstants.SOL_SOCKET;
        return "{cmsg_len="
                + Long.toUnsignedString(head.length())
                + ", cmsg_level="
                + FlagNames.OPTION_LEVEL.value(head.level())
                + ", cmsg_type="
                + (known
                        ? CONTROL_TYPE.value(head.type())
                        : ShownCall.hex(Integer.toUnsignedLong(head.type())))
                + (known ? data(call, head.type(), data, dataBytes) : "")
                + "}";
    }

    private static String data(ShownCall call, int type, long at, long bytes)
            throws ErrnoException {
        if (type == SocketConstants.SCM_CREDENTIALS && bytes >= Ucred.BYTES) {
            Ucred who = call.read(at, Ucred.BYTES, Ucred::readFrom);
            return ", cmsg_data={pid="
                    + who.pid()
                    + ", uid="
                    + Integer.toUnsignedString(who.uid())
                    + ", gid="
                    + Integer.toUnsignedString(who.gid())
                    + "}";
        }
        if (type == SocketConstants.SCM_RIGHTS && bytes >= Integer.BYTES) {
            return ", cmsg_data="
                    + call.array(
                            at,
                            bytes / Integer.BYTES,
                            Integer.BYTES,
                            fd -> Integer.toString(call.readInt(fd)));
        }
        return "";
    }
}
