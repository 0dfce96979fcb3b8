package dev.runsc.kernel.task.seccomp;

import dev.runsc.state.StateSchema;

/** What of this package an image may hold. */
public final class SeccompTypes {
    private SeccompTypes() {}

    public static void register(StateSchema.Builder types) {
        types.type("task.seccomp.BpfProgram", 1, BpfProgram.class);
        types.type("task.seccomp.SeccompFilter", 1, SeccompFilter.class);
        types.type("task.seccomp.SeccompMode.Filtered", 1, SeccompMode.Filtered.class);
        types.type("task.seccomp.SeccompMode.Strict", 1, SeccompMode.Strict.class);
    }
}
