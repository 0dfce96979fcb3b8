package dev.runsc.gofer.host;

import static dev.runsc.gofer.abi.SyscallNumbers.SYS_fgetxattr;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_flistxattr;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_fremovexattr;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_fsetxattr;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.XattrFlags;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Extended attributes of an open file (xattr(7)). */
public final class HostXattr {
    private HostXattr() {}

    /** The value of an attribute; ENODATA when there is none. */
    public static byte[] get(int fd, byte[] name) throws ErrnoException {
        return fetch(SYS_fgetxattr, fd, Scratch.get().path(name), XattrFlags.XATTR_SIZE_MAX);
    }

    /** The names, each with a zero behind it. */
    public static byte[] list(int fd) throws ErrnoException {
        return fetch(SYS_flistxattr, fd, 0, XattrFlags.XATTR_LIST_MAX);
    }

    private static byte[] fetch(int number, int fd, long name, int limitBytes)
            throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment room = arena.allocate(limitBytes);
            long length =
                    number == SYS_flistxattr
                            ? Syscall.call(number, fd, room.address(), limitBytes)
                            : Syscall.call(number, fd, name, room.address(), limitBytes);
            return room.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    /** {@code flags} are 0, XATTR_CREATE or XATTR_REPLACE. */
    public static void set(int fd, byte[] name, byte[] value, int flags) throws ErrnoException {
        if (value.length > XattrFlags.XATTR_SIZE_MAX) {
            throw Errno.E2BIG.error();
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment copy = arena.allocate(Math.max(value.length, 1));
            MemorySegment.copy(value, 0, copy, ValueLayout.JAVA_BYTE, 0, value.length);
            long text = Scratch.get().path(name);
            Syscall.call(SYS_fsetxattr, fd, text, copy.address(), value.length, flags);
        }
    }

    public static void remove(int fd, byte[] name) throws ErrnoException {
        Syscall.call(SYS_fremovexattr, fd, Scratch.get().path(name));
    }
}
