package dev.runsc.kernel.task.seccomp;

import dev.runsc.state.StateSchema;

/** What of this package an image may hold. */
public final class SeccompTypes {
    private SeccompTypes() {}

    public static void register(StateSchema.Builder types) {
        types.type("task.seccomp.BpfProgram", 1, BpfProgram.class);
        types.type("task.seccomp.CallData", 1, CallData.class);
        types.type("task.seccomp.Notification", 1, Notification.class);
        types.type("task.seccomp.Notification.State", 1, Notification.State.class);
        types.type("task.seccomp.Notifications", 1, Notifications.class);
        types.type("task.seccomp.SeccompFilter", 2, SeccompFilter.class);
        types.type("task.seccomp.SeccompMode.Filtered", 1, SeccompMode.Filtered.class);
        types.type("task.seccomp.SeccompMode.Strict", 1, SeccompMode.Strict.class);
    }
}
