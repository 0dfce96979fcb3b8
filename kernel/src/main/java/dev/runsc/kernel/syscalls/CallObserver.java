package dev.runsc.kernel.syscalls;

import dev.runsc.kernel.task.Task;
import org.jspecify.annotations.Nullable;

/**
 * Is told of system calls. Called on the thread of the task that makes them, without locks; a call
 * that is interrupted and made again is entered once more.
 */
public interface CallObserver {
    /** A call begins; what is returned comes back in {@link #left}. */
    @Nullable Object entered(Syscall row, Task task, Args args);

    /**
     * A call has ended, with success or not.
     *
     * @param entry what {@link #entered} returned
     * @param result what the guest finds in RAX: negative errnos included
     */
    void left(Syscall row, Task task, @Nullable Object entry, long result);
}
