package dev.runsc.cli.control;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.UnixSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A message on the wire: four bytes of length, highest first, then that many bytes; descriptors
 * beside the first. Lengths are bounded before anything is allocated.
 *
 * @param descriptors owned by whoever has the frame
 */
@SuppressWarnings("ArrayRecordComponent") // bytes on their way, never compared
record Frame(byte[] body, List<HostFd> descriptors) {
    static final int HEADER_BYTES = 4;

    /**
     * The largest request: an environment may be 2 MiB and more (ARG_MAX), escapes make it longer.
     */
    static final int REQUEST_BYTES_MAX = 8 << 20;

    /** The largest answer: a process list of a full sandbox. */
    static final int ANSWER_BYTES_MAX = 64 << 20;

    /** gofer sockets of a container with many mounts, and a few more. */
    static final int DESCRIPTORS_MAX = 200;

    /** More than requests have but for those with a whole environment. */
    static final int LARGE_BYTES = 64 << 10;

    private static final int PIECE_BYTES = 16 << 10;

    /** Who wants to know of large messages. */
    interface LargeListener {
        /** More than {@link #LARGE_BYTES} of the message have come, and more is to come. */
        void large() throws ErrnoException;
    }

    /**
     * Takes the next message.
     *
     * @return null when the peer is done
     * @throws ErrnoException EMSGSIZE for a longer one, EPROTO for one that ends too early or
     *     brings more descriptors; what came is closed
     */
    static @Nullable Frame receive(UnixSocket socket, int bytesMax, LargeListener listener)
            throws ErrnoException {
        List<HostFd> descriptors = new ArrayList<>();
        boolean complete = false;
        try {
            ByteBuffer header = ByteBuffer.allocateDirect(HEADER_BYTES);
            if (!fill(socket, header, descriptors)) {
                if (header.position() > 0) {
                    throw Errno.EPROTO.error();
                }
                return null;
            }
            int length = header.flip().getInt();
            if (length < 0 || length > bytesMax) {
                throw Errno.EMSGSIZE.error();
            }
            byte[] body = body(socket, length, descriptors, listener);
            complete = true;
            return new Frame(body, descriptors);
        } finally {
            if (!complete) {
                descriptors.forEach(HostFd::close);
            }
        }
    }

    /** Sends a message; the descriptors stay the caller's. */
    static void send(UnixSocket socket, byte[] body, int... descriptors) throws ErrnoException {
        ByteBuffer piece =
                ByteBuffer.allocateDirect(Math.min(PIECE_BYTES, HEADER_BYTES + body.length));
        piece.putInt(body.length);
        int sent = 0;
        int[] beside = descriptors;
        do {
            int count = Math.min(piece.remaining(), body.length - sent);
            piece.put(body, sent, count).flip();
            socket.send(piece, beside);
            piece.clear();
            beside = new int[0];
            sent += count;
        } while (sent < body.length);
    }

    /** Grows with what really comes: a length alone must not make us allocate megabytes. */
    private static byte[] body(
            UnixSocket socket, int length, List<HostFd> descriptors, LargeListener listener)
            throws ErrnoException {
        byte[] body = new byte[Math.min(length, PIECE_BYTES)];
        ByteBuffer piece = ByteBuffer.allocateDirect(Math.min(length, PIECE_BYTES));
        int done = 0;
        while (done < length) {
            piece.clear().limit(Math.min(piece.capacity(), length - done));
            if (!fill(socket, piece, descriptors)) {
                throw Errno.EPROTO.error();
            }
            int count = piece.flip().remaining();
            if (done + count > LARGE_BYTES && done <= LARGE_BYTES) {
                listener.large();
            }
            if (done + count > body.length) {
                body = java.util.Arrays.copyOf(body, (int) Math.min(length, 2L * (done + count)));
            }
            piece.get(body, done, count);
            done += count;
        }
        return done == body.length ? body : java.util.Arrays.copyOf(body, done);
    }

    /** Fills the buffer; false when the stream ends first. */
    private static boolean fill(UnixSocket socket, ByteBuffer target, List<HostFd> descriptors)
            throws ErrnoException {
        while (target.hasRemaining()) {
            UnixSocket.Received received =
                    socket.receive(
                            target,
                            DESCRIPTORS_MAX - Math.min(DESCRIPTORS_MAX, descriptors.size()));
            descriptors.addAll(received.descriptors());
            if (received.atEnd()) {
                return false;
            }
        }
        return true;
    }
}
