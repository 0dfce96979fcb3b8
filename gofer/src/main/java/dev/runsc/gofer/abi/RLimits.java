package dev.runsc.gofer.abi;

/**
 * Resource names of getrlimit(2), selectors of getrusage(2) and getpriority(2). Names and values
 * are those of the Linux x86-64 headers.
 */
public final class RLimits {
    public static final int PRIO_PROCESS = 0;
    public static final int PRIO_PGRP = 1;
    public static final int PRIO_USER = 2;
    public static final int PRIO_MAX = 20;
    public static final int PRIO_MIN = -20;

    public static final int RLIM_NLIMITS = 16;
    public static final int RLIM_INFINITY = -1;

    public static final int RLIMIT_CPU = 0;
    public static final int RLIMIT_FSIZE = 1;
    public static final int RLIMIT_DATA = 2;
    public static final int RLIMIT_STACK = 3;
    public static final int RLIMIT_CORE = 4;
    public static final int RLIMIT_RSS = 5;
    public static final int RLIMIT_NPROC = 6;
    public static final int RLIMIT_NOFILE = 7;
    public static final int RLIMIT_MEMLOCK = 8;
    public static final int RLIMIT_AS = 9;
    public static final int RLIMIT_LOCKS = 10;
    public static final int RLIMIT_SIGPENDING = 11;
    public static final int RLIMIT_MSGQUEUE = 12;
    public static final int RLIMIT_NICE = 13;
    public static final int RLIMIT_RTPRIO = 14;
    public static final int RLIMIT_RTTIME = 15;

    public static final int RUSAGE_SELF = 0;
    public static final int RUSAGE_THREAD = 1;
    public static final int RUSAGE_BOTH = -2;
    public static final int RUSAGE_CHILDREN = -1;

    private RLimits() {}
}
