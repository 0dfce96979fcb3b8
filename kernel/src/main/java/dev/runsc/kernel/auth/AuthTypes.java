package dev.runsc.kernel.auth;

import dev.runsc.state.StateSchema;

/** What of this package an image may hold. */
public final class AuthTypes {
    private AuthTypes() {}

    public static void register(StateSchema.Builder types) {
        types.type("auth.Credentials", 1, Credentials.class);
        types.type("auth.UserNamespace", 1, UserNamespace.class);
    }
}
