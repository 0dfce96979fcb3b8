package dev.runsc.kernel.fs.pipe;

import dev.runsc.gofer.abi.Capabilities;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FcntlCommands;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.Ioctls;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.Stat;
import dev.runsc.gofer.abi.Timespec;
import dev.runsc.kernel.memory.MemoryManager;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.sync.Waiter;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.Location;
import org.jspecify.annotations.Nullable;

/** An open end of a pipe, or of a FIFO when it has a place in the tree. */
public final class PipeEnd extends FileDescription {
    private final PipeFiles files;
    private final PipeBuffer pipe;
    private final long inodeNumber;
    private final long deviceId;
    private final int uid;
    private final int gid;

    /** Nanoseconds since 1970. */
    private final long createdNanos;

    /** Where a FIFO lies; null for pipe(2). */
    private final @Nullable Location location;

    /** An end that the pipe has counted already. */
    PipeEnd(
            PipeBuffer pipe,
            int statusFlags,
            PipeFiles files,
            long inodeNumber,
            Caller caller,
            @Nullable Location location) {
        super(statusFlags);
        this.files = files;
        this.pipe = pipe;
        this.inodeNumber = inodeNumber;
        this.deviceId = files.deviceId();
        this.uid = caller.credentials().fsUid();
        this.gid = caller.credentials().fsGid();
        this.createdNanos = files.nowNanos();
        this.location = location;
    }

    @Override
    protected void closed() {
        pipe.close(isReadable(), isWritable());
    }

    @Override
    public boolean isSeekable() {
        return false;
    }

    @Override
    public long read(Caller caller, UserBuffer target) throws ErrnoException {
        return pipe.read(target);
    }

    @Override
    public long write(Caller caller, UserBuffer source) throws ErrnoException {
        return pipe.write(source, (statusFlags() & OpenFlags.O_DIRECT) != 0);
    }

    @Override
    public int readiness() {
        return pipe.readiness(isReadable(), isWritable());
    }

    @Override
    public void addWaiter(Waiter waiter, int events) {
        pipe.queue().add(waiter, events);
    }

    @Override
    public void removeWaiter(Waiter waiter) {
        pipe.queue().remove(waiter);
    }

    @Override
    public Stat stat(Caller caller) throws ErrnoException {
        if (location != null) {
            return location.inode().stat(caller);
        }
        Timespec created =
                new Timespec(createdNanos / 1_000_000_000L, createdNanos % 1_000_000_000L);
        return new Stat(
                deviceId,
                inodeNumber,
                1,
                FileMode.S_IFIFO | 0600,
                uid,
                gid,
                0,
                0,
                PipeBuffer.PIPE_BUF,
                0,
                created,
                created,
                created);
    }

    @Override
    public long ioctl(Caller caller, MemoryManager memory, int request, long argument)
            throws ErrnoException {
        if (request == Ioctls.FIONREAD) {
            memory.writeInt(argument, pipe.available());
            return 0;
        }
        throw Errno.ENOTTY.error();
    }

    @Override
    public long control(Caller caller, int command, long argument) throws ErrnoException {
        return switch (command) {
            case FcntlCommands.F_GETPIPE_SZ -> pipe.capacity();
            case FcntlCommands.F_SETPIPE_SZ ->
                    pipe.setCapacity(
                            Integer.toUnsignedLong((int) argument),
                            caller.credentials().has(Capabilities.CAP_SYS_RESOURCE));
            default -> super.control(caller, command, argument);
        };
    }

    /** Copies from the pipe without taking: tee(2). As {@link #read} otherwise. */
    public long peek(UserBuffer target) throws ErrnoException {
        return pipe.peek(target);
    }

    /** Puts back what was just read and could not be passed on. */
    public void unread(byte[] data, int from, int length) {
        pipe.unread(data, from, length);
    }

    /** Adds bytes without regard to the capacity. */
    public void force(byte[] data, int from, int length) {
        pipe.force(data, from, length);
    }

    /** Whether both are ends of one pipe. */
    public boolean isSamePipe(PipeEnd other) {
        return pipe == other.pipe;
    }

    @Override
    public FileDescription reopen(Caller caller, int flags) throws ErrnoException {
        return location == null
                ? files.open(caller, pipe, flags, inodeNumber)
                : super.reopen(caller, flags);
    }

    @Override
    public @Nullable Inode inode() {
        return location == null ? null : location.inode();
    }

    @Override
    public @Nullable Location location() {
        return location;
    }

    @Override
    public String anonymousName() {
        return "pipe:[" + inodeNumber + "]";
    }
}
