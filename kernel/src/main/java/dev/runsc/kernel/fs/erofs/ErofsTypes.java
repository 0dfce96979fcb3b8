package dev.runsc.kernel.fs.erofs;

import dev.runsc.state.StateSchema;

/** What of this package an image may hold. */
public final class ErofsTypes {
    private ErofsTypes() {}

    public static void register(StateSchema.Builder types) {
        types.type("erofs.CopiedPages", 1, CopiedPages.class);
        types.type("erofs.CopiedPages.Piece", 1, CopiedPages.Piece.class);
        types.type("erofs.CopiedPages.Pieces", 1, CopiedPages.Pieces.class);
        types.type("erofs.ErofsDirectory", 1, ErofsDirectory.class);
        types.type("erofs.ErofsFile", 1, ErofsFile.class);
        types.type("erofs.ErofsFileSystem", 1, ErofsFileSystem.class);
        types.type("erofs.ErofsSpecial", 1, ErofsSpecial.class);
        types.type("erofs.ErofsSymlink", 1, ErofsSymlink.class);
        types.type("erofs.InodeFacts", 1, InodeFacts.class);
        types.type("erofs.InodeFacts.Layout", 1, InodeFacts.Layout.class);
        types.type("erofs.Superblock", 1, Superblock.class);
    }
}
