package dev.runsc.kernel.syscalls;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.task.Task;
import org.jspecify.annotations.Nullable;

/**
 * One row of the {@link SyscallTable}.
 *
 * @param number as in asm/unistd_64.h
 * @param support how much of it there is
 * @param handler null when refused
 * @param refusal what a refused call answers
 * @param note what is missing or why it is refused; empty when there is nothing to say
 * @param shapes of the arguments, for tracing and documentation
 */
public record Syscall(
        int number,
        String name,
        Support support,
        @Nullable Handler handler,
        @Nullable Errno refusal,
        String note,
        Shape... shapes) {

    /** How much of a call is there. */
    public enum Support {
        FULL,
        PARTIAL,
        REFUSED
    }

    /** Carries out a call: decodes, checks, calls one subsystem, encodes. */
    @FunctionalInterface
    public interface Handler {
        long call(Task task, Args args) throws ErrnoException;
    }

    static Syscall full(int number, String name, Handler handler, Shape... shapes) {
        return new Syscall(number, name, Support.FULL, handler, null, "", shapes);
    }

    static Syscall partial(int number, String name, Handler handler, String note, Shape... shapes) {
        return new Syscall(number, name, Support.PARTIAL, handler, null, note, shapes);
    }

    static Syscall refused(int number, String name, Errno errno, String note) {
        return new Syscall(number, name, Support.REFUSED, null, errno, note);
    }
}
