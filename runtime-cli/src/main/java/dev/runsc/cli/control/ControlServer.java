package dev.runsc.cli.control;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.control.ControlFault.Code;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import dev.runsc.cli.json.JsonText;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.SocketConstants;
import dev.runsc.gofer.abi.Ucred;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostProcess;
import dev.runsc.gofer.host.HostSockets;
import dev.runsc.gofer.host.UnixSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Accepts connections on a listening socket and lets a {@link Handler} answer, one daemon thread
 * per connection. Only the user the sandbox runs as, and root, get an answer.
 */
public final class ControlServer {
    /**
     * More than any number of commands at once; a client that hoards connections is turned away.
     */
    private static final int CONNECTIONS_MAX = 256;

    private static final int MESSAGE_MAX = 2_000;
    private static final int RETRY_MILLIS = 100;
    private static final int DRAIN_MILLIS = 2_000;

    /** Answers requests. Called by many threads at once. */
    public interface Handler {
        /**
         * Answers one request.
         *
         * @param connection what this connection has kept so far
         */
        Reply handle(
                String method,
                JsonReader arguments,
                List<HostFd> descriptors,
                Connection connection)
                throws ControlFault, JsonFault;
    }

    /**
     * An answer.
     *
     * @param result a JSON object
     * @param descriptors sent along, and closed afterwards
     */
    public record Reply(String result, List<HostFd> descriptors) {
        public static final Reply EMPTY = new Reply("{}", List.of());

        public Reply(String result) {
            this(result, List.of());
        }
    }

    /** A wait that an interrupt ends. */
    public interface Waiting<T> {
        T await() throws ControlFault, InterruptedException;
    }

    /** What belongs to one connection: something to undo when it ends, whichever way. */
    public final class Connection {
        private final int socket;
        private @Nullable Runnable onEnd;
        private boolean hasLargeRequest;

        private Connection(int socket) {
            this.socket = socket;
        }

        /** Runs when the connection ends, unless replaced or cleared by null before. */
        public void onEnd(@Nullable Runnable action) {
            onEnd = action;
        }

        /** Waits for what {@link #awaitPromptAnswers} is called before. */
        public <T> T park(Waiting<T> parking) throws ControlFault {
            count(0, 1);
            try {
                return await(parking);
            } finally {
                count(0, -1);
            }
        }

        /**
         * Waits for what may take for ever, or until the client has gone.
         *
         * @throws ControlFault also when it has
         */
        public <T> T await(Waiting<T> waiting) throws ControlFault {
            endLargeRequest();
            try {
                hangUps.begin(socket);
                try {
                    return waiting.await();
                } finally {
                    hangUps.end(socket);
                }
            } catch (InterruptedException e) {
                throw new ControlFault(Code.DISCONNECTED, "the client has gone", e);
            } catch (ErrnoException e) {
                throw new ControlFault(Code.INTERNAL, "waiting: " + e.getMessage(), e);
            }
        }

        private void beginLargeRequest() throws ErrnoException {
            largeRequests.begin(socket);
            hasLargeRequest = true;
        }

        private void endLargeRequest() {
            if (hasLargeRequest) {
                hasLargeRequest = false;
                largeRequests.end(socket);
            }
        }

        void end() {
            endLargeRequest();
            Runnable action = onEnd;
            onEnd = null;
            if (action != null) {
                action.run();
            }
        }
    }

    private final HostFd listener;
    private final Handler handler;
    private final AtomicInteger connections = new AtomicInteger();
    private final HangUps hangUps = new HangUps();
    private final LargeRequests largeRequests = new LargeRequests();

    @GuardedBy("this")
    private int answering;

    /** Those of them that wait for the end. */
    @GuardedBy("this")
    private int parked;

    /** Connections that have ended, ever. */
    @GuardedBy("this")
    private long ended;

    private final int owner = HostProcess.geteuid();

    public ControlServer(HostFd listener, Handler handler) {
        this.listener = listener;
        this.handler = handler;
    }

    /** Starts accepting. */
    public void start() {
        Thread.ofPlatform().daemon().name("control").start(this::acceptAll);
    }

    /**
     * Waits until no answer is being computed or sent, but not for ever: some answer to what will
     * never happen again.
     */
    public synchronized void awaitAnswers() {
        long deadline = drainDeadline();
        while (answering > 0 && waitUntil(deadline)) {
            // Looked at again after each change.
        }
    }

    /**
     * The same but for those who wait for the end: who is told of it may kill this process, and the
     * others are to have their answers by then.
     */
    public synchronized void awaitPromptAnswers() {
        long deadline = drainDeadline();
        while (answering > parked && waitUntil(deadline)) {
            // Looked at again after each change.
        }
    }

    private static long drainDeadline() {
        return System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(DRAIN_MILLIS);
    }

    /** Waits for a change; false when it is too late for one. */
    @GuardedBy("this")
    @SuppressWarnings("WaitNotInLoop") // its callers are the loops
    private boolean waitUntil(long deadline) {
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (left <= 0) {
            return false;
        }
        try {
            wait(left);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private synchronized void count(int answeringChange, int parkedChange) {
        answering += answeringChange;
        parked += parkedChange;
        notifyAll();
    }

    private void acceptAll() {
        while (true) {
            HostFd fd;
            try {
                fd = HostSockets.accept(listener.number(), SocketConstants.SOCK_CLOEXEC);
            } catch (ErrnoException e) {
                if (isTransient(e)) {
                    awaitConnectionEnd();
                    continue;
                }
                DebugLog.write("control: accept: " + e.getMessage());
                return;
            }
            if (!isAllowed(fd)) {
                fd.close();
                continue;
            }
            if (connections.get() >= CONNECTIONS_MAX) {
                turnAway(fd, Code.BUSY, "too many connections to the sandbox");
                continue;
            }
            connections.incrementAndGet();
            Thread.ofPlatform().daemon().name("control connection").start(() -> serve(fd));
        }
    }

    /**
     * The connection died in the queue, or descriptors are short: the next may do once another has
     * ended, or once the guest, which shares our descriptors, has closed some.
     */
    private synchronized void awaitConnectionEnd() {
        long seen = ended;
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(RETRY_MILLIS);
        while (ended == seen && waitUntil(deadline)) {
            // Looked at again after each change.
        }
    }

    private synchronized void connectionEnded() {
        connections.decrementAndGet();
        ended++;
        notifyAll();
    }

    private static boolean isTransient(ErrnoException e) {
        return switch (e.errno()) {
            case ECONNABORTED, EINTR, EMFILE, ENFILE, ENOBUFS, ENOMEM, EPROTO -> true;
            default -> false;
        };
    }

    private boolean isAllowed(HostFd fd) {
        try {
            byte[] option =
                    HostSockets.getsockopt(
                            fd.number(),
                            SocketConstants.SOL_SOCKET,
                            SocketConstants.SO_PEERCRED,
                            Ucred.BYTES);
            Ucred peer = Ucred.readFrom(ByteBuffer.wrap(option));
            if (peer.uid() == owner || peer.uid() == 0) {
                return true;
            }
            DebugLog.write("control: refused uid " + peer.uid());
        } catch (ErrnoException e) {
            DebugLog.write("control: SO_PEERCRED: " + e.getMessage());
        }
        return false;
    }

    /** Last words; there is room for them in a socket that nobody has written to. */
    private static void turnAway(HostFd fd, Code code, String message) {
        try (UnixSocket socket = new UnixSocket(fd)) {
            Frame.send(socket, failure(code, message).getBytes(StandardCharsets.UTF_8));
        } catch (ErrnoException e) {
            DebugLog.write("control: turning a client away: " + e.getMessage());
        }
    }

    private void serve(HostFd fd) {
        Connection connection = new Connection(fd.number());
        try (UnixSocket socket = new UnixSocket(fd)) {
            while (answerNext(socket, connection)) {
                // One after the other.
            }
        } catch (ErrnoException e) {
            DebugLog.write("control: client dropped: " + e.getMessage());
        } finally {
            connectionEnded();
            connection.end();
        }
    }

    /** False when the client is done. */
    private boolean answerNext(UnixSocket socket, Connection connection) throws ErrnoException {
        try {
            Frame frame =
                    Frame.receive(socket, Frame.REQUEST_BYTES_MAX, connection::beginLargeRequest);
            if (frame == null) {
                return false;
            }
            answer(socket, frame, connection);
            return true;
        } catch (ErrnoException e) {
            if (e.is(Errno.EMSGSIZE)) {
                String words = failure(Code.BAD_REQUEST, "the request is too long");
                Frame.send(socket, words.getBytes(StandardCharsets.UTF_8));
            }
            throw e;
        } finally {
            connection.endLargeRequest();
        }
    }

    private void answer(UnixSocket socket, Frame frame, Connection connection)
            throws ErrnoException {
        count(1, 0);
        try {
            Reply reply;
            String text;
            try {
                reply = dispatch(frame, connection);
                text = "{\"ok\":true,\"result\":" + reply.result() + "}";
            } catch (ControlFault e) {
                reply = Reply.EMPTY;
                text = failure(e.code(), e.getMessage());
            } catch (JsonFault e) {
                reply = Reply.EMPTY;
                text = failure(Code.BAD_REQUEST, e.getMessage());
            } catch (RuntimeException e) {
                // A defect of ours in one request; the sandbox and its other clients go on.
                DebugLog.write("control: " + e + " at " + List.of(e.getStackTrace()));
                reply = Reply.EMPTY;
                text = failure(Code.INTERNAL, "internal error: " + e);
            }
            int[] numbers = reply.descriptors().stream().mapToInt(HostFd::number).toArray();
            try {
                Frame.send(socket, text.getBytes(StandardCharsets.UTF_8), numbers);
            } finally {
                reply.descriptors().forEach(HostFd::close);
            }
        } finally {
            count(-1, 0);
        }
    }

    private Reply dispatch(Frame frame, Connection connection) throws ControlFault, JsonFault {
        boolean taken = false;
        try {
            String method = "";
            String arguments = "{}";
            JsonReader in = new JsonReader("request", frame.body());
            in.object();
            for (String name = in.nextName(); name != null; name = in.nextName()) {
                switch (name) {
                    case "method" -> method = in.string();
                    case "args" -> arguments = in.raw();
                    default -> in.skip();
                }
            }
            in.end();
            JsonReader reader =
                    new JsonReader(method + " args", arguments.getBytes(StandardCharsets.UTF_8));
            taken = true;
            return handler.handle(method, reader, frame.descriptors(), connection);
        } finally {
            if (!taken) {
                frame.descriptors().forEach(HostFd::close);
            }
        }
    }

    private static String failure(Code code, String message) {
        // A message may quote the request, which may be long.
        String line =
                message.length() <= MESSAGE_MAX
                        ? message
                        : message.substring(0, MESSAGE_MAX) + " ...";
        JsonText json = new JsonText();
        json.beginObject();
        json.field("ok", false).field("code", code.name()).field("error", line);
        json.endObject();
        return json.text();
    }
}
