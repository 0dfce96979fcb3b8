package dev.runsc.kernel.fs.cgroup;

import dev.runsc.state.StateSchema;

/** What of this package an image may hold. */
public final class CgroupFsTypes {
    private CgroupFsTypes() {}

    public static void register(StateSchema.Builder types) {
        types.type("cgroupfs.CgroupFiles", 1, CgroupFiles.class);
        types.type("cgroupfs.CgroupFileSystem", 1, CgroupFileSystem.class);
        types.type("cgroupfs.CgroupType", 1, CgroupType.class);
        types.type("cgroupfs.CoreFile", 1, CoreFile.class);
        types.type("cgroupfs.GroupDirectory", 1, GroupDirectory.class);
        types.type("cgroupfs.GroupFile", 1, GroupFile.class);
        types.type("cgroupfs.GroupText", 1, GroupText.class);
        types.type("cgroupfs.LegacyFile", 1, LegacyFile.class);
        types.type("cgroupfs.UnifiedFile", 1, UnifiedFile.class);
    }
}
