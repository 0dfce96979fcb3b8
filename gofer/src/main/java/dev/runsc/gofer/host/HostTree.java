package dev.runsc.gofer.host;

import static dev.runsc.gofer.abi.AtFlags.AT_EMPTY_PATH;
import static dev.runsc.gofer.abi.AtFlags.AT_FDCWD;
import static dev.runsc.gofer.abi.OpenFlags.O_CLOEXEC;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_faccessat;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_fchmodat;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_fchownat;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_linkat;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_mkdirat;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_mknodat;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_newfstatat;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_openat;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_openat2;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_readlinkat;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_renameat2;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_statx;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_symlinkat;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_unlinkat;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_utimensat;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.OpenHow;
import dev.runsc.gofer.abi.Stat;
import dev.runsc.gofer.abi.Statx;
import dev.runsc.gofer.abi.Timespec;
import java.nio.ByteBuffer;

/** Calls on a name in a directory. A directory is a descriptor or {@code AT_FDCWD}. */
public final class HostTree {
    private static final byte[] EMPTY = {};

    private HostTree() {}

    /** Opens a path; always close-on-exec. */
    public static HostFd open(String path, int flags, int mode) throws ErrnoException {
        return openat(AT_FDCWD, Scratch.utf8(path), flags, mode);
    }

    public static HostFd openat(int dirFd, String path, int flags, int mode) throws ErrnoException {
        return openat(dirFd, Scratch.utf8(path), flags, mode);
    }

    /** openat(2); always close-on-exec. */
    public static HostFd openat(int dirFd, byte[] path, int flags, int mode) throws ErrnoException {
        long name = Scratch.get().path(path);
        return HostFd.own((int) Syscall.call(SYS_openat, dirFd, name, flags | O_CLOEXEC, mode));
    }

    /** openat2(2); always close-on-exec. {@code resolve} is {@code RESOLVE_*} of OpenFlags. */
    public static HostFd openat2(int dirFd, byte[] path, int flags, int mode, long resolve)
            throws ErrnoException {
        Scratch scratch = Scratch.get();
        long name = scratch.path(path);
        new OpenHow(Integer.toUnsignedLong(flags | O_CLOEXEC), mode, resolve)
                .writeTo(scratch.data());
        long how = scratch.dataAddress();
        return HostFd.own((int) Syscall.call(SYS_openat2, dirFd, name, how, OpenHow.BYTES));
    }

    public static Stat stat(String path) throws ErrnoException {
        return fstatat(AT_FDCWD, Scratch.utf8(path), 0);
    }

    /** fstatat(2); {@code flags} are {@code AT_*}. */
    public static Stat fstatat(int dirFd, byte[] path, int flags) throws ErrnoException {
        Scratch scratch = Scratch.get();
        long name = scratch.path(path);
        Syscall.call(SYS_newfstatat, dirFd, name, scratch.dataAddress(), flags);
        return Stat.readFrom(scratch.data());
    }

    /** statx(2); an empty path with AT_EMPTY_PATH asks for {@code dirFd} itself. */
    public static Statx statx(int dirFd, byte[] path, int flags, int mask) throws ErrnoException {
        Scratch scratch = Scratch.get();
        long name = scratch.path(path);
        Syscall.call(SYS_statx, dirFd, name, flags, mask, scratch.dataAddress());
        return Statx.readFrom(scratch.data());
    }

    /** The attributes behind a descriptor, which may be one of O_PATH. */
    public static Statx statx(int fd, int mask) throws ErrnoException {
        return statx(fd, EMPTY, AT_EMPTY_PATH, mask);
    }

    public static byte[] readlink(String path) throws ErrnoException {
        return readlinkat(AT_FDCWD, Scratch.utf8(path));
    }

    /** The target of a symbolic link; an empty path asks for {@code dirFd} itself (O_PATH). */
    public static byte[] readlinkat(int dirFd, byte[] path) throws ErrnoException {
        Scratch scratch = Scratch.get();
        long name = scratch.path(path);
        long target = scratch.dataAddress();
        int length = (int) Syscall.call(SYS_readlinkat, dirFd, name, target, Scratch.DATA_BYTES);
        byte[] text = new byte[length];
        scratch.data().get(text);
        return text;
    }

    public static void faccessat(int dirFd, byte[] path, int mode) throws ErrnoException {
        Syscall.call(SYS_faccessat, dirFd, Scratch.get().path(path), mode);
    }

    public static void mkdirat(int dirFd, byte[] path, int mode) throws ErrnoException {
        Syscall.call(SYS_mkdirat, dirFd, Scratch.get().path(path), mode);
    }

    /** {@code device} is that of {@code DeviceNumber.make}. */
    public static void mknodat(int dirFd, byte[] path, int mode, long device)
            throws ErrnoException {
        Syscall.call(SYS_mknodat, dirFd, Scratch.get().path(path), mode, device);
    }

    public static void symlinkat(byte[] target, int dirFd, byte[] path) throws ErrnoException {
        Scratch scratch = Scratch.get();
        long text = scratch.secondPath(target);
        Syscall.call(SYS_symlinkat, text, dirFd, scratch.path(path));
    }

    public static void linkat(int oldDirFd, byte[] oldPath, int newDirFd, byte[] newPath, int flags)
            throws ErrnoException {
        Scratch scratch = Scratch.get();
        long from = scratch.path(oldPath);
        long to = scratch.secondPath(newPath);
        Syscall.call(SYS_linkat, oldDirFd, from, newDirFd, to, flags);
    }

    /** {@code flags} are 0 or AT_REMOVEDIR. */
    public static void unlinkat(int dirFd, byte[] path, int flags) throws ErrnoException {
        Syscall.call(SYS_unlinkat, dirFd, Scratch.get().path(path), flags);
    }

    /** {@code flags} are {@code RENAME_*} of RenameFlags. */
    public static void renameat2(
            int oldDirFd, byte[] oldPath, int newDirFd, byte[] newPath, int flags)
            throws ErrnoException {
        Scratch scratch = Scratch.get();
        long from = scratch.path(oldPath);
        long to = scratch.secondPath(newPath);
        Syscall.call(SYS_renameat2, oldDirFd, from, newDirFd, to, flags);
    }

    /**
     * chmod of a name; the last component is followed, there is no other way in Linux before 6.6.
     */
    public static void fchmodat(int dirFd, byte[] path, int mode) throws ErrnoException {
        Syscall.call(SYS_fchmodat, dirFd, Scratch.get().path(path), mode);
    }

    /** -1 leaves an id alone. */
    public static void fchownat(int dirFd, byte[] path, int uid, int gid, int flags)
            throws ErrnoException {
        Syscall.call(SYS_fchownat, dirFd, Scratch.get().path(path), uid, gid, flags);
    }

    /** Nanoseconds may be {@code UTIME_NOW} (2^30 - 1) or {@code UTIME_OMIT} (2^30 - 2). */
    public static void utimensat(
            int dirFd, byte[] path, Timespec access, Timespec modification, int flags)
            throws ErrnoException {
        Scratch scratch = Scratch.get();
        long name = scratch.path(path);
        ByteBuffer times = scratch.data();
        access.writeTo(times);
        modification.writeTo(times);
        Syscall.call(SYS_utimensat, dirFd, name, scratch.dataAddress(), flags);
    }
}
