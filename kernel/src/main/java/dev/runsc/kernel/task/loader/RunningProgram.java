package dev.runsc.kernel.task.loader;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.memory.ProgramHold;
import dev.runsc.kernel.vfs.Inode;
import java.util.concurrent.atomic.AtomicInteger;

/** Forbids writers of a program's file. */
final class RunningProgram implements ProgramHold {
    private final Inode inode;
    private final AtomicInteger users = new AtomicInteger(1);

    private RunningProgram(Inode inode) {
        this.inode = inode;
    }

    /** With one user. ETXTBSY when somebody has the file open for writing. */
    static RunningProgram of(Inode inode) throws ErrnoException {
        inode.denyWriting();
        return new RunningProgram(inode);
    }

    @Override
    public void retain() {
        users.incrementAndGet();
    }

    @Override
    public void release() {
        if (users.decrementAndGet() == 0) {
            inode.allowWriting();
        }
    }
}
