package dev.runsc.kernel.sync;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;

/**
 * A sleep that a signal or an external stop cut short, on its way to the end of the system call.
 * Only the exit path of the call sees which kind it is; were it to leak to a guest it would read as
 * EINTR. See Linux include/linux/errno.h.
 */
public final class InterruptedSyscall extends ErrnoException {
    private static final long serialVersionUID = 1;

    /** What happens when the call ended by a signal that has a handler. */
    public enum Restart {
        /** ERESTARTSYS: restarted if the handler has SA_RESTART, else EINTR. */
        SYSTEM,
        /** ERESTARTNOINTR: always restarted. */
        ALWAYS,
        /** ERESTARTNOHAND: EINTR if there is a handler, else restarted. */
        NO_HANDLER,
        /**
         * ERESTART_RESTARTBLOCK: EINTR if there is a handler, else goes on to its saved deadline.
         */
        BLOCK
    }

    public static final InterruptedSyscall SYSTEM = new InterruptedSyscall(Restart.SYSTEM);
    public static final InterruptedSyscall ALWAYS = new InterruptedSyscall(Restart.ALWAYS);
    public static final InterruptedSyscall NO_HANDLER = new InterruptedSyscall(Restart.NO_HANDLER);
    public static final InterruptedSyscall BLOCK = new InterruptedSyscall(Restart.BLOCK);

    private final Restart restart;

    private InterruptedSyscall(Restart restart) {
        super(Errno.EINTR);
        this.restart = restart;
    }

    public Restart restart() {
        return restart;
    }
}
