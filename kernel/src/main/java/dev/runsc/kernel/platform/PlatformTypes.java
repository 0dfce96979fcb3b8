package dev.runsc.kernel.platform;

import dev.runsc.state.StateSchema;

/** What of this package an image may hold. */
public final class PlatformTypes {
    private PlatformTypes() {}

    public static void register(StateSchema.Builder types) {
        types.type("platform.CpuState", 1, CpuState.class);
    }
}
