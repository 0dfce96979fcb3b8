package dev.runsc.kernel.net.unix;

import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.state.Savable;
import java.util.ArrayList;

/**
 * A datagram, or a piece of a stream, with what came along (Linux {@code struct sk_buff}). Guarded
 * by its queue's lock.
 */
final class UnixMessage implements Savable {
    private static final int PAGE_SIZE = 4096;

    /** sizeof(struct sk_buff) and sizeof(struct skb_shared_info), aligned, on x86-64. */
    private static final int BUFFER_HEAD = 256;

    private static final int SHARED_INFO = 320;
    private static final int SMALLEST_AREA = 512;

    /** Bytes of a message that lie beside its head; the rest goes into pages. */
    private static final int LINEAR = PAGE_SIZE - SHARED_INFO;

    /** The most bytes of a stream in one piece (unix_stream_sendmsg). */
    static final int STREAM_PIECE = (32 << 10) + LINEAR;

    private final UnixSocket from;
    private final String senderName;
    private final PeerCredentials credentials;
    private final byte[] data;
    private int offset;
    private ArrayList<FileDescription> rights;

    UnixMessage(UnixSocket from, byte[] data, Outgoing out) {
        this.from = from;
        this.senderName = from.name();
        this.credentials = out.credentials;
        this.data = data;
        this.rights = out.rights();
    }

    /** What the message counts against the sender's SO_SNDBUF (Linux skb->truesize). */
    int charge() {
        int head = Math.min(data.length, LINEAR) + SHARED_INFO;
        int area = Math.max(SMALLEST_AREA, Integer.highestOneBit(head - 1) << 1);
        int beyond = Math.max(0, data.length - LINEAR);
        return BUFFER_HEAD + area + (beyond + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE;
    }

    UnixSocket from() {
        return from;
    }

    String senderName() {
        return senderName;
    }

    PeerCredentials credentials() {
        return credentials;
    }

    byte[] data() {
        return data;
    }

    int offset() {
        return offset;
    }

    int remaining() {
        return data.length - offset;
    }

    void advance(int bytes) {
        offset += bytes;
    }

    boolean hasRights() {
        return !rights.isEmpty();
    }

    int rightsCount() {
        return rights.size();
    }

    /** Hands the descriptors over; for a peek, with references of their own. */
    void passRights(Received into, boolean peek) {
        into.rights().addAll(rights);
        if (peek) {
            rights.forEach(FileDescription::retain);
        } else {
            rights = new ArrayList<>(0);
        }
    }

    /** The message is gone, read or not. Called without locks. */
    void dispose() {
        from.uncharge(charge());
        PassedFiles.release(rights);
    }
}
