package dev.runsc.kernel.net.unix;

import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileDescription;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What goes along with the bytes of one send. Made for one call by one thread. */
public final class Outgoing {
    final PeerCredentials credentials;
    final @Nullable UnixSocket destination;
    private List<FileDescription> rights;

    /**
     * A send with nothing but bytes.
     *
     * @param credentials of the sender
     */
    public Outgoing(PeerCredentials credentials) {
        this(credentials, List.of(), null);
    }

    /**
     * A send.
     *
     * @param rights descriptors to pass, each with a reference this object owns until they are sent
     * @param destination of a datagram; null for the connected peer
     */
    public Outgoing(
            PeerCredentials credentials,
            List<FileDescription> rights,
            @Nullable UnixSocket destination) {
        this.credentials = credentials;
        this.rights = rights;
        this.destination = destination;
    }

    static Outgoing of(Caller caller) {
        return new Outgoing(PeerCredentials.ofMessage(caller));
    }

    /** A copy of what is still to be passed. */
    ArrayList<FileDescription> rights() {
        return new ArrayList<>(rights);
    }

    /** The message took the references. */
    void sent() {
        rights = List.of();
    }

    /** Drops what was not sent. */
    public void discard() {
        PassedFiles.release(rights);
        rights = List.of();
    }
}
