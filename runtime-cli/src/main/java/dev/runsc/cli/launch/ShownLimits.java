package dev.runsc.cli.launch;

/**
 * How large a machine the guest is to see.
 *
 * @param processors 0 for those of the host
 * @param memoryBytes 0 for that of the host
 */
public record ShownLimits(int processors, long memoryBytes) {
    /** All of the host. */
    public static final ShownLimits NONE = new ShownLimits(0, 0);
}
