package dev.runsc.kernel.fs.overlay;

import dev.runsc.state.StateSchema;

/** What of this package an image may hold. */
public final class OverlayTypes {
    private OverlayTypes() {}

    public static void register(StateSchema.Builder types) {
        types.type("overlay.OverlayDirectory", 1, OverlayDirectory.class);
        types.type("overlay.OverlayFile", 1, OverlayFile.class);
        types.type("overlay.OverlayFileSystem", 1, OverlayFileSystem.class);
        types.type("overlay.OverlayOther", 1, OverlayOther.class);
    }
}
