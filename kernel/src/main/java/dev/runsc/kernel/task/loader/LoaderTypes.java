package dev.runsc.kernel.task.loader;

import dev.runsc.state.StateSchema;

/** What of this package an image may hold. */
public final class LoaderTypes {
    private LoaderTypes() {}

    public static void register(StateSchema.Builder types) {
        types.type("loader.RunningProgram", 1, RunningProgram.class);
    }
}
