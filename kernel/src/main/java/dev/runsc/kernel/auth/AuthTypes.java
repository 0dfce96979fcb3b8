package dev.runsc.kernel.auth;

import dev.runsc.state.StateSchema;

/** What of this package an image may hold. */
public final class AuthTypes {
    private AuthTypes() {}

    public static void register(StateSchema.Builder types) {
        types.type("auth.Credentials", 1, Credentials.class);
        types.type("auth.IdMap", 1, IdMap.class);
        types.type("auth.IdMap.Extent", 1, IdMap.Extent.class);
        types.type("auth.UserNamespace", 1, UserNamespace.class);
    }
}
