package dev.runsc.kernel.net.unix;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.gofer.abi.SocketConstants;
import dev.runsc.gofer.abi.Stat;
import dev.runsc.gofer.abi.Timespec;
import dev.runsc.kernel.auth.UserNamespace;
import dev.runsc.kernel.sync.WaitQueue;
import dev.runsc.kernel.sync.Waiter;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Location;
import org.jspecify.annotations.Nullable;

/**
 * What of a socket never changes, or changes without regard to the rest: kind, number, owner, name,
 * options.
 */
abstract class UnixEndpoint extends FileDescription {
    private static final Timespec ZERO = new Timespec(0, 0);

    private final WaitQueue queue = new WaitQueue();
    private final UnixSockets sockets;
    private final SocketOptions options = new SocketOptions();
    private final long inodeNumber;
    private final int uid;
    private final int gid;
    private final int type;
    private final int protocol;

    private volatile String name = "";

    @GuardedBy("this")
    private boolean binding;

    @GuardedBy("this")
    private @Nullable Location place;

    UnixEndpoint(
            UnixSockets sockets,
            long inodeNumber,
            Caller caller,
            int type,
            int protocol,
            int statusFlags) {
        super(OpenFlags.O_RDWR | statusFlags);
        this.sockets = sockets;
        this.inodeNumber = inodeNumber;
        this.uid = caller.credentials().fsUid();
        this.gid = caller.credentials().fsGid();
        this.type = type;
        this.protocol = protocol;
    }

    final UnixSockets sockets() {
        return sockets;
    }

    /** Whom a connect waits with while the backlog is full. */
    public final WaitQueue queue() {
        return queue;
    }

    public final SocketOptions options() {
        return options;
    }

    /** SOCK_STREAM, SOCK_DGRAM or SOCK_SEQPACKET. */
    public final int type() {
        return type;
    }

    final int protocol() {
        return protocol;
    }

    public final boolean isStream() {
        return type == SocketConstants.SOCK_STREAM;
    }

    public final boolean isDatagram() {
        return type == SocketConstants.SOCK_DGRAM;
    }

    /**
     * The own name in the form of sun_path: empty, abstract with a leading NUL, or a path with a
     * final NUL.
     */
    public final String name() {
        return name;
    }

    final void setName(String given) {
        name = given;
    }

    final synchronized void beginBinding() throws ErrnoException {
        if (binding || !name.isEmpty()) {
            throw Errno.EINVAL.error();
        }
        binding = true;
    }

    final synchronized void endBinding(String bound, @Nullable Location where) {
        binding = false;
        name = bound;
        place = where;
    }

    final synchronized void cancelBinding() {
        binding = false;
    }

    /** The socket file it is bound to; null without one. */
    final synchronized @Nullable Location place() {
        return place;
    }

    /**
     * getsockopt(2) at level SOL_SOCKET.
     *
     * @param viewer whose ids those of a peer are shown in
     */
    public final byte[] option(int option, UserNamespace viewer) throws ErrnoException {
        return switch (option) {
            case SocketConstants.SO_TYPE -> SocketOptions.bytes(type());
            case SocketConstants.SO_DOMAIN -> SocketOptions.bytes(SocketConstants.AF_UNIX);
            case SocketConstants.SO_PROTOCOL -> SocketOptions.bytes(protocol());
            case SocketConstants.SO_ERROR -> SocketOptions.bytes(takeError());
            case SocketConstants.SO_ACCEPTCONN -> SocketOptions.bytes(isListening() ? 1 : 0);
            case SocketConstants.SO_PEERCRED -> peerCredentialBytes(viewer);
            default -> options.get(option);
        };
    }

    public final void setOption(Caller caller, int option, byte[] value) throws ErrnoException {
        options.set(caller, option, value);
        queue.notify(PollEvents.POLLOUT);
    }

    /** SO_ERROR, which it clears. */
    abstract int takeError();

    abstract boolean isListening();

    /** SO_PEERCRED. */
    abstract byte[] peerCredentialBytes(UserNamespace viewer);

    @Override
    public final void addWaiter(Waiter waiter, int events) {
        queue.add(waiter, events);
    }

    @Override
    public final void removeWaiter(Waiter waiter) {
        queue.remove(waiter);
    }

    @Override
    public final Stat stat(Caller caller) {
        return new Stat(
                sockets.deviceId(),
                inodeNumber,
                1,
                FileMode.S_IFSOCK | 0777,
                uid,
                gid,
                0,
                0,
                4096,
                0,
                ZERO,
                ZERO,
                ZERO);
    }

    @Override
    public final String anonymousName() {
        return "socket:[" + inodeNumber + "]";
    }
}
