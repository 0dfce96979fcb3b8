package dev.runsc.kernel.vfs;

import dev.runsc.state.StateSchema;

/** What of this package an image may hold. */
public final class VfsTypes {
    private VfsTypes() {}

    public static void register(StateSchema.Builder types) {
        types.type("vfs.AnonymousFileSystem.EmptyRoot", 1, AnonymousFileSystem.EmptyRoot.class);
        types.type("vfs.AnonymousFileSystem", 1, AnonymousFileSystem.class);
        types.type("vfs.AnonymousInode", 1, AnonymousInode.class);
        types.type("vfs.AsyncOwner", 1, AsyncOwner.class);
        types.type("vfs.Dentry.Place", 1, Dentry.Place.class);
        types.type("vfs.Dentry", 1, Dentry.class);
        types.type("vfs.DirectoryFile", 1, DirectoryFile.class);
        types.type("vfs.FdTable", 1, FdTable.class);
        types.type("vfs.FileLocks.Lock", 1, FileLocks.Lock.class);
        types.type("vfs.FileLocks", 1, FileLocks.class);
        types.type("vfs.FsContext", 1, FsContext.class);
        types.type("vfs.ListedEntry", 1, ListedEntry.class);
        types.type("vfs.ListingFile", 1, ListingFile.class);
        types.type("vfs.Location", 1, Location.class);
        types.type("vfs.Mount", 1, Mount.class);
        types.type("vfs.MountNamespace", 1, MountNamespace.class);
        types.type("vfs.PathFile", 1, PathFile.class);
        types.type("vfs.RegularFile", 1, RegularFile.class);
        types.type("vfs.VirtualFileSystem", 1, VirtualFileSystem.class);
    }
}
