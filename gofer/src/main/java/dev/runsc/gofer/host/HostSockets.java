package dev.runsc.gofer.host;

import static dev.runsc.gofer.abi.SocketConstants.AF_UNIX;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_accept4;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_bind;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_connect;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_getpeername;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_getsockname;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_getsockopt;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_listen;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_recvmsg;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_sendmsg;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_setsockopt;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_shutdown;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_socket;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_socketpair;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.SocketConstants;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * socket(7). Addresses are the bytes of a {@code struct sockaddr}. All sockets are close-on-exec.
 */
public final class HostSockets {
    /** Room for any address: {@code struct sockaddr_storage}. */
    public static final int ADDRESS_BYTES = 128;

    private static final int CLOEXEC = SocketConstants.SOCK_CLOEXEC;

    private HostSockets() {}

    public static HostFd socket(int family, int type, int protocol) throws ErrnoException {
        return HostFd.own((int) Syscall.call(SYS_socket, family, type | CLOEXEC, protocol));
    }

    /** Two connected unix sockets of a type: SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM. */
    public static HostFd[] socketpair(int type) throws ErrnoException {
        Scratch scratch = Scratch.get();
        Syscall.call(SYS_socketpair, AF_UNIX, type | CLOEXEC, 0, scratch.dataAddress());
        ByteBuffer data = scratch.data();
        return new HostFd[] {HostFd.own(data.getInt()), HostFd.own(data.getInt())};
    }

    public static void bind(int fd, byte[] address) throws ErrnoException {
        Syscall.call(SYS_bind, fd, place(address), address.length);
    }

    /** Waits for the connection, unless the socket is non-blocking: then EINPROGRESS. */
    public static void connect(int fd, byte[] address) throws ErrnoException {
        Syscall.call(SYS_connect, fd, place(address), address.length);
    }

    public static void listen(int fd, int backlog) throws ErrnoException {
        Syscall.call(SYS_listen, fd, backlog);
    }

    /** The next connection; {@code flags} may hold SOCK_NONBLOCK. */
    public static HostFd accept(int fd, int flags) throws ErrnoException {
        return HostFd.own((int) Syscall.call(SYS_accept4, fd, 0, 0, flags | CLOEXEC));
    }

    public static byte[] getsockname(int fd) throws ErrnoException {
        return address(SYS_getsockname, fd);
    }

    public static byte[] getpeername(int fd) throws ErrnoException {
        return address(SYS_getpeername, fd);
    }

    /** {@code how} is SHUT_RD, SHUT_WR or SHUT_RDWR. */
    public static void shutdown(int fd, int how) throws ErrnoException {
        Syscall.call(SYS_shutdown, fd, how);
    }

    public static byte[] getsockopt(int fd, int level, int option, int maxBytes)
            throws ErrnoException {
        Scratch scratch = Scratch.get();
        checkRoom(maxBytes);
        ByteBuffer data = scratch.data();
        data.putInt(0, maxBytes);
        long length = scratch.dataAddress();
        Syscall.call(SYS_getsockopt, fd, level, option, length + Integer.BYTES, length);
        byte[] value = new byte[Math.min(data.getInt(0), maxBytes)];
        data.get(Integer.BYTES, value);
        return value;
    }

    public static void setsockopt(int fd, int level, int option, byte[] value)
            throws ErrnoException {
        Syscall.call(SYS_setsockopt, fd, level, option, place(value), value.length);
    }

    public static void setsockopt(int fd, int level, int option, int value) throws ErrnoException {
        ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        setsockopt(fd, level, option, bytes.putInt(0, value).array());
    }

    /** {@code struct sockaddr_un} for a path. */
    public static byte[] unixAddress(String path) throws ErrnoException {
        byte[] text = path.getBytes(StandardCharsets.UTF_8);
        if (text.length >= SocketConstants.UNIX_PATH_MAX) {
            throw Errno.ENAMETOOLONG.error();
        }
        ByteBuffer address =
                ByteBuffer.allocate(Short.BYTES + text.length + 1).order(ByteOrder.LITTLE_ENDIAN);
        return address.putShort((short) AF_UNIX).put(text).array();
    }

    /**
     * sendmsg(2) with a {@code struct msghdr} laid out in memory of the caller. The result, or the
     * negated error number, for EAGAIN is no exception.
     */
    public static long trySendmsg(int fd, long messageAddress, int flags) {
        return Syscall.raw(SYS_sendmsg, fd, messageAddress, flags, 0, 0, 0);
    }

    /** recvmsg(2); as {@link #trySendmsg}. */
    public static long tryRecvmsg(int fd, long messageAddress, int flags) {
        return Syscall.raw(SYS_recvmsg, fd, messageAddress, flags, 0, 0, 0);
    }

    private static byte[] address(int number, int fd) throws ErrnoException {
        Scratch scratch = Scratch.get();
        ByteBuffer data = scratch.data();
        data.putInt(0, ADDRESS_BYTES);
        long length = scratch.dataAddress();
        Syscall.call(number, fd, length + Integer.BYTES, length);
        byte[] address = new byte[Math.min(data.getInt(0), ADDRESS_BYTES)];
        data.get(Integer.BYTES, address);
        return address;
    }

    private static long place(byte[] bytes) {
        checkRoom(bytes.length);
        Scratch scratch = Scratch.get();
        scratch.data().put(bytes);
        return scratch.dataAddress();
    }

    private static void checkRoom(int length) {
        if (length > Scratch.DATA_BYTES - Integer.BYTES) {
            throw new IllegalArgumentException("socket argument of " + length + " bytes");
        }
    }
}
