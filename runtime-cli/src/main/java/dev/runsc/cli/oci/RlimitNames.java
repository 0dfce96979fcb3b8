package dev.runsc.cli.oci;

import java.util.List;

/** The names of setrlimit(2), in number order (asm-generic/resource.h). */
public final class RlimitNames {
    private static final List<String> NAMES =
            List.of(
                    "CPU",
                    "FSIZE",
                    "DATA",
                    "STACK",
                    "CORE",
                    "RSS",
                    "NPROC",
                    "NOFILE",
                    "MEMLOCK",
                    "AS",
                    "LOCKS",
                    "SIGPENDING",
                    "MSGQUEUE",
                    "NICE",
                    "RTPRIO",
                    "RTTIME");

    private static final String PREFIX = "RLIMIT_";

    private RlimitNames() {}

    /** The number of {@code RLIMIT_NAME}, or -1. */
    public static int find(String name) {
        return name.startsWith(PREFIX) ? NAMES.indexOf(name.substring(PREFIX.length())) : -1;
    }
}
