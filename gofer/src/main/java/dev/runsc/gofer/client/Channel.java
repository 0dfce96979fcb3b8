package dev.runsc.gofer.client;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.UnixSocket;
import dev.runsc.gofer.protocol.Limits;
import dev.runsc.gofer.protocol.MessageReader;
import dev.runsc.gofer.protocol.MessageWriter;
import dev.runsc.gofer.protocol.ProtocolException;
import dev.runsc.gofer.protocol.Request;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** One connection to the gofer; one call at a time. */
final class Channel {
    private final UnixSocket socket;
    private final MessageWriter outbound = new MessageWriter();
    private final ByteBuffer inbound = ByteBuffer.allocateDirect(Limits.MESSAGE_BYTES);

    Channel(HostFd fd) {
        socket = new UnixSocket(fd);
    }

    /** Takes the fields of a reply apart, and the descriptor that came beside it. */
    interface Decoder<T> {
        /** Whoever takes {@code donated} closes it; the channel does not. */
        T decode(MessageReader in, @Nullable HostFd donated) throws ProtocolException;
    }

    /** The connection broke, or what came over it makes no sense. */
    static final class BrokenException extends Exception {
        private static final long serialVersionUID = 1L;

        BrokenException(String message) {
            super(message);
        }
    }

    <T> T call(Request request, Decoder<T> decoder) throws ErrnoException, BrokenException {
        send(request);
        inbound.clear();
        UnixSocket.Received received;
        try {
            received = socket.receive(inbound, 1);
        } catch (ErrnoException e) {
            throw new BrokenException(e.getMessage());
        }
        if (received.atEnd()) {
            throw new BrokenException("the gofer closed the connection");
        }
        HostFd donated =
                received.descriptors().isEmpty() ? null : received.descriptors().getFirst();
        try {
            return decode(decoder, donated);
        } catch (ErrnoException | BrokenException e) {
            received.closeDescriptors();
            throw e;
        }
    }

    private <T> T decode(Decoder<T> decoder, @Nullable HostFd donated)
            throws ErrnoException, BrokenException {
        MessageReader in = new MessageReader(inbound.flip());
        try {
            int number = in.s32();
            if (number != 0) {
                in.end();
                Errno errno = Errno.find(number);
                throw (errno == null ? Errno.EIO : errno).error();
            }
            T result = decoder.decode(in, donated);
            in.end();
            return result;
        } catch (ProtocolException e) {
            throw new BrokenException("bad reply: " + e.getMessage());
        }
    }

    /** Sends a request; for one without reply that is all. */
    void send(Request request) throws BrokenException {
        request.writeTo(outbound);
        try {
            socket.send(outbound.packet());
        } catch (ErrnoException e) {
            throw new BrokenException(e.getMessage());
        }
    }

    int number() {
        return socket.number();
    }

    /** Ends a call in progress. The one way to fail, ENOTCONN, says that the peer went first. */
    void shutdown() {
        socket.shutdown();
    }

    void close() {
        socket.close();
    }
}
