package dev.runsc.gofer.host;

import static dev.runsc.gofer.abi.SocketConstants.MSG_CMSG_CLOEXEC;
import static dev.runsc.gofer.abi.SocketConstants.MSG_CTRUNC;
import static dev.runsc.gofer.abi.SocketConstants.MSG_NOSIGNAL;
import static dev.runsc.gofer.abi.SocketConstants.MSG_TRUNC;
import static dev.runsc.gofer.abi.SocketConstants.SCM_RIGHTS;
import static dev.runsc.gofer.abi.SocketConstants.SHUT_RDWR;
import static dev.runsc.gofer.abi.SocketConstants.SOL_SOCKET;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_recvmsg;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_sendmsg;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_shutdown;

import dev.runsc.gofer.abi.Cmsghdr;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.Iovec;
import dev.runsc.gofer.abi.Msghdr;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A connected unix socket that carries bytes and descriptors (unix(7), SCM_RIGHTS). Sending and
 * receiving may go on at once; two senders, or two receivers, must take turns.
 */
public final class UnixSocket implements AutoCloseable {
    /** {@code SCM_MAX_FD} of Linux: the most descriptors one message may carry. */
    public static final int MAX_DESCRIPTORS = 253;

    private static final int IOV_OFFSET = Msghdr.BYTES;
    private static final int CONTROL_OFFSET = IOV_OFFSET + Iovec.BYTES;
    private static final int FLAGS_OFFSET = 48;
    private static final int CONTROL_LENGTH_OFFSET = 40;
    private static final int ALIGNMENT = 8;

    private final HostFd fd;

    public UnixSocket(HostFd fd) {
        this.fd = fd;
    }

    /**
     * What came in.
     *
     * @param bytes how many, 0 at the end of the stream
     * @param descriptors owned by the receiver from now on
     */
    public record Received(int bytes, List<HostFd> descriptors) {
        /** True when the peer has closed and nothing is left. */
        public boolean atEnd() {
            return bytes == 0;
        }

        public void closeDescriptors() {
            descriptors.forEach(HostFd::close);
        }
    }

    public int number() {
        return fd.number();
    }

    /**
     * Sends what remains of a direct buffer, with descriptors beside the first byte. On a stream
     * all of it goes, in as many calls as it takes. The descriptors stay the caller's.
     */
    public void send(ByteBuffer data, int... descriptors) throws ErrnoException {
        int[] beside = descriptors;
        do {
            int sent = sendSome(data, beside);
            data.position(data.position() + sent);
            beside = new int[0];
        } while (data.hasRemaining());
    }

    private int sendSome(ByteBuffer data, int[] descriptors) throws ErrnoException {
        requireDirect(data);
        if (descriptors.length > MAX_DESCRIPTORS) {
            throw Errno.EINVAL.error();
        }
        Scratch scratch = Scratch.get();
        ByteBuffer memory = scratch.data();
        int controlBytes = controlBytes(descriptors.length);
        message(memory, scratch.dataAddress(), data, controlBytes);
        if (descriptors.length > 0) {
            int payload = Cmsghdr.BYTES + descriptors.length * Integer.BYTES;
            new Cmsghdr(payload, SOL_SOCKET, SCM_RIGHTS).writeTo(memory);
            for (int descriptor : descriptors) {
                memory.putInt(descriptor);
            }
        }
        return (int) Syscall.call(SYS_sendmsg, fd.number(), scratch.dataAddress(), MSG_NOSIGNAL);
    }

    /**
     * Waits for bytes and takes what is there, at most what remains of a direct buffer, whose
     * position moves.
     *
     * @throws ErrnoException EMSGSIZE when a packet was larger, EPROTO when more than {@code
     *     maxDescriptors} came along; all that came is closed then
     */
    public Received receive(ByteBuffer target, int maxDescriptors) throws ErrnoException {
        requireDirect(target);
        if (maxDescriptors < 0 || maxDescriptors > MAX_DESCRIPTORS) {
            throw new IllegalArgumentException("descriptors: " + maxDescriptors);
        }
        Scratch scratch = Scratch.get();
        ByteBuffer memory = scratch.data();
        message(memory, scratch.dataAddress(), target, controlBytes(maxDescriptors));
        long header = scratch.dataAddress();
        int count = (int) Syscall.call(SYS_recvmsg, fd.number(), header, MSG_CMSG_CLOEXEC);
        Received received = new Received(count, descriptors(memory));
        int flags = memory.getInt(FLAGS_OFFSET);
        if ((flags & (MSG_TRUNC | MSG_CTRUNC)) != 0
                || received.descriptors().size() > maxDescriptors) {
            received.closeDescriptors();
            throw ((flags & MSG_TRUNC) != 0 ? Errno.EMSGSIZE : Errno.EPROTO).error();
        }
        target.position(target.position() + count);
        return received;
    }

    /**
     * Lays out a message header, its one iovec, and room for control data; leaves off behind them.
     */
    private static void message(
            ByteBuffer memory, long address, ByteBuffer data, int controlBytes) {
        long control = controlBytes == 0 ? 0 : address + CONTROL_OFFSET;
        new Msghdr(0, 0, address + IOV_OFFSET, 1, control, controlBytes, 0).writeTo(memory);
        long base = data.hasRemaining() ? MemorySegment.ofBuffer(data).address() : 0;
        new Iovec(base, data.remaining()).writeTo(memory);
    }

    /** CMSG_SPACE of so many descriptors; 0 for none. */
    private static int controlBytes(int descriptors) {
        if (descriptors == 0) {
            return 0;
        }
        int payload = descriptors * Integer.BYTES;
        return Cmsghdr.BYTES + ((payload + ALIGNMENT - 1) & -ALIGNMENT);
    }

    private static List<HostFd> descriptors(ByteBuffer memory) {
        int end = CONTROL_OFFSET + (int) memory.getLong(CONTROL_LENGTH_OFFSET);
        int position = CONTROL_OFFSET;
        if (end - position < Cmsghdr.BYTES) {
            return List.of();
        }
        List<HostFd> found = new ArrayList<>();
        while (end - position >= Cmsghdr.BYTES) {
            Cmsghdr head = Cmsghdr.readFrom(memory.position(position));
            if (head.length() < Cmsghdr.BYTES) {
                break;
            }
            int next = position + (int) head.length();
            if (head.level() == SOL_SOCKET && head.type() == SCM_RIGHTS) {
                while (memory.position() + Integer.BYTES <= next) {
                    found.add(HostFd.own(memory.getInt()));
                }
            }
            position = (next + ALIGNMENT - 1) & -ALIGNMENT;
        }
        return found;
    }

    private static void requireDirect(ByteBuffer buffer) {
        if (!buffer.isDirect()) {
            throw new IllegalArgumentException("a heap buffer has no address");
        }
    }

    /**
     * Ends both directions: a receiver on either side sees the end. Safe while others are in calls,
     * and when the peer has gone already (ENOTCONN), which comes to the same.
     */
    public void shutdown() {
        Syscall.raw(SYS_shutdown, fd.number(), SHUT_RDWR, 0, 0, 0, 0);
    }

    @Override
    public void close() {
        fd.close();
    }
}
