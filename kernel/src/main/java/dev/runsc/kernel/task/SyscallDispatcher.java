package dev.runsc.kernel.task;

import dev.runsc.gofer.abi.ErrnoException;

/** The system call table, seen from the task that runs below it. */
public interface SyscallDispatcher {
    /**
     * Returned by a call that set the registers itself (rt_sigreturn, execve) or does not return
     * (exit).
     */
    long NO_RESULT = Long.MIN_VALUE + 1;

    /**
     * Carries out the call in the task's registers.
     *
     * @return what goes to RAX, negative errno included, or {@link #NO_RESULT}
     * @throws dev.runsc.kernel.sync.InterruptedSyscall when a sleep was cut short
     */
    long dispatch(Task task) throws ErrnoException;
}
