package dev.runsc.kernel.cgroup;

import org.jspecify.annotations.Nullable;

/** A number that somebody has set for a group, whatever file of either version shows it. */
public enum Quantity {
    MAX_DEPTH(null, Quantity.NO_LIMIT),
    MAX_DESCENDANTS(null, Quantity.NO_LIMIT),

    /** Whether a new group of version 1 takes over its parent's cpuset. */
    CLONE_CHILDREN(null, 0),
    NOTIFY_ON_RELEASE(null, 0),

    /** Microseconds; no limit by default. */
    CPU_QUOTA(Controller.CPU, Quantity.NO_LIMIT),
    CPU_PERIOD(Controller.CPU, 100_000),
    CPU_BURST(Controller.CPU, 0),
    CPU_IDLE(Controller.CPU, 0),

    /** From 1 to 10000, as version 2 has it. */
    CPU_WEIGHT(Controller.CPU, 100),

    /** From 2 to 262144, as version 1 has it. */
    CPU_SHARES(Controller.CPU, 1024),

    MEMORY_MIN(Controller.MEMORY, 0),
    MEMORY_LOW(Controller.MEMORY, 0),
    MEMORY_HIGH(Controller.MEMORY, Quantity.NO_LIMIT),
    MEMORY_MAX(Controller.MEMORY, Quantity.NO_LIMIT),
    MEMORY_SOFT(Controller.MEMORY, Quantity.NO_LIMIT),
    MEMORY_OOM_GROUP(Controller.MEMORY, 0),
    MEMORY_SWAPPINESS(Controller.MEMORY, 60),
    MEMORY_MOVE_CHARGE(Controller.MEMORY, 0),

    PIDS_MAX(Controller.PIDS, Quantity.NO_LIMIT),

    JOB_ID(Controller.JOB, 0);

    /** What files show as {@code max}. */
    public static final long NO_LIMIT = Long.MAX_VALUE;

    private final @Nullable Controller controller;
    private final long standard;

    Quantity(@Nullable Controller controller, long standard) {
        this.controller = controller;
        this.standard = standard;
    }

    /** Null for what every group has. */
    @Nullable Controller controller() {
        return controller;
    }

    long standard() {
        return standard;
    }
}
