package dev.runsc.kernel.syscalls;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.platform.Register;
import dev.runsc.kernel.task.SyscallDispatcher;
import dev.runsc.kernel.task.Task;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Finds the row of a call and carries it out; unknown numbers answer ENOSYS and are counted. */
public final class Dispatcher implements SyscallDispatcher {
    private static final int LIMIT = 512;

    private final @Nullable Syscall[] rows = new @Nullable Syscall[LIMIT];
    private final ConcurrentHashMap<Long, LongAdder> unknown = new ConcurrentHashMap<>();
    private final @Nullable SyscallTrace trace;

    /**
     * @param trace prints each call when not null
     */
    public Dispatcher(@Nullable SyscallTrace trace) {
        this.trace = trace;
        for (Syscall row : SyscallTable.ROWS) {
            rows[row.number()] = row;
        }
    }

    @Override
    public long dispatch(Task task) throws ErrnoException {
        long number = task.context().register(Register.RAX);
        Syscall row = number >= 0 && number < LIMIT ? rows[(int) number] : null;
        if (row == null) {
            unknown.computeIfAbsent(number, n -> new LongAdder()).increment();
            if (trace != null) {
                trace.unknown(task, number);
            }
            throw Errno.ENOSYS.error();
        }
        Args args = new Args(task);
        return trace == null ? call(row, task, args) : trace.traced(row, task, args);
    }

    static long call(Syscall row, Task task, Args args) throws ErrnoException {
        Syscall.Handler handler = row.handler();
        if (handler == null) {
            Errno refusal = row.refusal();
            throw (refusal == null ? Errno.ENOSYS : refusal).error();
        }
        return handler.call(task, args);
    }

    /** Calls that have no row, by number, with how often they came. */
    public Map<Long, Long> unknownCalls() {
        TreeMap<Long, Long> counts = new TreeMap<>();
        unknown.forEach((number, count) -> counts.put(number, count.sum()));
        return counts;
    }
}
