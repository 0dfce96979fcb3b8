package dev.runsc.gofer.abi;

import java.util.List;

/** The names of setrlimit(2), which are those of {@link RLimits}' constants. */
public final class RlimitNames {
    /** By number. Every container's start looks some up: {@link ConstantNames} would cost 40 ms. */
    private static final List<String> NAMES =
            List.of(
                    "RLIMIT_CPU",
                    "RLIMIT_FSIZE",
                    "RLIMIT_DATA",
                    "RLIMIT_STACK",
                    "RLIMIT_CORE",
                    "RLIMIT_RSS",
                    "RLIMIT_NPROC",
                    "RLIMIT_NOFILE",
                    "RLIMIT_MEMLOCK",
                    "RLIMIT_AS",
                    "RLIMIT_LOCKS",
                    "RLIMIT_SIGPENDING",
                    "RLIMIT_MSGQUEUE",
                    "RLIMIT_NICE",
                    "RLIMIT_RTPRIO",
                    "RLIMIT_RTTIME");

    private RlimitNames() {}

    /** The name of a limit, {@code RLIMIT_} before it; the number when there is none. */
    public static String of(int number) {
        return number >= 0 && number < NAMES.size()
                ? NAMES.get(number)
                : "0x" + Integer.toHexString(number);
    }

    /** The number of {@code RLIMIT_NAME}, or -1. */
    public static int find(String name) {
        return NAMES.indexOf(name);
    }
}
