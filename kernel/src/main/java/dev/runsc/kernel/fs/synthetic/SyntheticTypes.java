package dev.runsc.kernel.fs.synthetic;

import dev.runsc.state.StateSchema;

/** What of this package an image may hold. */
public final class SyntheticTypes {
    private SyntheticTypes() {}

    public static void register(StateSchema.Builder types) {
        types.type("synthetic.FixedText", 1, FixedText.class);
        types.type("synthetic.SyntheticDirectory", 1, SyntheticDirectory.class);
        types.type("synthetic.SyntheticFile", 1, SyntheticFile.class);
        types.type("synthetic.SyntheticFileDescription", 1, SyntheticFileDescription.class);
        types.type("synthetic.SyntheticFileSystem", 1, SyntheticFileSystem.class);
        types.type("synthetic.SyntheticLink.FixedLink", 1, SyntheticLink.FixedLink.class);
    }
}
