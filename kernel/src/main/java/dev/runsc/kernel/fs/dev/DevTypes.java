package dev.runsc.kernel.fs.dev;

import dev.runsc.state.StateSchema;

/** What of this package an image may hold. */
public final class DevTypes {
    private DevTypes() {}

    public static void register(StateSchema.Builder types) {
        types.type("dev.MemoryDevice", 1, MemoryDevice.class);
        types.type("dev.MemoryDeviceFile", 1, MemoryDeviceFile.class);
    }
}
