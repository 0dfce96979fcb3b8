package dev.runsc.kernel.fs.dev;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.Stat;
import dev.runsc.gofer.host.HostRandom;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.Location;
import java.lang.foreign.MemorySegment;

/** An open memory device. Randomness is drawn anew after each restore: nothing of it is saved. */
final class MemoryDeviceFile extends FileDescription {
    private static final int CHUNK_BYTES = 4096;
    private static final HostRandom RANDOM = new HostRandom();

    private final MemoryDevice device;
    private final Location location;

    MemoryDeviceFile(MemoryDevice device, Location location, int flags) {
        super(
                flags
                        & ~(OpenFlags.O_CREAT
                                | OpenFlags.O_EXCL
                                | OpenFlags.O_NOCTTY
                                | OpenFlags.O_TRUNC
                                | OpenFlags.O_CLOEXEC));
        this.device = device;
        this.location = location;
    }

    @Override
    public boolean isSeekable() {
        return true;
    }

    @Override
    public boolean isPollable() {
        return device == MemoryDevice.RANDOM || device == MemoryDevice.URANDOM;
    }

    @Override
    public long read(Caller caller, UserBuffer target) throws ErrnoException {
        return switch (device) {
            case NULL -> 0;
            case ZERO, FULL -> target.putZeros(target.remaining());
            case RANDOM, URANDOM -> readRandom(target);
        };
    }

    private static long readRandom(UserBuffer target) throws ErrnoException {
        byte[] chunk = new byte[CHUNK_BYTES];
        long done = 0;
        while (target.remaining() > 0) {
            RANDOM.nextBytes(chunk);
            long put = target.put(MemorySegment.ofArray(chunk));
            done += put;
            if (put < chunk.length) {
                break;
            }
        }
        return done;
    }

    @Override
    public long write(Caller caller, UserBuffer source) throws ErrnoException {
        if (device == MemoryDevice.FULL) {
            throw Errno.ENOSPC.error();
        }
        long length = source.remaining();
        source.skip(length);
        return length;
    }

    @Override
    public long readAt(Caller caller, UserBuffer target, long offset) throws ErrnoException {
        return read(caller, target);
    }

    @Override
    public long writeAt(Caller caller, UserBuffer source, long offset) throws ErrnoException {
        return write(caller, source);
    }

    @Override
    public long seek(Caller caller, long offset, int whence) {
        return 0;
    }

    @Override
    public Stat stat(Caller caller) throws ErrnoException {
        return location.inode().stat(caller);
    }

    @Override
    public Inode inode() {
        return location.inode();
    }

    @Override
    public Location location() {
        return location;
    }
}
