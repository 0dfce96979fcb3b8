package dev.runsc.kernel.task.futex;

import dev.runsc.state.StateSchema;

/** What of this package an image may hold. */
public final class FutexTypes {
    private FutexTypes() {}

    public static void register(StateSchema.Builder types) {
        types.type("futex.FutexTable", 1, FutexTable.class)
                .type("futex.PiFutexes", 1, PiFutexes.class);
    }
}
