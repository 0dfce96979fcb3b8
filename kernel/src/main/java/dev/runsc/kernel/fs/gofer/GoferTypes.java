package dev.runsc.kernel.fs.gofer;

import dev.runsc.state.StateSchema;

/** What of this package an image may hold. */
public final class GoferTypes {
    private GoferTypes() {}

    public static void register(StateSchema.Builder types) {
        types.type("gofer.GoferDirectory", 1, GoferDirectory.class);
        types.type("gofer.GoferFile", 1, GoferFile.class);
        types.type("gofer.GoferFileSystem", 1, GoferFileSystem.class);
        types.type("gofer.GoferSpecial", 1, GoferSpecial.class);
        types.type("gofer.GoferInode.Name", 1, GoferInode.Name.class);
        types.type("gofer.GoferSymlink", 1, GoferSymlink.class);
        types.type("gofer.OwnerMap", 1, OwnerMap.class);
    }
}
