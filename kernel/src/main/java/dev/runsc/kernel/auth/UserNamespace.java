package dev.runsc.kernel.auth;

import dev.runsc.state.Savable;

/**
 * A user namespace (Linux {@code struct user_namespace}). The initial one maps every id to itself.
 */
public final class UserNamespace implements Savable {
    /** Shown for ids without a mapping: /proc/sys/kernel/overflowuid. */
    public static final int OVERFLOW_ID = 65534;
}
