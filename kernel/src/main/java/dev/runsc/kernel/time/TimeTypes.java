package dev.runsc.kernel.time;

import dev.runsc.state.StateSchema;

/** What of this package an image may hold. */
public final class TimeTypes {
    private TimeTypes() {}

    public static void register(StateSchema.Builder types) {
        types.type("time.KernelTimer", 1, KernelTimer.class);
        types.type("time.Timekeeper", 1, Timekeeper.class);
        types.type("time.TimerQueue", 1, TimerQueue.class);
    }
}
