package dev.runsc.gofer.abi;

/** The names of the system calls, which are those of {@link SyscallNumbers}' constants. */
public final class SyscallNames {
    private static final String PREFIX = "SYS_";

    private static final ConstantNames NUMBERS = ConstantNames.of(SyscallNumbers.class, PREFIX);

    private SyscallNames() {}

    /** The number of a call, -1 when there is none of that name on x86-64. */
    public static int find(String name) {
        return NUMBERS.find(PREFIX + name);
    }
}
