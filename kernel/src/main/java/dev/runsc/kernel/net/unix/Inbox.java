package dev.runsc.kernel.net.unix;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.SocketConstants;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.state.Savable;
import java.util.ArrayDeque;
import java.util.ArrayList;

/** The messages sent to a socket. Guarded by the lock of the socket. */
final class Inbox implements Savable {
    private final ArrayDeque<UnixMessage> messages = new ArrayDeque<>();

    boolean isEmpty() {
        return messages.isEmpty();
    }

    void add(UnixMessage message) {
        messages.add(message);
    }

    /** Takes all out. */
    ArrayList<UnixMessage> drain() {
        ArrayList<UnixMessage> all = new ArrayList<>(messages);
        messages.clear();
        return all;
    }

    /** Bytes of a stream that wait. */
    int bytes() {
        return messages.stream().mapToInt(UnixMessage::remaining).sum();
    }

    /** Bytes of the next datagram, 0 when there is none. */
    int nextBytes() {
        UnixMessage first = messages.peekFirst();
        return first == null ? 0 : first.remaining();
    }

    /**
     * Goes over message borders, but not behind descriptors, nor from one sender to another when
     * senders are shown (unix_stream_read_generic).
     *
     * @param emptied gets messages that are used up, to be disposed of without locks
     */
    long takeStream(
            UserBuffer target,
            int flags,
            boolean perSender,
            Received into,
            ArrayList<UnixMessage> emptied)
            throws ErrnoException {
        boolean peek = (flags & SocketConstants.MSG_PEEK) != 0;
        long done = 0;
        for (UnixMessage message : messages) {
            PeerCredentials before = into.credentials();
            boolean otherSender = before != null && !message.credentials().equals(before);
            if (target.remaining() == 0 || perSender && otherSender) {
                break;
            }
            int piece = (int) Math.min(message.remaining(), target.remaining());
            long moved;
            try {
                moved = target.put(message.data(), message.offset(), piece);
            } catch (ErrnoException fault) {
                if (done > 0) {
                    break;
                }
                throw fault;
            }
            done += moved;
            boolean withRights = message.hasRights();
            into.note(message);
            message.passRights(into, peek);
            if (!peek) {
                message.advance((int) moved);
                if (message.remaining() == 0) {
                    emptied.add(message);
                }
            }
            if (withRights || moved < piece) {
                break;
            }
        }
        emptied.forEach(gone -> messages.removeFirst());
        return done;
    }

    /** Takes one message whole; what does not fit is lost. */
    long takeDatagram(UserBuffer target, int flags, Received into, ArrayList<UnixMessage> emptied)
            throws ErrnoException {
        boolean peek = (flags & SocketConstants.MSG_PEEK) != 0;
        UnixMessage message = messages.getFirst();
        int length = message.remaining();
        int piece = (int) Math.min(length, target.remaining());
        if (piece > 0 && target.put(message.data(), 0, piece) < piece) {
            throw Errno.EFAULT.error();
        }
        into.note(message);
        message.passRights(into, peek);
        if (piece < length) {
            into.noteTruncated();
        }
        if (!peek) {
            messages.removeFirst();
            emptied.add(message);
        }
        return (flags & SocketConstants.MSG_TRUNC) != 0 ? length : piece;
    }
}
