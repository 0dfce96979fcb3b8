package dev.runsc.kernel.syscalls;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.platform.Register;
import dev.runsc.kernel.sync.InterruptedSyscall;
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
    private volatile @Nullable SyscallTrace trace;
    private volatile @Nullable CallObserver observer;
    private volatile @Nullable UnknownCallListener listener;

    /**
     * @param trace prints each call when not null
     */
    public Dispatcher(@Nullable SyscallTrace trace) {
        this.trace = trace;
        for (Syscall row : SyscallTable.ROWS) {
            rows[row.number()] = row;
        }
    }

    /** Prints calls from now on, or no longer when null. */
    public void setTrace(@Nullable SyscallTrace changed) {
        trace = changed;
    }

    /** Tells somebody of calls from now on, or nobody when null. */
    public void observe(@Nullable CallObserver changed) {
        observer = changed;
    }

    /** Is told of the first call of each number that no row answers. */
    @FunctionalInterface
    public interface UnknownCallListener {
        void unknownCall(Task task, long number);
    }

    /** Tells somebody of unknown calls from now on, or nobody when null. */
    public void onUnknownCall(@Nullable UnknownCallListener changed) {
        listener = changed;
    }

    @Override
    public long dispatch(Task task) throws ErrnoException {
        long number = task.context().register(Register.RAX);
        Syscall row = number >= 0 && number < LIMIT ? rows[(int) number] : null;
        SyscallTrace tracing = trace;
        CallObserver observing = observer;
        if (row == null) {
            unknown(task, number, tracing);
            throw Errno.ENOSYS.error();
        }
        Args args = new Args(task);
        if (observing == null) {
            return tracing == null ? call(row, task, args) : tracing.traced(row, task, args);
        }
        return observed(row, task, args, tracing, observing);
    }

    private void unknown(Task task, long number, @Nullable SyscallTrace tracing) {
        LongAdder count = unknown.computeIfAbsent(number, n -> new LongAdder());
        if (tracing != null) {
            tracing.unknown(task, number);
        }
        UnknownCallListener told = listener;
        if (told != null && count.sum() == 0) {
            told.unknownCall(task, number);
        }
        count.increment();
    }

    private static long observed(
            Syscall row,
            Task task,
            Args args,
            @Nullable SyscallTrace tracing,
            CallObserver observing)
            throws ErrnoException {
        // An execve leaves no registers to look at: what is told after it is kept from before.
        Object entry = observing.entered(row, task, args);
        try {
            long result = tracing == null ? call(row, task, args) : tracing.traced(row, task, args);
            observing.left(row, task, entry, result == NO_RESULT ? 0 : result);
            return result;
        } catch (ErrnoException failed) {
            if (!(failed instanceof InterruptedSyscall)) {
                observing.left(row, task, entry, failed.errno().result());
            }
            throw failed;
        }
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
