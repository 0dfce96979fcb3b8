package dev.runsc.cli.oci;

import dev.runsc.gofer.abi.Capabilities;
import java.util.List;
import java.util.Locale;

/** The names of capabilities(7), in number order. */
public final class CapabilityNames {
    private static final List<String> NAMES =
            List.of(
                    "CHOWN",
                    "DAC_OVERRIDE",
                    "DAC_READ_SEARCH",
                    "FOWNER",
                    "FSETID",
                    "KILL",
                    "SETGID",
                    "SETUID",
                    "SETPCAP",
                    "LINUX_IMMUTABLE",
                    "NET_BIND_SERVICE",
                    "NET_BROADCAST",
                    "NET_ADMIN",
                    "NET_RAW",
                    "IPC_LOCK",
                    "IPC_OWNER",
                    "SYS_MODULE",
                    "SYS_RAWIO",
                    "SYS_CHROOT",
                    "SYS_PTRACE",
                    "SYS_PACCT",
                    "SYS_ADMIN",
                    "SYS_BOOT",
                    "SYS_NICE",
                    "SYS_RESOURCE",
                    "SYS_TIME",
                    "SYS_TTY_CONFIG",
                    "MKNOD",
                    "LEASE",
                    "AUDIT_WRITE",
                    "AUDIT_CONTROL",
                    "SETFCAP",
                    "MAC_OVERRIDE",
                    "MAC_ADMIN",
                    "SYSLOG",
                    "WAKE_ALARM",
                    "BLOCK_SUSPEND",
                    "AUDIT_READ",
                    "PERFMON",
                    "BPF",
                    "CHECKPOINT_RESTORE");

    /** All there are. */
    public static final long ALL = (1L << (Capabilities.CAP_LAST_CAP + 1)) - 1;

    private CapabilityNames() {}

    /** The number of {@code CAP_NAME} or {@code NAME} in any case, or -1. */
    public static int find(String name) {
        String upper = name.toUpperCase(Locale.ROOT);
        return NAMES.indexOf(upper.startsWith("CAP_") ? upper.substring(4) : upper);
    }

    /** {@code CAP_NAME} of a number. */
    public static String name(int number) {
        return "CAP_" + NAMES.get(number);
    }
}
