package dev.runsc.kernel.syscalls;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.Msghdr;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.gofer.abi.SocketConstants;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.net.unix.Outgoing;
import dev.runsc.kernel.net.unix.PeerCredentials;
import dev.runsc.kernel.net.unix.Received;
import dev.runsc.kernel.net.unix.UnixSocket;
import dev.runsc.kernel.sync.InterruptedSyscall;
import dev.runsc.kernel.sync.ThreadWaiter;
import dev.runsc.kernel.task.Blocking;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.vfs.FileDescription;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Sending and receiving with flags, addresses and control messages. */
final class SocketMessages {
    private static final int WRITE_EVENTS =
            PollEvents.POLLOUT | PollEvents.POLLHUP | PollEvents.POLLERR;
    private static final int READ_EVENTS =
            PollEvents.POLLIN | PollEvents.POLLHUP | PollEvents.POLLERR | PollEvents.POLLRDHUP;

    /** UIO_MAXIOV. */
    private static final int MAX_VECTORS = 1024;

    private static final long ENDED = -1;

    private static final int NAME_LENGTH_OFFSET = 8;
    private static final int CONTROL_LENGTH_OFFSET = 40;
    private static final int FLAGS_OFFSET = 48;

    private SocketMessages() {}

    /**
     * Repeats an attempt until the socket lets it through, its timeout passes (EAGAIN) or a signal
     * comes.
     */
    static long await(
            Task task,
            UnixSocket socket,
            int events,
            boolean dontWait,
            long timeoutNanos,
            Blocking.Attempt attempt)
            throws ErrnoException {
        long result = attempt.run();
        if (result != FileDescription.WOULD_BLOCK) {
            return result;
        }
        if (dontWait || socket.isNonBlocking()) {
            throw Errno.EAGAIN.error();
        }
        ThreadWaiter waiter = new ThreadWaiter();
        socket.retain();
        socket.addWaiter(waiter, events);
        try {
            long deadline = task.blocking().deadline(timeoutNanos);
            return task.blocking()
                    .untilDone(
                            waiter,
                            deadline,
                            Sockets.interrupt(timeoutNanos),
                            attempt,
                            Errno.EAGAIN);
        } finally {
            socket.removeWaiter(waiter);
            socket.release();
        }
    }

    /**
     * One more part of a transfer: how much it moves, or {@link #ENDED} when what was moved before
     * is all that there will be. A stop of the kernel keeps what was moved for the repeated call.
     */
    private static long more(Task task, long done, Blocking.Attempt part) throws ErrnoException {
        try {
            return part.run();
        } catch (InterruptedSyscall interrupted) {
            if (done > 0 && task.isSignalPending()) {
                return ENDED;
            }
            task.blocking().setProgress(done);
            throw interrupted;
        } catch (ErrnoException failed) {
            if (done > 0) {
                return ENDED;
            }
            throw failed;
        }
    }

    // Sending.

    static long sendto(Task task, Args args) throws ErrnoException {
        UserBuffer source = task.memory().buffer(args.address(1), args.size(2));
        UnixSocket socket = Sockets.require(task, args.integer(0));
        String name =
                args.address(4) == 0
                        ? ""
                        : SocketNames.read(task, args.address(4), args.integer(5));
        boolean named = args.address(4) != 0 && args.integer(5) != 0;
        UnixSocket destination = destination(task, socket, named, name);
        PeerCredentials sender = PeerCredentials.ofMessage(task);
        return send(
                task,
                socket,
                source,
                new Outgoing(sender, List.of(), destination),
                args.integer(3));
    }

    /** sendmsg(2). */
    static long send(Task task, UnixSocket socket, long headAddress, int flags)
            throws ErrnoException {
        Msghdr head = Msghdr.readFrom(Users.read(task, headAddress, Msghdr.BYTES));
        UserBuffer source = vector(task, head);
        boolean named = head.nameAddress() != 0 && head.nameLength() != 0;
        String name = named ? SocketNames.read(task, head.nameAddress(), head.nameLength()) : "";
        ControlMessages.Sent control =
                ControlMessages.read(task, head.controlAddress(), head.controlLength());
        Outgoing out;
        try {
            task.taskSet().host().unixSockets().requireRightsAllowed(task, control.rights().size());
            UnixSocket destination = destination(task, socket, named, name);
            out = new Outgoing(control.credentials(), control.rights(), destination);
        } catch (ErrnoException failed) {
            control.rights().forEach(FileDescription::release);
            throw failed;
        }
        return send(task, socket, source, out, flags);
    }

    private static UserBuffer vector(Task task, Msghdr head) throws ErrnoException {
        if (Long.compareUnsigned(head.iovCount(), MAX_VECTORS) > 0) {
            throw Errno.EMSGSIZE.error();
        }
        return task.memory().buffer(task.memory().readIovecs(head.iovAddress(), head.iovCount()));
    }

    private static @Nullable UnixSocket destination(
            Task task, UnixSocket socket, boolean named, String name) throws ErrnoException {
        if (!named) {
            return null;
        }
        if (socket.isStream()) {
            throw (socket.isConnected() ? Errno.EISCONN : Errno.EOPNOTSUPP).error();
        }
        return socket.isDatagram()
                ? task.taskSet().host().unixSockets().find(task, name, socket.type())
                : null;
    }

    private static long send(
            Task task, UnixSocket socket, UserBuffer source, Outgoing out, int flags)
            throws ErrnoException {
        try {
            if ((flags & SocketConstants.MSG_OOB) != 0) {
                throw Errno.EOPNOTSUPP.error();
            }
            return sendAll(task, socket, source, out, flags);
        } finally {
            out.discard();
        }
    }

    /**
     * A stream goes on until all is sent; a stop of the kernel in between is gone on from with what
     * was done.
     */
    private static long sendAll(
            Task task, UnixSocket socket, UserBuffer source, Outgoing out, int flags)
            throws ErrnoException {
        boolean dontWait = (flags & SocketConstants.MSG_DONTWAIT) != 0;
        long timeout = socket.options().sendTimeoutNanos();
        long done = task.blocking().progress();
        source.skip(done);
        if (done > 0) {
            out.discard();
        }
        while (true) {
            long more;
            try {
                more =
                        more(
                                task,
                                done,
                                () ->
                                        await(
                                                task,
                                                socket,
                                                WRITE_EVENTS,
                                                dontWait,
                                                timeout,
                                                () -> socket.send(source, out)));
            } catch (ErrnoException failed) {
                boolean quiet = (flags & SocketConstants.MSG_NOSIGNAL) != 0 || !socket.isStream();
                if (failed.is(Errno.EPIPE) && !quiet) {
                    task.brokenPipe();
                }
                throw failed;
            }
            if (more == ENDED) {
                return done;
            }
            done += more;
            if (source.remaining() == 0 || !socket.isStream()) {
                return done;
            }
        }
    }

    // Receiving.

    static long recvfrom(Task task, Args args) throws ErrnoException {
        UserBuffer target = task.memory().buffer(args.address(1), args.size(2));
        UnixSocket socket = Sockets.require(task, args.integer(0));
        Received into = new Received();
        try {
            long count = receive(task, socket, target, args.integer(3), into);
            if (args.address(4) != 0) {
                SocketNames.writeSender(task, into.sender(), args.address(4), args.address(5));
            }
            return count;
        } finally {
            into.discard();
        }
    }

    /** recvmsg(2). */
    static long receive(Task task, UnixSocket socket, long headAddress, int flags)
            throws ErrnoException {
        Msghdr head = Msghdr.readFrom(Users.read(task, headAddress, Msghdr.BYTES));
        UserBuffer target = vector(task, head);
        if (head.nameAddress() != 0 && head.nameLength() < 0) {
            throw Errno.EINVAL.error();
        }
        Received into = new Received();
        try {
            long count = receive(task, socket, target, flags, into);
            ControlMessages.Written control =
                    ControlMessages.write(
                            task,
                            socket,
                            head,
                            into,
                            (flags & SocketConstants.MSG_CMSG_CLOEXEC) != 0);
            if (head.nameAddress() != 0) {
                long lengthAddress = headAddress + NAME_LENGTH_OFFSET;
                SocketNames.writeSender(task, into.sender(), head.nameAddress(), lengthAddress);
            }
            int shown = flags & SocketConstants.MSG_CMSG_CLOEXEC;
            shown |= into.isTruncated() ? SocketConstants.MSG_TRUNC : 0;
            shown |= control.truncated() ? SocketConstants.MSG_CTRUNC : 0;
            task.memory().writeInt(headAddress + FLAGS_OFFSET, shown);
            task.memory().writeLong(headAddress + CONTROL_LENGTH_OFFSET, control.bytes());
            return count;
        } finally {
            into.discard();
        }
    }

    private static long receive(
            Task task, UnixSocket socket, UserBuffer target, int flags, Received into)
            throws ErrnoException {
        if ((flags & SocketConstants.MSG_OOB) != 0) {
            throw (socket.isStream() ? Errno.EINVAL : Errno.EOPNOTSUPP).error();
        }
        if ((flags & SocketConstants.MSG_ERRQUEUE) != 0) {
            throw Errno.EAGAIN.error();
        }
        boolean dontWait = (flags & SocketConstants.MSG_DONTWAIT) != 0;
        long timeout = socket.options().receiveTimeoutNanos();
        boolean all =
                socket.isStream()
                        && (flags & SocketConstants.MSG_WAITALL) != 0
                        && (flags & SocketConstants.MSG_PEEK) == 0;
        long done = task.blocking().progress();
        target.skip(done);
        while (true) {
            long more =
                    more(
                            task,
                            done,
                            () ->
                                    await(
                                            task,
                                            socket,
                                            READ_EVENTS,
                                            dontWait,
                                            timeout,
                                            () -> socket.receive(target, flags, into)));
            if (more == ENDED) {
                return done;
            }
            done += more;
            if (!all || more == 0 || target.remaining() == 0 || !into.rights().isEmpty()) {
                return done;
            }
        }
    }
}
