package dev.runsc.kernel.fs.pipe;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.kernel.sync.InterruptedSyscall;
import dev.runsc.kernel.sync.Interruptible.Wake;
import dev.runsc.kernel.sync.ThreadWaiter;
import dev.runsc.kernel.vfs.AnonymousFileSystem;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FifoOpener;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.VirtualFileSystem;
import org.jspecify.annotations.Nullable;

/** Makes pipes (pipe2(2)) and opens FIFOs (fifo(7)). */
public final class PipeFiles implements FifoOpener {
    private static final long PIPEFS_MAGIC = 0x50495045;
    private static final int KEPT_FLAGS =
            OpenFlags.O_ACCMODE | OpenFlags.O_NONBLOCK | OpenFlags.O_DIRECT | OpenFlags.O_APPEND;

    private final AnonymousFileSystem fileSystem;

    public PipeFiles(VirtualFileSystem vfs) {
        fileSystem = new AnonymousFileSystem(vfs, "pipefs", PIPEFS_MAGIC);
    }

    long deviceId() {
        return fileSystem.deviceId();
    }

    long nowNanos() {
        return fileSystem.now();
    }

    /** The two ends of a new pipe, the reading one first. */
    public FileDescription[] create(Caller caller, int flags) {
        PipeBuffer pipe = new PipeBuffer();
        pipe.open(true, false);
        pipe.open(false, true);
        long number = fileSystem.newInodeNumber();
        int status = flags & (OpenFlags.O_NONBLOCK | OpenFlags.O_DIRECT);
        return new FileDescription[] {
            new PipeEnd(pipe, status | OpenFlags.O_RDONLY, this, number, caller, null),
            new PipeEnd(pipe, status | OpenFlags.O_WRONLY, this, number, caller, null)
        };
    }

    /** Another end of a pipe, through /proc/pid/fd. */
    FileDescription open(Caller caller, PipeBuffer pipe, int flags, long number) {
        count(pipe, flags);
        return new PipeEnd(pipe, flags & KEPT_FLAGS, this, number, caller, null);
    }

    private static long count(PipeBuffer pipe, int flags) {
        int access = flags & OpenFlags.O_ACCMODE;
        return pipe.open(access != OpenFlags.O_WRONLY, access != OpenFlags.O_RDONLY);
    }

    @Override
    public FileDescription open(Caller caller, Location location, int flags) throws ErrnoException {
        PipeBuffer pipe = pipeOf(location.inode());
        int access = flags & OpenFlags.O_ACCMODE;
        boolean nonBlocking = (flags & OpenFlags.O_NONBLOCK) != 0;
        if (access == OpenFlags.O_WRONLY && nonBlocking && pipe.readers() == 0) {
            throw Errno.ENXIO.error();
        }
        long opensBefore = count(pipe, flags);
        PipeEnd end =
                new PipeEnd(
                        pipe,
                        flags & KEPT_FLAGS,
                        this,
                        location.inode().number(),
                        caller,
                        location);
        if (opensBefore != PipeBuffer.PARTNER_THERE && !nonBlocking) {
            try {
                awaitPartner(caller, pipe, access == OpenFlags.O_WRONLY, opensBefore);
            } catch (ErrnoException interrupted) {
                end.release();
                throw interrupted;
            }
        }
        return end;
    }

    /**
     * Sleeps until the other side has been opened: a partner that has come counts more than a
     * signal (Linux wait_for_partner).
     */
    private static void awaitPartner(
            Caller caller, PipeBuffer pipe, boolean forReader, long opensBefore)
            throws ErrnoException {
        ThreadWaiter waiter = new ThreadWaiter();
        pipe.queue().add(waiter, PollEvents.POLLIN | PollEvents.POLLOUT);
        try {
            boolean interrupted = false;
            while (pipe.opens(forReader) == opensBefore) {
                if (interrupted) {
                    throw InterruptedSyscall.SYSTEM;
                }
                interrupted = caller.sleep(waiter, Caller.FOREVER) == Wake.INTERRUPTED;
            }
        } finally {
            pipe.queue().remove(waiter);
        }
    }

    private static synchronized PipeBuffer pipeOf(Inode inode) {
        @Nullable Object attached = inode.attachment();
        if (attached instanceof PipeBuffer pipe) {
            return pipe;
        }
        PipeBuffer pipe = new PipeBuffer();
        inode.setAttachment(pipe);
        return pipe;
    }
}
