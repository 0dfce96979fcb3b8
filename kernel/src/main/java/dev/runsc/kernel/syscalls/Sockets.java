package dev.runsc.kernel.syscalls;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.gofer.abi.SocketConstants;
import dev.runsc.kernel.net.unix.UnixSocket;
import dev.runsc.kernel.net.unix.UnixSockets;
import dev.runsc.kernel.sync.InterruptedSyscall;
import dev.runsc.kernel.sync.Interruptible;
import dev.runsc.kernel.task.Blocking;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.vfs.FileDescription;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Making, naming and connecting sockets, and their options (Linux net/socket.c). Unix domain
 * sockets are all there is.
 */
final class Sockets {
    private static final int TYPE_MASK = 15;
    private static final int MAX_OPTION_BYTES = 1 << 10;

    private Sockets() {}

    // Common.

    private static UnixSockets sockets(Task task) {
        return task.taskSet().host().unixSockets();
    }

    /** EBADF, ENOTSOCK. */
    static UnixSocket require(Task task, int fd) throws ErrnoException {
        if (task.files().require(fd) instanceof UnixSocket socket) {
            return socket;
        }
        throw Errno.ENOTSOCK.error();
    }

    private static int install(Task task, FileDescription file, boolean onExec)
            throws ErrnoException {
        try {
            return task.files().install(task, file, onExec);
        } catch (ErrnoException full) {
            file.release();
            throw full;
        }
    }

    // Making.

    /** What the type argument of socket(2) and socketpair(2) says. */
    private record Kind(int type, int protocol, int flags) {
        static Kind of(Args args) throws ErrnoException {
            int family = args.integer(0);
            int flags = args.integer(1) & ~TYPE_MASK;
            int type = args.integer(1) & TYPE_MASK;
            int protocol = args.integer(2);
            if ((flags & ~(SocketConstants.SOCK_CLOEXEC | SocketConstants.SOCK_NONBLOCK)) != 0
                    || type > SocketConstants.SOCK_PACKET) {
                throw Errno.EINVAL.error();
            }
            if (family != SocketConstants.AF_UNIX) {
                throw Errno.EAFNOSUPPORT.error();
            }
            if (protocol != 0 && protocol != SocketConstants.AF_UNIX) {
                throw Errno.EPROTONOSUPPORT.error();
            }
            int known =
                    switch (type) {
                        case SocketConstants.SOCK_STREAM,
                                SocketConstants.SOCK_DGRAM,
                                SocketConstants.SOCK_SEQPACKET ->
                                type;
                        // unix_create: "Believe it or not BSD has AF_UNIX, SOCK_RAW though nobody
                        // uses it."
                        case SocketConstants.SOCK_RAW -> SocketConstants.SOCK_DGRAM;
                        default -> throw Errno.ESOCKTNOSUPPORT.error();
                    };
            return new Kind(known, protocol, flags);
        }

        int status() {
            return flags & OpenFlags.O_NONBLOCK;
        }

        boolean onExec() {
            return (flags & OpenFlags.O_CLOEXEC) != 0;
        }
    }

    static long socket(Task task, Args args) throws ErrnoException {
        Kind kind = Kind.of(args);
        UnixSocket made = sockets(task).create(task, kind.type(), kind.protocol(), kind.status());
        return install(task, made, kind.onExec());
    }

    static long socketpair(Task task, Args args) throws ErrnoException {
        Kind kind = Kind.of(args);
        UnixSocket[] pair =
                sockets(task).createPair(task, kind.type(), kind.protocol(), kind.status());
        int first;
        try {
            first = task.files().install(task, pair[0], kind.onExec());
        } catch (ErrnoException full) {
            pair[0].release();
            pair[1].release();
            throw full;
        }
        int second = -1;
        try {
            second = install(task, pair[1], kind.onExec());
            task.memory().writeInt(args.address(3), first);
            task.memory().writeInt(args.address(3) + Integer.BYTES, second);
            return 0;
        } catch (ErrnoException failed) {
            task.files().close(task, first);
            if (second >= 0) {
                task.files().close(task, second);
            }
            throw failed;
        }
    }

    // Names.

    static long bind(Task task, Args args) throws ErrnoException {
        UnixSocket socket = require(task, args.integer(0));
        String name = SocketNames.read(task, args.address(1), args.integer(2));
        sockets(task).bind(task, socket, name);
        return 0;
    }

    static long getsockname(Task task, Args args) throws ErrnoException {
        UnixSocket socket = require(task, args.integer(0));
        SocketNames.write(task, socket.name(), args.address(1), args.address(2));
        return 0;
    }

    static long getpeername(Task task, Args args) throws ErrnoException {
        UnixSocket socket = require(task, args.integer(0));
        SocketNames.write(task, socket.peerName(), args.address(1), args.address(2));
        return 0;
    }

    // Connections.

    static long listen(Task task, Args args) throws ErrnoException {
        require(task, args.integer(0)).listen(task, args.integer(1));
        return 0;
    }

    static long connect(Task task, Args args) throws ErrnoException {
        UnixSocket socket = require(task, args.integer(0));
        if (socket.isDatagram()
                && SocketNames.isUnspecified(task, args.address(1), args.integer(2))) {
            socket.connectDatagram(null);
            return 0;
        }
        String name = SocketNames.read(task, args.address(1), args.integer(2));
        if (name.isEmpty()) {
            throw Errno.EINVAL.error();
        }
        UnixSocket target = sockets(task).find(task, name, socket.type());
        if (socket.isDatagram()) {
            socket.connectDatagram(target);
            return 0;
        }
        long result = socket.connect(task, target);
        if (result != FileDescription.WOULD_BLOCK) {
            return result;
        }
        if (socket.isNonBlocking()) {
            throw Errno.EAGAIN.error();
        }
        long timeout = socket.options().sendTimeoutNanos();
        return task.blocking()
                .untilDone(
                        target.queue(),
                        PollEvents.POLLOUT | PollEvents.POLLHUP,
                        task.blocking().deadline(timeout),
                        interrupt(timeout),
                        Errno.EAGAIN,
                        () -> socket.connect(task, target));
    }

    /** sock_intr_errno: a call with a timeout is not restarted behind a handler. */
    static InterruptedSyscall interrupt(long timeoutNanos) {
        return timeoutNanos == Interruptible.FOREVER
                ? InterruptedSyscall.SYSTEM
                : InterruptedSyscall.NO_HANDLER;
    }

    static long accept(Task task, Args args) throws ErrnoException {
        return accept(task, args, 0);
    }

    static long accept4(Task task, Args args) throws ErrnoException {
        return accept(task, args, args.integer(3));
    }

    private static long accept(Task task, Args args, int flags) throws ErrnoException {
        task.files().require(args.integer(0));
        if ((flags & ~(SocketConstants.SOCK_CLOEXEC | SocketConstants.SOCK_NONBLOCK)) != 0) {
            throw Errno.EINVAL.error();
        }
        UnixSocket listener = require(task, args.integer(0));
        task.files().requireRoom(task);
        Acceptance acceptance = new Acceptance(listener);
        UnixSocket accepted = acceptance.await(task);
        try {
            accepted.setStatusFlags(accepted.statusFlags() | flags & OpenFlags.O_NONBLOCK);
            if (args.address(1) != 0) {
                SocketNames.write(task, accepted.peerName(), args.address(1), args.address(2));
            }
        } catch (ErrnoException failed) {
            accepted.release();
            throw failed;
        }
        return install(task, accepted, (flags & OpenFlags.O_CLOEXEC) != 0);
    }

    /** Waits for a connection. */
    private static final class Acceptance implements Blocking.Attempt {
        private final UnixSocket listener;
        private @Nullable UnixSocket accepted;

        Acceptance(UnixSocket listener) {
            this.listener = listener;
        }

        @Override
        public long run() throws ErrnoException {
            accepted = listener.accept();
            return accepted == null ? FileDescription.WOULD_BLOCK : 0;
        }

        UnixSocket await(Task task) throws ErrnoException {
            SocketMessages.await(
                    task,
                    listener,
                    PollEvents.POLLIN,
                    false,
                    listener.options().receiveTimeoutNanos(),
                    this);
            UnixSocket result = accepted;
            if (result == null) {
                throw Errno.EAGAIN.error();
            }
            return result;
        }
    }

    static long shutdown(Task task, Args args) throws ErrnoException {
        require(task, args.integer(0)).shutdown(args.integer(1));
        return 0;
    }

    // Options.

    static long getsockopt(Task task, Args args) throws ErrnoException {
        UnixSocket socket = require(task, args.integer(0));
        int room = task.memory().readInt(args.address(4));
        if (room < 0) {
            throw Errno.EINVAL.error();
        }
        if (args.integer(1) != SocketConstants.SOL_SOCKET) {
            throw Errno.EOPNOTSUPP.error();
        }
        byte[] value;
        if (args.integer(2) == SocketConstants.SO_PEERNAME) {
            value = SocketNames.bytes(socket.peerName());
            if (room < value.length) {
                throw Errno.EINVAL.error();
            }
        } else {
            value = socket.option(args.integer(2), task.credentials().namespace());
        }
        byte[] given = value.length <= room ? value : Arrays.copyOf(value, room);
        task.memory().copyOut(args.address(3), given);
        task.memory().writeInt(args.address(4), given.length);
        return 0;
    }

    static long setsockopt(Task task, Args args) throws ErrnoException {
        UnixSocket socket = require(task, args.integer(0));
        int length = args.integer(4);
        if (length < 0) {
            throw Errno.EINVAL.error();
        }
        if (args.integer(1) != SocketConstants.SOL_SOCKET) {
            throw Errno.EOPNOTSUPP.error();
        }
        byte[] value = new byte[Math.min(length, MAX_OPTION_BYTES)];
        task.memory().copyIn(args.address(3), value);
        socket.setOption(task, args.integer(2), value);
        return 0;
    }

    // Messages.

    static long sendto(Task task, Args args) throws ErrnoException {
        return SocketMessages.sendto(task, args);
    }

    static long recvfrom(Task task, Args args) throws ErrnoException {
        return SocketMessages.recvfrom(task, args);
    }

    static long sendmsg(Task task, Args args) throws ErrnoException {
        UnixSocket socket = require(task, args.integer(0));
        return SocketMessages.send(task, socket, args.address(1), args.integer(2));
    }

    static long recvmsg(Task task, Args args) throws ErrnoException {
        UnixSocket socket = require(task, args.integer(0));
        return SocketMessages.receive(task, socket, args.address(1), args.integer(2));
    }
}
