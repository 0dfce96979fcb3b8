package dev.runsc.gofer.host;

import static dev.runsc.gofer.abi.SyscallNumbers.SYS_fgetxattr;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_flistxattr;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_fremovexattr;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_fsetxattr;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.XattrFlags;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;

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
        Scratch scratch = Scratch.get();
        try {
            int length = fetch(number, fd, name, scratch.dataAddress(), Scratch.DATA_BYTES);
            return bytes(scratch.data(), length);
        } catch (ErrnoException e) {
            if (!e.is(Errno.ERANGE)) {
                throw e;
            }
        }
        // The buffer is read afterwards, so it is there during the call.
        ByteBuffer room = ByteBuffer.allocateDirect(limitBytes);
        return bytes(room, fetch(number, fd, name, Scratch.address(room), limitBytes));
    }

    private static int fetch(int number, int fd, long name, long room, int roomBytes)
            throws ErrnoException {
        return (int)
                (number == SYS_flistxattr
                        ? Syscall.call(number, fd, room, roomBytes)
                        : Syscall.call(number, fd, name, room, roomBytes));
    }

    private static byte[] bytes(ByteBuffer room, int length) {
        byte[] bytes = new byte[length];
        room.get(bytes);
        return bytes;
    }

    /** {@code flags} are 0, XATTR_CREATE or XATTR_REPLACE. */
    public static void set(int fd, byte[] name, byte[] value, int flags) throws ErrnoException {
        if (value.length > XattrFlags.XATTR_SIZE_MAX) {
            throw Errno.E2BIG.error();
        }
        Scratch scratch = Scratch.get();
        long text = scratch.path(name);
        boolean fits = value.length <= Scratch.DATA_BYTES;
        ByteBuffer copy = fits ? scratch.data() : ByteBuffer.allocateDirect(value.length);
        copy.put(value);
        long address = fits ? scratch.dataAddress() : Scratch.address(copy);
        try {
            Syscall.call(SYS_fsetxattr, fd, text, address, value.length, flags);
        } finally {
            Reference.reachabilityFence(copy);
        }
    }

    public static void remove(int fd, byte[] name) throws ErrnoException {
        Syscall.call(SYS_fremovexattr, fd, Scratch.get().path(name));
    }
}
