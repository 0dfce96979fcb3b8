package dev.runsc.kernel.fs.tmpfs;

import dev.runsc.state.StateSchema;

/** What of this package an image may hold. */
public final class TmpfsTypes {
    private TmpfsTypes() {}

    public static void register(StateSchema.Builder types) {
        types.type("tmpfs.FileUsers", 1, FileUsers.class);
        types.type("tmpfs.MemoryFiles", 1, MemoryFiles.class);
        types.type("tmpfs.PageStore.Extent", 1, PageStore.Extent.class);
        types.type("tmpfs.PageStore", 1, PageStore.class);
        types.type("tmpfs.TmpfsDirectory.Entry", 1, TmpfsDirectory.Entry.class);
        types.type("tmpfs.TmpfsDirectory", 1, TmpfsDirectory.class);
        types.type("tmpfs.TmpfsFile", 1, TmpfsFile.class);
        types.type("tmpfs.TmpfsFileSystem", 1, TmpfsFileSystem.class);
        types.type("tmpfs.TmpfsOptions", 1, TmpfsOptions.class);
        types.type("tmpfs.TmpfsSpecial", 1, TmpfsSpecial.class);
        types.type("tmpfs.TmpfsSymlink", 1, TmpfsSymlink.class);
        types.type("tmpfs.TmpfsType", 1, TmpfsType.class);
    }
}
