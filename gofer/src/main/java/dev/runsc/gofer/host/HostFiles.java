package dev.runsc.gofer.host;

import static dev.runsc.gofer.abi.SyscallNumbers.SYS_dup3;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_fallocate;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_fchmod;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_fchown;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_fcntl;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_fdatasync;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_flock;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_fstat;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_fstatfs;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_fsync;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_ftruncate;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_getdents64;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_ioctl;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_lseek;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_memfd_create;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_pipe2;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_pread64;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_pwrite64;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_read;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_write;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.SeekWhence;
import dev.runsc.gofer.abi.Stat;
import dev.runsc.gofer.abi.Statfs;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/** Calls on an open descriptor. */
public final class HostFiles {
    private HostFiles() {}

    // Reading and writing. Memory is an address and a length, a native segment, or a buffer.

    /** read(2) into memory at an address; 0 at the end. */
    public static long read(int fd, long address, long lengthBytes) throws ErrnoException {
        return Syscall.fastCall(SYS_read, fd, address, lengthBytes, 0);
    }

    public static long write(int fd, long address, long lengthBytes) throws ErrnoException {
        return Syscall.fastCall(SYS_write, fd, address, lengthBytes, 0);
    }

    /** As {@link #read(int, long, long)}, but a failure is the negated error number: for EAGAIN. */
    public static long tryRead(int fd, long address, long lengthBytes) {
        return Syscall.fast(SYS_read, fd, address, lengthBytes, 0, 0, 0);
    }

    public static long tryWrite(int fd, long address, long lengthBytes) {
        return Syscall.fast(SYS_write, fd, address, lengthBytes, 0, 0, 0);
    }

    public static long pread(int fd, long address, long lengthBytes, long offset)
            throws ErrnoException {
        return Syscall.fastCall(SYS_pread64, fd, address, lengthBytes, offset);
    }

    public static long pwrite(int fd, long address, long lengthBytes, long offset)
            throws ErrnoException {
        return Syscall.fastCall(SYS_pwrite64, fd, address, lengthBytes, offset);
    }

    /** pread(2) into a native segment, as much as it holds. */
    public static long pread(int fd, MemorySegment target, long offset) throws ErrnoException {
        requireNative(target);
        return pread(fd, target.address(), target.byteSize(), offset);
    }

    /** pwrite(2) from a native segment. */
    public static long pwrite(int fd, MemorySegment source, long offset) throws ErrnoException {
        requireNative(source);
        return pwrite(fd, source.address(), source.byteSize(), offset);
    }

    /**
     * read(2) into what remains of a buffer, whose position moves; at most 16 KiB for a heap
     * buffer.
     */
    public static int read(int fd, ByteBuffer target) throws ErrnoException {
        return receive(SYS_read, fd, target, 0);
    }

    public static int pread(int fd, ByteBuffer target, long offset) throws ErrnoException {
        return receive(SYS_pread64, fd, target, offset);
    }

    /** write(2) of what remains of a buffer, whose position moves by what was written. */
    public static int write(int fd, ByteBuffer source) throws ErrnoException {
        return send(SYS_write, fd, source, 0);
    }

    public static int pwrite(int fd, ByteBuffer source, long offset) throws ErrnoException {
        return send(SYS_pwrite64, fd, source, offset);
    }

    /** Writes all that remains, however many calls it takes. */
    public static void writeFully(int fd, ByteBuffer source) throws ErrnoException {
        while (source.hasRemaining()) {
            write(fd, source);
        }
    }

    private static int receive(int number, int fd, ByteBuffer target, long offset)
            throws ErrnoException {
        int position = target.position();
        if (target.isDirect()) {
            long address = MemorySegment.ofBuffer(target).address();
            int count = (int) Syscall.call(number, fd, address, target.remaining(), offset);
            target.position(position + count);
            return count;
        }
        Scratch scratch = Scratch.get();
        int length = Math.min(target.remaining(), Scratch.DATA_BYTES);
        int count = (int) Syscall.call(number, fd, scratch.dataAddress(), length, offset);
        target.put(scratch.data().limit(count));
        return count;
    }

    private static int send(int number, int fd, ByteBuffer source, long offset)
            throws ErrnoException {
        int position = source.position();
        int count;
        if (source.isDirect()) {
            long address = MemorySegment.ofBuffer(source).address();
            count = (int) Syscall.call(number, fd, address, source.remaining(), offset);
        } else {
            Scratch scratch = Scratch.get();
            int length = Math.min(source.remaining(), Scratch.DATA_BYTES);
            scratch.data().put(0, source, position, length);
            count = (int) Syscall.call(number, fd, scratch.dataAddress(), length, offset);
        }
        source.position(position + count);
        return count;
    }

    private static void requireNative(MemorySegment segment) {
        if (!segment.isNative()) {
            throw new IllegalArgumentException("a heap segment has no address");
        }
    }

    // Position and size.

    public static long lseek(int fd, long offset, int whence) throws ErrnoException {
        return Syscall.call(SYS_lseek, fd, offset, whence);
    }

    /** The first byte at or after {@code offset} that is not in a hole; -1 when there is none. */
    public static long seekData(int fd, long offset) throws ErrnoException {
        long result = Syscall.raw(SYS_lseek, fd, offset, SeekWhence.SEEK_DATA, 0, 0, 0);
        return result == Errno.ENXIO.result() ? -1 : Syscall.check(result);
    }

    /** The first byte at or after {@code offset} that is in a hole, or the end of the file. */
    public static long seekHole(int fd, long offset) throws ErrnoException {
        return Syscall.call(SYS_lseek, fd, offset, SeekWhence.SEEK_HOLE);
    }

    public static void ftruncate(int fd, long sizeBytes) throws ErrnoException {
        Syscall.call(SYS_ftruncate, fd, sizeBytes);
    }

    /** {@code mode} is from {@code FallocateModes}. */
    public static void fallocate(int fd, int mode, long offset, long lengthBytes)
            throws ErrnoException {
        Syscall.call(SYS_fallocate, fd, mode, offset, lengthBytes);
    }

    public static void fsync(int fd) throws ErrnoException {
        Syscall.call(SYS_fsync, fd);
    }

    public static void fdatasync(int fd) throws ErrnoException {
        Syscall.call(SYS_fdatasync, fd);
    }

    // Attributes.

    public static Stat fstat(int fd) throws ErrnoException {
        Scratch scratch = Scratch.get();
        Syscall.call(SYS_fstat, fd, scratch.dataAddress());
        return Stat.readFrom(scratch.data());
    }

    public static Statfs fstatfs(int fd) throws ErrnoException {
        Scratch scratch = Scratch.get();
        Syscall.call(SYS_fstatfs, fd, scratch.dataAddress());
        return Statfs.readFrom(scratch.data());
    }

    public static void fchmod(int fd, int mode) throws ErrnoException {
        Syscall.call(SYS_fchmod, fd, mode);
    }

    /** -1 leaves an id alone. */
    public static void fchown(int fd, int uid, int gid) throws ErrnoException {
        Syscall.call(SYS_fchown, fd, uid, gid);
    }

    // Directories.

    /**
     * getdents64(2): fills a direct buffer from its position with {@code Dirent64} records and
     * moves the position past them. Returns the bytes, 0 at the end.
     */
    public static int getdents64(int fd, ByteBuffer target) throws ErrnoException {
        if (!target.isDirect()) {
            throw new IllegalArgumentException("directory entries need a direct buffer");
        }
        return receive(SYS_getdents64, fd, target, 0);
    }

    // Descriptors.

    /** dup3(2) onto a chosen number. */
    public static void dup3(int fd, int newFd, int flags) throws ErrnoException {
        Syscall.call(SYS_dup3, fd, newFd, flags);
    }

    public static int fcntl(int fd, int command, long argument) throws ErrnoException {
        return (int) Syscall.call(SYS_fcntl, fd, command, argument);
    }

    /**
     * {@code operation} is {@code LOCK_*} of {@code FcntlCommands}; waits unless LOCK_NB is in it.
     */
    public static void flock(int fd, int operation) throws ErrnoException {
        Syscall.call(SYS_flock, fd, operation);
    }

    /** ioctl(2) with a number as argument. */
    public static int ioctl(int fd, int request, long argument) throws ErrnoException {
        return (int) Syscall.call(SYS_ioctl, fd, Integer.toUnsignedLong(request), argument);
    }

    /** ioctl(2) with a pointer to {@code inOut}, which is sent and replaced by what came back. */
    public static int ioctl(int fd, int request, byte[] inOut) throws ErrnoException {
        Scratch scratch = Scratch.get();
        if (inOut.length > Scratch.DATA_BYTES) {
            throw new IllegalArgumentException("ioctl argument of " + inOut.length + " bytes");
        }
        scratch.data().put(inOut);
        long code = Integer.toUnsignedLong(request);
        int result = (int) Syscall.call(SYS_ioctl, fd, code, scratch.dataAddress());
        scratch.data().get(inOut);
        return result;
    }

    /** A new memory file. {@code flags} are {@code MFD_*} of {@code DescriptorFlags}. */
    public static HostFd memfdCreate(String name, int flags) throws ErrnoException {
        Scratch scratch = Scratch.get();
        long path = scratch.path(Scratch.utf8(name));
        return HostFd.own((int) Syscall.call(SYS_memfd_create, path, flags));
    }

    /** pipe2(2): the end to read, the end to write. */
    public static HostFd[] pipe2(int flags) throws ErrnoException {
        Scratch scratch = Scratch.get();
        Syscall.call(SYS_pipe2, scratch.dataAddress(), flags);
        ByteBuffer data = scratch.data();
        return new HostFd[] {HostFd.own(data.getInt()), HostFd.own(data.getInt())};
    }
}
