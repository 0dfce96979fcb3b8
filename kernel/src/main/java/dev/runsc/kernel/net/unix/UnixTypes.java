package dev.runsc.kernel.net.unix;

import dev.runsc.state.StateSchema;

/** What of this package an image may hold. */
public final class UnixTypes {
    private UnixTypes() {}

    public static void register(StateSchema.Builder types) {
        types.type("net.unix.Inbox", 1, Inbox.class);
        types.type("net.unix.PeerCredentials", 1, PeerCredentials.class);
        types.type("net.unix.SocketOptions", 1, SocketOptions.class);
        types.abstractType("net.unix.UnixEndpoint", UnixEndpoint.class);
        types.type("net.unix.UnixMessage", 1, UnixMessage.class);
        types.type("net.unix.UnixSocket.State", 1, UnixSocket.State.class);
        types.type("net.unix.UnixSocket", 1, UnixSocket.class);
        types.type("net.unix.UnixSockets", 1, UnixSockets.class);
    }
}
