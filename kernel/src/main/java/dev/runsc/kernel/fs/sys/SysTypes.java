package dev.runsc.kernel.fs.sys;

import dev.runsc.state.StateSchema;

/** What of this package an image may hold. */
public final class SysTypes {
    private SysTypes() {}

    public static void register(StateSchema.Builder types) {
        types.type("sys.SysFile", 1, SysFile.class);
        types.type("sys.SysFileSystem", 1, SysFileSystem.class);
        types.type("sys.SysFileSystemType", 1, SysFileSystemType.class);
    }
}
