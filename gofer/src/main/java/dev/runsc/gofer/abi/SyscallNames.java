package dev.runsc.gofer.abi;

import java.lang.reflect.Field;
import java.util.HashMap;
import java.util.Map;

/** The names of the system calls, which are those of {@link SyscallNumbers}' constants. */
public final class SyscallNames {
    private static final String PREFIX = "SYS_";

    private static final Map<String, Integer> NUMBERS = numbers();

    private SyscallNames() {}

    private static Map<String, Integer> numbers() {
        Map<String, Integer> numbers = new HashMap<>();
        for (Field field : SyscallNumbers.class.getFields()) {
            if (field.getName().startsWith(PREFIX)) {
                try {
                    numbers.put(field.getName().substring(PREFIX.length()), field.getInt(null));
                } catch (IllegalAccessException e) {
                    throw new AssertionError(e);
                }
            }
        }
        return numbers;
    }

    /** The number of a call, -1 when there is none of that name on x86-64. */
    public static int find(String name) {
        return NUMBERS.getOrDefault(name, -1);
    }
}
