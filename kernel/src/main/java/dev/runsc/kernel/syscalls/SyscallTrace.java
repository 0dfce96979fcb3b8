package dev.runsc.kernel.syscalls;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.sync.InterruptedSyscall;
import dev.runsc.kernel.task.SyscallDispatcher;
import dev.runsc.kernel.task.Task;
import java.util.Set;
import java.util.function.Consumer;

/** Prints calls in the manner of strace(1), from the shapes in the table. */
public final class SyscallTrace {
    private final Consumer<String> out;
    private final Set<String> only;
    private final CallText text;

    /**
     * @param out takes one line per call
     * @param only names of calls to print; empty for all
     * @param bytesMax the longest piece of a buffer that is printed
     */
    public SyscallTrace(Consumer<String> out, Set<String> only, int bytesMax) {
        this.out = out;
        this.only = only;
        this.text = new CallText(bytesMax);
    }

    long traced(Syscall row, Task task, Args args) throws ErrnoException {
        if (!only.isEmpty() && !only.contains(row.name())) {
            return Dispatcher.call(row, task, args);
        }
        String who = "[" + task.tid() + " " + task.name() + "] ";
        String[] shown = text.entered(row, task, args);
        try {
            long result = Dispatcher.call(row, task, args);
            out.accept(
                    who
                            + (result == SyscallDispatcher.NO_RESULT
                                    ? text.call(row, shown) + " = ?"
                                    : text.call(row, shown, task, args, result)));
            return result;
        } catch (InterruptedSyscall interrupted) {
            String call = text.call(row, shown);
            out.accept(who + call + " = ? (interrupted, " + interrupted.restart() + ")");
            throw interrupted;
        } catch (ErrnoException failed) {
            Errno errno = failed.errno();
            String call = text.call(row, shown);
            out.accept(who + call + " = -1 " + errno + " (" + errno.message() + ")");
            throw failed;
        }
    }

    void unknown(Task task, long number) {
        out.accept("[" + task.tid() + " " + task.name() + "] syscall_" + number + " = -1 ENOSYS");
    }
}
