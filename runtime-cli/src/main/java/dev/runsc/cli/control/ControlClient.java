package dev.runsc.cli.control;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.cli.control.ControlFault.Code;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.SocketConstants;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostSockets;
import dev.runsc.gofer.host.UnixSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a sandbox. One call at a time; used by one thread, except for {@link #abort}.
 */
public final class ControlClient implements AutoCloseable {
    /** The JSON of a result, and the descriptors that came with it. */
    public record Answer(String result, List<HostFd> descriptors) {
        /** A reader of the result. */
        public JsonReader reader() {
            return new JsonReader("answer", result.getBytes(StandardCharsets.UTF_8));
        }
    }

    private final UnixSocket socket;

    @GuardedBy("this")
    private boolean closed;

    private ControlClient(UnixSocket socket) {
        this.socket = socket;
    }

    /** Connects to the socket of a sandbox. */
    public static ControlClient connect(Path path) throws ControlFault {
        try {
            HostFd fd =
                    HostSockets.socket(
                            SocketConstants.AF_UNIX,
                            SocketConstants.SOCK_STREAM | SocketConstants.SOCK_CLOEXEC,
                            0);
            try {
                HostSockets.connect(fd.number(), HostSockets.unixAddress(path.toString()));
            } catch (ErrnoException e) {
                fd.close();
                throw e;
            }
            return new ControlClient(new UnixSocket(fd));
        } catch (ErrnoException e) {
            throw gone(e);
        }
    }

    /**
     * Calls a method and waits for its answer.
     *
     * @param arguments a JSON object
     */
    public Answer call(String method, String arguments, int... descriptors) throws ControlFault {
        send(method, arguments, descriptors);
        return receive();
    }

    /** The first half of {@link #call}: for those who have something to do meanwhile. */
    public void send(String method, String arguments, int... descriptors) throws ControlFault {
        String text = "{\"method\":\"" + method + "\",\"args\":" + arguments + "}";
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        try {
            Frame.send(socket, body, descriptors);
        } catch (ErrnoException e) {
            // It may have said why before it closed.
            receive().descriptors().forEach(HostFd::close);
            throw gone(e);
        }
    }

    /** The second half of {@link #call}. */
    public Answer receive() throws ControlFault {
        Frame frame;
        try {
            frame = Frame.receive(socket, Frame.ANSWER_BYTES_MAX, () -> {});
        } catch (ErrnoException e) {
            throw gone(e);
        }
        if (frame == null) {
            throw gone(null);
        }
        boolean good = false;
        try {
            Answer answer = parse(frame.body(), frame.descriptors());
            good = true;
            return answer;
        } finally {
            if (!good) {
                frame.descriptors().forEach(HostFd::close);
            }
        }
    }

    private static Answer parse(byte[] body, List<HostFd> descriptors) throws ControlFault {
        boolean ok = false;
        String result = "{}";
        String code = null;
        String error = "no reason given";
        try {
            JsonReader in = new JsonReader("answer", body);
            in.object();
            for (String name = in.nextName(); name != null; name = in.nextName()) {
                switch (name) {
                    case "ok" -> ok = in.bool();
                    case "result" -> result = in.raw();
                    case "code" -> code = in.string();
                    case "error" -> error = in.string();
                    default -> in.skip();
                }
            }
            in.end();
        } catch (JsonFault e) {
            throw new ControlFault(Code.INTERNAL, "sandbox sent " + e.getMessage(), e);
        }
        if (!ok) {
            throw new ControlFault(Code.of(code), error);
        }
        return new Answer(result, descriptors);
    }

    private static ControlFault gone(@Nullable Exception cause) {
        String message = "sandbox is not running";
        return cause == null
                ? new ControlFault(Code.DISCONNECTED, message)
                : new ControlFault(Code.DISCONNECTED, message, cause);
    }

    /** From another thread: a call that is waiting fails. The connection is still to be closed. */
    public synchronized void abort() {
        if (!closed) {
            socket.shutdown();
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        socket.close();
    }
}
