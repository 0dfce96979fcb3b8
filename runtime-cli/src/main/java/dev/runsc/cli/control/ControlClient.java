package dev.runsc.cli.control;

import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.control.ControlFault.Code;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.SocketConstants;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostSockets;
import dev.runsc.gofer.host.UnixSocket;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a sandbox. One call at a time; used by one thread, except for {@link #close}.
 *
 * <p>Without descriptors it goes through the JDK's own sockets, so that a short command loads no
 * native library; with them through ours.
 */
public final class ControlClient implements AutoCloseable {
    /** The JSON of a result, and the descriptors that came with it. */
    public record Answer(String result, List<HostFd> descriptors) {
        /** A reader of the result. */
        public JsonReader reader() {
            return new JsonReader("answer", result.getBytes(StandardCharsets.UTF_8));
        }
    }

    private final @Nullable SocketChannel channel;
    private final @Nullable UnixSocket socket;

    private ControlClient(@Nullable SocketChannel channel, @Nullable UnixSocket socket) {
        this.channel = channel;
        this.socket = socket;
    }

    /** Connects for calls without descriptors. */
    public static ControlClient connect(Path path) throws ControlFault {
        try {
            return new ControlClient(SocketChannel.open(UnixDomainSocketAddress.of(path)), null);
        } catch (IOException e) {
            throw gone(e);
        }
    }

    /** Connects for calls that carry descriptors. */
    public static ControlClient connectForDescriptors(Path path) throws ControlFault {
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
            return new ControlClient(null, new UnixSocket(fd));
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
            if (socket != null) {
                Frame.send(socket, body, descriptors);
                return;
            }
            if (descriptors.length > 0) {
                throw new IllegalStateException("connection without descriptors");
            }
            ByteBuffer message = ByteBuffer.allocate(Frame.HEADER_BYTES + body.length);
            message.putInt(body.length).put(body).flip();
            SocketChannel plain = channel();
            while (message.hasRemaining()) {
                plain.write(message);
            }
        } catch (IOException | ErrnoException e) {
            throw gone(e);
        }
    }

    /** The second half of {@link #call}. */
    public Answer receive() throws ControlFault {
        byte[] body;
        List<HostFd> descriptors = new ArrayList<>();
        try {
            if (socket != null) {
                Frame frame = Frame.receive(socket, Frame.ANSWER_BYTES_MAX);
                if (frame == null) {
                    throw gone(null);
                }
                body = frame.body();
                descriptors = frame.descriptors();
            } else {
                body = receivePlain();
            }
        } catch (IOException | ErrnoException e) {
            throw gone(e);
        }
        boolean good = false;
        try {
            Answer answer = parse(body, descriptors);
            good = true;
            return answer;
        } finally {
            if (!good) {
                descriptors.forEach(HostFd::close);
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

    private byte[] receivePlain() throws IOException, ControlFault {
        ByteBuffer header = ByteBuffer.allocate(Frame.HEADER_BYTES);
        fillPlain(header);
        int length = header.flip().getInt();
        if (length < 0 || length > Frame.ANSWER_BYTES_MAX) {
            throw new ControlFault(Code.INTERNAL, "sandbox sent an answer of " + length + " bytes");
        }
        ByteBuffer body = ByteBuffer.allocate(length);
        fillPlain(body);
        return body.array();
    }

    private void fillPlain(ByteBuffer target) throws IOException, ControlFault {
        SocketChannel plain = channel();
        while (target.hasRemaining()) {
            if (plain.read(target) < 0) {
                throw gone(null);
            }
        }
    }

    private SocketChannel channel() {
        SocketChannel plain = channel;
        if (plain == null) {
            throw new IllegalStateException("no channel");
        }
        return plain;
    }

    private static ControlFault gone(@Nullable Exception cause) {
        String message = "sandbox is not running";
        return cause == null
                ? new ControlFault(Code.DISCONNECTED, message)
                : new ControlFault(Code.DISCONNECTED, message, cause);
    }

    /** Ends the connection; a call that is waiting in another thread fails. */
    @Override
    public void close() {
        if (socket != null) {
            socket.shutdown();
            socket.close();
        }
        if (channel != null) {
            try {
                channel.close();
            } catch (IOException e) {
                DebugLog.write("control: close: " + e.getMessage());
            }
        }
    }
}
