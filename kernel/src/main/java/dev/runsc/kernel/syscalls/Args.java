package dev.runsc.kernel.syscalls;

import dev.runsc.kernel.platform.GuestContext;
import dev.runsc.kernel.platform.Register;
import dev.runsc.kernel.task.Task;

/**
 * The six arguments of a system call, read from the registers (System V ABI: rdi rsi rdx r10 r8
 * r9).
 */
public final class Args {
    private static final Register[] ORDER = {
        Register.RDI, Register.RSI, Register.RDX, Register.R10, Register.R8, Register.R9
    };

    private final GuestContext context;

    Args(Task task) {
        this.context = task.context();
    }

    /** All 64 bits. */
    public long longValue(int index) {
        return context.register(ORDER[index]);
    }

    /** The low 32 bits, as the C prototype's int or unsigned int. */
    public int integer(int index) {
        return (int) longValue(index);
    }

    /** A guest address, not checked. */
    public long address(int index) {
        return longValue(index);
    }

    /** A size_t, unsigned. */
    public long size(int index) {
        return longValue(index);
    }
}
