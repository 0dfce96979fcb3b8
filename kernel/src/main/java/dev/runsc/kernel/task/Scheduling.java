package dev.runsc.kernel.task;

import dev.runsc.state.Savable;

/** What a task was told about scheduling. Stored and shown; the host decides who runs. */
public final class Scheduling implements Savable {
    private int policy;
    private int priority;
    private int nice;

    /** CPUs allowed, bit n is CPU n; null means all. */
    private long[] affinity = new long[0];

    private int ioPriority;
    private long timerSlackNanos = 50_000;

    public int policy() {
        return policy;
    }

    public int priority() {
        return priority;
    }

    public void setPolicy(int newPolicy, int newPriority) {
        policy = newPolicy;
        priority = newPriority;
    }

    public int nice() {
        return nice;
    }

    public void setNice(int value) {
        nice = Math.max(-20, Math.min(19, value));
    }

    /** Empty for all CPUs. */
    public long[] affinity() {
        return affinity;
    }

    public void setAffinity(long[] mask) {
        affinity = mask;
    }

    public int ioPriority() {
        return ioPriority;
    }

    public void setIoPriority(int value) {
        ioPriority = value;
    }

    public long timerSlackNanos() {
        return timerSlackNanos;
    }

    public void setTimerSlackNanos(long nanos) {
        timerSlackNanos = nanos;
    }

    void copyFrom(Scheduling other) {
        policy = other.policy;
        priority = other.priority;
        nice = other.nice;
        affinity = other.affinity;
        ioPriority = other.ioPriority;
        timerSlackNanos = other.timerSlackNanos;
    }
}
