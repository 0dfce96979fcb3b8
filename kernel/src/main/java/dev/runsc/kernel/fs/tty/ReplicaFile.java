package dev.runsc.kernel.fs.tty;

import static dev.runsc.gofer.abi.SignalNumbers.SIGTTIN;
import static dev.runsc.gofer.abi.SignalNumbers.SIGTTOU;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.Ioctls;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.gofer.abi.TermiosFlags;
import dev.runsc.kernel.fs.tty.Modes.Patience;
import dev.runsc.kernel.memory.MemoryManager;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.sync.InterruptedSyscall;
import dev.runsc.kernel.sync.Interruptible.Wake;
import dev.runsc.kernel.sync.ThreadWaiter;
import dev.runsc.kernel.sync.WaitQueue;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.Location;

/** An open terminal as programs have it. */
final class ReplicaFile extends TerminalFile {
    private static final int DEAD =
            PollEvents.POLLIN
                    | PollEvents.POLLRDNORM
                    | PollEvents.POLLOUT
                    | PollEvents.POLLWRNORM
                    | PollEvents.POLLERR
                    | PollEvents.POLLHUP;

    /** The terminal's count of hang-ups when this was opened. */
    private final int born;

    /** A file that the terminal has counted already. */
    ReplicaFile(Terminal terminal, Location location, int flags) {
        super(terminal, location, flags);
        this.born = terminal.hangUps();
    }

    private boolean isDead() {
        return terminal().hangUps() != born;
    }

    @Override
    WaitQueue queue() {
        return terminal().replicaQueue();
    }

    @Override
    public long read(Caller caller, UserBuffer target) throws ErrnoException {
        if (isDead() || target.remaining() == 0) {
            return 0;
        }
        terminal().jobControl().check(caller, SIGTTIN);
        long result = terminal().readReplica(target, isNonBlocking(), false);
        if (result != WOULD_BLOCK || isNonBlocking()) {
            return result;
        }
        Patience patience = terminal().patience();
        return patience == null || patience.timeNanos() == 0
                ? WOULD_BLOCK
                : readTimed(caller, target, patience);
    }

    /** VTIME: from the start when VMIN is 0, else between one byte and the next. */
    private long readTimed(Caller caller, UserBuffer target, Patience patience)
            throws ErrnoException {
        ThreadWaiter waiter = new ThreadWaiter();
        long deadline =
                patience.atLeast() == 0 ? deadline(caller, patience.timeNanos()) : Caller.FOREVER;
        int seen = 0;
        queue().add(waiter, PollEvents.POLLIN | PollEvents.POLLHUP);
        try {
            Wake wake = Wake.NOTIFIED;
            while (true) {
                long result = isDead() ? 0 : terminal().readReplica(target, false, false);
                if (result != WOULD_BLOCK) {
                    return result;
                }
                int now = terminal().typedSize();
                if (now > seen) {
                    seen = now;
                    deadline = inode().fileSystem().vfs().clock().monotonicNanos();
                    deadline += patience.timeNanos();
                }
                switch (wake) {
                    case NOTIFIED -> wake = caller.sleep(waiter, deadline);
                    case TIMED_OUT -> {
                        return terminal().readReplica(target, false, true);
                    }
                    case INTERRUPTED -> throw InterruptedSyscall.SYSTEM;
                }
            }
        } finally {
            queue().remove(waiter);
        }
    }

    private static long deadline(Caller caller, long timeNanos) {
        Task task = JobControl.findTask(caller);
        return task == null ? Caller.FOREVER : task.blocking().deadline(timeNanos);
    }

    @Override
    public long write(Caller caller, UserBuffer source) throws ErrnoException {
        if (isDead()) {
            throw Errno.EIO.error();
        }
        if (terminal().modes().local(TermiosFlags.TOSTOP)) {
            terminal().jobControl().check(caller, SIGTTOU);
        }
        return source.remaining() == 0 ? 0 : terminal().writeReplica(source);
    }

    @Override
    public int readiness() {
        return isDead() ? DEAD : terminal().replicaReadiness();
    }

    @Override
    public long ioctl(Caller caller, MemoryManager memory, int request, long argument)
            throws ErrnoException {
        if (isDead()) {
            throw (request == Ioctls.TIOCSPGRP ? Errno.ENOTTY : Errno.EIO).error();
        }
        return new Requests(terminal(), caller, memory, isReadable(), false).run(request, argument);
    }

    @Override
    protected void opened(Caller caller, int flags) {
        if ((flags & OpenFlags.O_NOCTTY) == 0 && isReadable()) {
            terminal().jobControl().opened(caller);
        }
    }

    @Override
    protected void closed() {
        terminal().closeReplica();
    }
}
