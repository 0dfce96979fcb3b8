package dev.runsc.gofer.abi;

/**
 * Policies and flags of sched_setattr(2), io priorities. Names and values are those of the Linux
 * x86-64 headers.
 */
public final class Sched {
    public static final int IOPRIO_CLASS_NONE = 0;
    public static final int IOPRIO_CLASS_RT = 1;
    public static final int IOPRIO_WHO_PROCESS = 1;
    public static final int IOPRIO_CLASS_BE = 2;
    public static final int IOPRIO_WHO_PGRP = 2;
    public static final int IOPRIO_CLASS_IDLE = 3;
    public static final int IOPRIO_WHO_USER = 3;
    public static final int IOPRIO_BE_NORM = 4;
    public static final int IOPRIO_NORM = 4;
    public static final int IOPRIO_CLASS_MASK = 7;
    public static final int IOPRIO_BE_NR = 8;
    public static final int IOPRIO_NR_LEVELS = 8;
    public static final int IOPRIO_CLASS_SHIFT = 13;

    public static final int SCHED_NORMAL = 0;
    public static final int SCHED_FIFO = 1;
    public static final int SCHED_FLAG_RESET_ON_FORK = 1;
    public static final int SCHED_FLAG_RECLAIM = 2;
    public static final int SCHED_RR = 2;
    public static final int SCHED_BATCH = 3;
    public static final int SCHED_FLAG_DL_OVERRUN = 4;
    public static final int SCHED_IDLE = 5;
    public static final int SCHED_DEADLINE = 6;
    public static final int SCHED_FLAG_KEEP_POLICY = 8;
    public static final int SCHED_FLAG_KEEP_PARAMS = 16;
    public static final int SCHED_FLAG_KEEP_ALL = 24;
    public static final int SCHED_FLAG_UTIL_CLAMP_MIN = 32;
    public static final int SCHED_ATTR_SIZE_VER0 = 48;
    public static final int SCHED_ATTR_SIZE_VER1 = 56;
    public static final int SCHED_FLAG_UTIL_CLAMP_MAX = 64;
    public static final int SCHED_FLAG_UTIL_CLAMP = 96;
    public static final int SCHED_FLAG_ALL = 127;
    public static final int SCHED_RESET_ON_FORK = 0x40000000;

    private Sched() {}
}
