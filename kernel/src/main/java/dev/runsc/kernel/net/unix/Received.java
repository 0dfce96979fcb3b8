package dev.runsc.kernel.net.unix;

import dev.runsc.kernel.vfs.FileDescription;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/** What came along with the bytes of one receive. Made for one call by one thread. */
public final class Received {
    private final ArrayList<FileDescription> rights = new ArrayList<>(0);
    private @Nullable PeerCredentials credentials;
    private String sender = "";
    private boolean truncated;

    void note(UnixMessage message) {
        if (credentials == null) {
            credentials = message.credentials();
            sender = message.senderName();
        }
    }

    void noteTruncated() {
        truncated = true;
    }

    /** Descriptors passed; each has a reference that the receiver owns. */
    public ArrayList<FileDescription> rights() {
        return rights;
    }

    /** Of the first message taken from; null when none was. */
    public @Nullable PeerCredentials credentials() {
        return credentials;
    }

    /** Name of the sender, in the form of {@link UnixSocket#name}. */
    public String sender() {
        return sender;
    }

    /** Whether a datagram did not fit. */
    public boolean isTruncated() {
        return truncated;
    }

    /** Drops descriptors that were not installed. */
    public void discard() {
        PassedFiles.release(rights);
        rights.clear();
    }
}
