package dev.runsc.kernel.memory;

import dev.runsc.state.Savable;

/**
 * Where the parts of a program lie in its address space (the {@code start_code} ... {@code env_end}
 * of Linux {@code struct mm_struct}): for /proc/pid/stat, cmdline, environ, auxv and
 * prctl(PR_SET_MM). All are guest addresses, ends exclusive.
 */
public record ProgramLayout(
        long startCode,
        long endCode,
        long startData,
        long endData,
        long startStack,
        long argStart,
        long argEnd,
        long envStart,
        long envEnd,
        long auxvStart,
        long auxvEnd)
        implements Savable {
    public static final ProgramLayout EMPTY = new ProgramLayout(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}
