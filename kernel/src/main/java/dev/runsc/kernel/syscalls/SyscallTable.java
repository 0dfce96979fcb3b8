package dev.runsc.kernel.syscalls;

import java.util.List;
import java.util.stream.Stream;

/**
 * The x86-64 system calls, one row each, in number order (asm/unistd_64.h). A number without a row
 * answers ENOSYS and is counted. {@code runsc help syscalls} and docs/generated/syscalls.md are
 * printed from here.
 */
public final class SyscallTable {
    public static final List<Syscall> ROWS =
            Stream.of(EarlierSyscalls.ROWS, LaterSyscalls.ROWS).flatMap(List::stream).toList();

    private SyscallTable() {}
}
