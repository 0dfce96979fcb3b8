package dev.runsc.kernel.fs.pipe;

import dev.runsc.state.StateSchema;

/** What of this package an image may hold. */
public final class PipeTypes {
    private PipeTypes() {}

    public static void register(StateSchema.Builder types) {
        types.type("pipe.PipeBuffer", 1, PipeBuffer.class);
        types.type("pipe.PipeEnd", 1, PipeEnd.class);
        types.type("pipe.PipeFiles", 1, PipeFiles.class);
    }
}
