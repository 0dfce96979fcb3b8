package dev.runsc.kernel.fs.host;

import dev.runsc.state.StateSchema;

/** What of this package an image may hold. */
public final class HostTypes {
    private HostTypes() {}

    public static void register(StateSchema.Builder types) {
        types.type("host.HostStream", 1, HostStream.class);
    }
}
