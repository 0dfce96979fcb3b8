package dev.runsc.kernel.net.unix;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.Ioctls;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.gofer.abi.SocketConstants;
import dev.runsc.kernel.auth.UserNamespace;
import dev.runsc.kernel.memory.MemoryManager;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.Location;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * An open Unix domain socket with the messages sent to it (Linux {@code struct unix_sock},
 * net/unix/af_unix.c).
 */
public final class UnixSocket extends UnixEndpoint {
    /** Where a socket is in its life. */
    enum State {
        IDLE,
        /** Inside connect(2). */
        CONNECTING,
        CONNECTED,
        LISTENING
    }

    private static final int READABLE = PollEvents.POLLIN | PollEvents.POLLRDNORM;
    private static final int WRITABLE =
            PollEvents.POLLOUT | PollEvents.POLLWRNORM | PollEvents.POLLWRBAND;
    private static final int ANYTHING =
            READABLE | WRITABLE | PollEvents.POLLHUP | PollEvents.POLLERR | PollEvents.POLLRDHUP;

    private final KernelLock lock = new KernelLock(LockClass.CHANNEL);

    /** What messages of this socket that nobody has read yet take of SO_SNDBUF. */
    private final AtomicInteger inFlight = new AtomicInteger();

    @GuardedBy("lock")
    private State state = State.IDLE;

    @GuardedBy("lock")
    private @Nullable UnixSocket peer;

    /** The name of a peer that has closed its end of the connection; null before. */
    @GuardedBy("lock")
    private @Nullable String departedName;

    @GuardedBy("lock")
    private PeerCredentials peerCredentials = PeerCredentials.NOBODY;

    @GuardedBy("lock")
    private final Inbox messages = new Inbox();

    /** Connections not accepted yet. */
    @GuardedBy("lock")
    private final ArrayDeque<UnixSocket> backlog = new ArrayDeque<>();

    @GuardedBy("lock")
    private int backlogLimit;

    @GuardedBy("lock")
    private boolean closed;

    @GuardedBy("lock")
    private boolean receiveShut;

    @GuardedBy("lock")
    private boolean sendShut;

    /** The peer went away with data unread: SO_ERROR is ECONNRESET. */
    @GuardedBy("lock")
    private boolean reset;

    /** Made by connect, and not yet accepted. */
    private volatile boolean embryo;

    UnixSocket(
            UnixSockets sockets,
            long inodeNumber,
            Caller caller,
            int type,
            int protocol,
            int statusFlags) {
        super(sockets, inodeNumber, caller, type, protocol, statusFlags);
    }

    /** The name of the peer, even of one that has gone. ENOTCONN without one. */
    public String peerName() throws ErrnoException {
        UnixSocket other;
        String left;
        lock.lock();
        try {
            other = peer;
            left = departedName;
        } finally {
            lock.unlock();
        }
        if (other != null) {
            return other.name();
        }
        if (left == null) {
            throw Errno.ENOTCONN.error();
        }
        return left;
    }

    public boolean isConnected() {
        lock.lock();
        try {
            return state == State.CONNECTED;
        } finally {
            lock.unlock();
        }
    }

    // ---- connections

    /** Makes the other one the peer. */
    void join(UnixSocket other, PeerCredentials credentials) {
        lock.lock();
        try {
            peer = other;
            peerCredentials = credentials;
            state = State.CONNECTED;
        } finally {
            lock.unlock();
        }
    }

    /** listen(2). */
    public void listen(Caller caller, int wanted) throws ErrnoException {
        if (isDatagram()) {
            throw Errno.EOPNOTSUPP.error();
        }
        lock.lock();
        try {
            if (name().isEmpty() || state != State.IDLE && state != State.LISTENING) {
                throw Errno.EINVAL.error();
            }
            state = State.LISTENING;
            backlogLimit =
                    wanted < 0
                            ? SocketConstants.SOMAXCONN
                            : Math.min(wanted, SocketConstants.SOMAXCONN);
            peerCredentials = PeerCredentials.ofConnection(caller);
        } finally {
            lock.unlock();
        }
        queue().notify(WRITABLE);
    }

    /** connect(2) of a datagram socket; null undoes it (AF_UNSPEC). */
    public void connectDatagram(@Nullable UnixSocket target) throws ErrnoException {
        if (target != null && !target.accepts(this)) {
            throw Errno.EPERM.error();
        }
        lock.lock();
        try {
            peer = target;
            state = target == null ? State.IDLE : State.CONNECTED;
        } finally {
            lock.unlock();
        }
        queue().notify(WRITABLE);
    }

    /** unix_may_send: a connected datagram socket takes messages of its peer only. */
    boolean accepts(UnixSocket sender) {
        lock.lock();
        try {
            return peer == null || peer == sender;
        } finally {
            lock.unlock();
        }
    }

    /**
     * connect(2) to a listening socket: 0, or {@link #WOULD_BLOCK} while its backlog is full
     * ({@link #queue}).
     */
    public long connect(Caller caller, UnixSocket listener) throws ErrnoException {
        beginConnecting();
        boolean done = false;
        try {
            UnixSocket other = sockets().create(caller, type(), protocol(), 0);
            other.embryo = true;
            other.setName(listener.name());
            other.join(this, PeerCredentials.ofConnection(caller));
            PeerCredentials theirs = listener.offer(other);
            if (theirs == null) {
                return WOULD_BLOCK;
            }
            lock.lock();
            try {
                state = State.CONNECTED;
                peerCredentials = theirs;
                // A listener that closes at once has taken its end of the connection with it.
                peer = departedName == null ? other : null;
            } finally {
                lock.unlock();
            }
            done = true;
        } finally {
            if (!done) {
                abandonConnecting();
            }
        }
        listener.queue().notify(READABLE);
        queue().notify(WRITABLE);
        return 0;
    }

    private void beginConnecting() throws ErrnoException {
        lock.lock();
        try {
            switch (state) {
                case IDLE -> {
                    state = State.CONNECTING;
                }
                case CONNECTED -> throw Errno.EISCONN.error();
                case CONNECTING, LISTENING -> throw Errno.EINVAL.error();
            }
        } finally {
            lock.unlock();
        }
    }

    private void abandonConnecting() {
        lock.lock();
        try {
            state = State.IDLE;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Puts a connection into the backlog. Returns the listener's credentials; null when there is no
     * room.
     */
    private @Nullable PeerCredentials offer(UnixSocket connection) throws ErrnoException {
        lock.lock();
        try {
            if (state != State.LISTENING || closed || receiveShut) {
                throw Errno.ECONNREFUSED.error();
            }
            if (backlog.size() > backlogLimit) {
                return null;
            }
            backlog.add(connection);
            return peerCredentials;
        } finally {
            lock.unlock();
        }
    }

    /** accept(2): null while nobody has connected. The caller gets the only reference. */
    public @Nullable UnixSocket accept() throws ErrnoException {
        if (isDatagram()) {
            throw Errno.EOPNOTSUPP.error();
        }
        UnixSocket next;
        lock.lock();
        try {
            if (state != State.LISTENING) {
                throw Errno.EINVAL.error();
            }
            next = backlog.poll();
            if (next == null) {
                if (receiveShut) {
                    throw Errno.EINVAL.error();
                }
                return null;
            }
        } finally {
            lock.unlock();
        }
        next.embryo = false;
        queue().notify(WRITABLE);
        return next;
    }

    /** shutdown(2). */
    public void shutdown(int how) throws ErrnoException {
        if (how < SocketConstants.SHUT_RD || how > SocketConstants.SHUT_RDWR) {
            throw Errno.EINVAL.error();
        }
        boolean receive = how != SocketConstants.SHUT_WR;
        boolean send = how != SocketConstants.SHUT_RD;
        UnixSocket other;
        lock.lock();
        try {
            receiveShut |= receive;
            sendShut |= send;
            other = peer;
        } finally {
            lock.unlock();
        }
        queue().notify(ANYTHING);
        if (other != null && !isDatagram()) {
            other.peerShut(/* receive= */ send, /* send= */ receive, null);
        }
    }

    private void peerShut(boolean receive, boolean send, @Nullable String goneName) {
        lock.lock();
        try {
            receiveShut |= receive;
            sendShut |= send;
            if (goneName != null) {
                peer = null;
                departedName = goneName;
            }
        } finally {
            lock.unlock();
        }
        queue().notify(ANYTHING);
    }

    private void noteReset() {
        lock.lock();
        try {
            reset = true;
        } finally {
            lock.unlock();
        }
    }

    @Override
    protected void closed() {
        List<UnixMessage> dropped;
        List<UnixSocket> refused;
        UnixSocket other;
        Location bound = place();
        lock.lock();
        try {
            closed = true;
            other = peer;
            peer = null;
            dropped = messages.drain();
            refused = new ArrayList<>(backlog);
            backlog.clear();
        } finally {
            lock.unlock();
        }
        if (other != null && !isDatagram()) {
            if (embryo || !dropped.isEmpty()) {
                other.noteReset();
            }
            other.peerShut(true, true, name());
        }
        if (bound != null && bound.inode().attachment() == this) {
            bound.inode().setAttachment(null);
        }
        sockets().unbind(this, name());
        refused.forEach(UnixSocket::release);
        dropped.forEach(this::dispose);
        queue().notify(ANYTHING);
    }

    private void dispose(UnixMessage message) {
        sockets().countRights(-message.rightsCount());
        message.dispose();
    }

    // ---- sending

    @Override
    public long write(Caller caller, UserBuffer source) throws ErrnoException {
        return send(source, Outgoing.of(caller));
    }

    /**
     * Sends what fits: bytes, or {@link #WOULD_BLOCK}; a datagram whole. EPIPE, ENOTCONN,
     * ECONNREFUSED, EMSGSIZE.
     */
    public long send(UserBuffer source, Outgoing out) throws ErrnoException {
        return isStream()
                ? UnixSending.stream(this, source, out)
                : UnixSending.datagram(this, source, out);
    }

    /** A connected datagram socket whose peer is gone is not connected any more. */
    void forget(UnixSocket gone) {
        lock.lock();
        try {
            if (peer == gone) {
                peer = null;
                state = State.IDLE;
            }
        } finally {
            lock.unlock();
        }
    }

    UnixSocket requirePeer(@Nullable UnixSocket destination) throws ErrnoException {
        lock.lock();
        try {
            if (sendShut) {
                throw Errno.EPIPE.error();
            }
            UnixSocket to = destination == null ? peer : destination;
            if (to == null) {
                throw Errno.ENOTCONN.error();
            }
            return to;
        } finally {
            lock.unlock();
        }
    }

    boolean hasRoom() {
        return inFlight.get() < options().sendBuffer();
    }

    void deliver(UnixMessage message, Outgoing out) throws ErrnoException {
        message.from().inFlight.addAndGet(message.charge());
        boolean taken = false;
        lock.lock();
        try {
            if (closed) {
                throw (isDatagram() ? Errno.ECONNREFUSED : Errno.EPIPE).error();
            }
            if (receiveShut) {
                throw Errno.EPIPE.error();
            }
            sockets().countRights(message.rightsCount());
            out.sent();
            messages.add(message);
            taken = true;
        } finally {
            lock.unlock();
            if (!taken) {
                message.from().inFlight.addAndGet(-message.charge());
            }
        }
        queue().notify(READABLE);
    }

    /** A message of this socket was read or dropped. */
    void uncharge(int bytes) {
        inFlight.addAndGet(-bytes);
        if (isWriteReady()) {
            queue().notify(WRITABLE);
        }
    }

    /** unix_writable: at most a quarter of SO_SNDBUF is taken. */
    private boolean isWriteReady() {
        return (long) inFlight.get() * 4 <= options().sendBuffer();
    }

    // ---- receiving

    @Override
    public long read(Caller caller, UserBuffer target) throws ErrnoException {
        if (target.remaining() == 0) {
            return 0;
        }
        Received into = new Received();
        try {
            return receive(target, 0, into);
        } finally {
            into.discard();
        }
    }

    /**
     * Takes what has come: bytes, 0 at the end, or {@link #WOULD_BLOCK}.
     *
     * @param flags MSG_PEEK and MSG_TRUNC count
     * @param into gets what came along; its descriptors belong to the caller
     */
    public long receive(UserBuffer target, int flags, Received into) throws ErrnoException {
        ArrayList<UnixMessage> emptied = new ArrayList<>(1);
        lock.lock();
        try {
            if (!isDatagram() && state != State.CONNECTED) {
                throw (isStream() ? Errno.EINVAL : Errno.ENOTCONN).error();
            }
            if (messages.isEmpty()) {
                return isStream() && target.remaining() == 0 ? 0 : nothingLocked();
            }
            boolean perSender = options().passesCredentials();
            int rightsBefore = into.rights().size();
            long count =
                    isStream()
                            ? messages.takeStream(target, flags, perSender, into, emptied)
                            : messages.takeDatagram(target, flags, into, emptied);
            if ((flags & SocketConstants.MSG_PEEK) == 0) {
                sockets().countRights(rightsBefore - into.rights().size());
            }
            return count;
        } finally {
            lock.unlock();
            emptied.forEach(UnixMessage::dispose);
        }
    }

    @GuardedBy("lock")
    private long nothingLocked() throws ErrnoException {
        if (reset) {
            reset = false;
            throw Errno.ECONNRESET.error();
        }
        return receiveShut ? 0 : WOULD_BLOCK;
    }

    // ---- state and options

    @Override
    public int readiness() {
        lock.lock();
        try {
            int events = reset ? PollEvents.POLLERR : 0;
            if (receiveShut) {
                events |= READABLE | PollEvents.POLLRDHUP;
                events |= sendShut ? PollEvents.POLLHUP : 0;
            }
            events |= messages.isEmpty() && backlog.isEmpty() ? 0 : READABLE;
            if (!isDatagram() && (state == State.IDLE || state == State.CONNECTING)) {
                events |= PollEvents.POLLHUP;
            }
            return state != State.LISTENING && isWriteReady() ? events | WRITABLE : events;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long ioctl(Caller caller, MemoryManager memory, int request, long argument)
            throws ErrnoException {
        switch (request) {
            case Ioctls.SIOCINQ -> memory.writeInt(argument, available());
            case Ioctls.SIOCOUTQ -> memory.writeInt(argument, inFlight.get());
            default -> throw Errno.ENOTTY.error();
        }
        return 0;
    }

    /** Bytes of the stream, or of the next datagram. */
    private int available() throws ErrnoException {
        lock.lock();
        try {
            if (state == State.LISTENING) {
                throw Errno.EINVAL.error();
            }
            return isStream() ? messages.bytes() : messages.nextBytes();
        } finally {
            lock.unlock();
        }
    }

    @Override
    int takeError() {
        lock.lock();
        try {
            boolean was = reset;
            reset = false;
            return was ? Errno.ECONNRESET.number() : 0;
        } finally {
            lock.unlock();
        }
    }

    @Override
    boolean isListening() {
        lock.lock();
        try {
            return state == State.LISTENING;
        } finally {
            lock.unlock();
        }
    }

    @Override
    byte[] peerCredentialBytes(UserNamespace viewer) {
        lock.lock();
        try {
            return peerCredentials.shownTo(viewer).toBytes();
        } finally {
            lock.unlock();
        }
    }
}
