package dev.runsc.kernel.task.signal;

import dev.runsc.state.StateSchema;

/** What of this package an image may hold. */
public final class SignalTypes {
    private SignalTypes() {}

    public static void register(StateSchema.Builder types) {
        types.type("signal.AltStack", 1, AltStack.class);
        types.type("signal.PendingSignals.Queued", 1, PendingSignals.Queued.class);
        types.type("signal.PendingSignals", 1, PendingSignals.class);
        types.type("signal.SignalHandlers.Action", 1, SignalHandlers.Action.class);
        types.type("signal.SignalHandlers", 1, SignalHandlers.class);
    }
}
