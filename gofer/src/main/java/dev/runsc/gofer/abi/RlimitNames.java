package dev.runsc.gofer.abi;

/** The names of setrlimit(2), which are those of {@link RLimits}' constants. */
public final class RlimitNames {
    private static final ConstantNames NAMES = ConstantNames.of(RLimits.class, "RLIMIT_");

    private RlimitNames() {}

    /** The name of a limit, {@code RLIMIT_} before it; the number when there is none. */
    public static String of(int number) {
        return NAMES.value(number);
    }

    /** The number of {@code RLIMIT_NAME}, or -1. */
    public static int find(String name) {
        return NAMES.find(name);
    }
}
