package dev.runsc.kernel.vfs;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.OpenFlags;

/**
 * What open(2) and openat2(2) ask for (Linux build_open_flags), checked.
 *
 * @param flags {@code O_*}
 * @param mode permission bits of a file that gets created, before the umask
 * @param resolve flags of {@link PathWalk} that come from {@code RESOLVE_*}
 */
public record OpenRequest(int flags, int mode, int resolve) {
    /** O_ASYNC, which bits/fcntl.h and the kernel name differently. */
    private static final int FASYNC = 020000;

    private static final int VALID_FLAGS =
            OpenFlags.O_ACCMODE
                    | OpenFlags.O_CREAT
                    | OpenFlags.O_EXCL
                    | OpenFlags.O_NOCTTY
                    | OpenFlags.O_TRUNC
                    | OpenFlags.O_APPEND
                    | OpenFlags.O_NONBLOCK
                    | OpenFlags.O_SYNC
                    | OpenFlags.O_DIRECT
                    | OpenFlags.O_LARGEFILE
                    | OpenFlags.O_DIRECTORY
                    | OpenFlags.O_NOFOLLOW
                    | OpenFlags.O_NOATIME
                    | OpenFlags.O_CLOEXEC
                    | OpenFlags.O_PATH
                    | OpenFlags.O_TMPFILE
                    | FASYNC;

    private static final int PATH_FLAGS =
            OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW | OpenFlags.O_PATH | OpenFlags.O_CLOEXEC;
    private static final int TMPFILE_BIT = OpenFlags.O_TMPFILE & ~OpenFlags.O_DIRECTORY;
    private static final int MODE_BITS = 07777;
    private static final int VALID_RESOLVE =
            OpenFlags.RESOLVE_NO_XDEV
                    | OpenFlags.RESOLVE_NO_MAGICLINKS
                    | OpenFlags.RESOLVE_NO_SYMLINKS
                    | OpenFlags.RESOLVE_BENEATH
                    | OpenFlags.RESOLVE_IN_ROOT
                    | OpenFlags.RESOLVE_CACHED;

    /** From open(2) and openat(2), which ignore flags they do not know. */
    public static OpenRequest of(int flags, int mode) throws ErrnoException {
        int known = flags & VALID_FLAGS;
        if ((known & OpenFlags.O_PATH) != 0) {
            known &= PATH_FLAGS;
        }
        boolean creates = (known & (OpenFlags.O_CREAT | TMPFILE_BIT)) != 0;
        return checked(known, creates ? mode & MODE_BITS : 0, 0);
    }

    /** From openat2(2), which refuses what it does not know. */
    public static OpenRequest of(long flags, long mode, long resolve) throws ErrnoException {
        if ((flags & ~Integer.toUnsignedLong(VALID_FLAGS)) != 0
                || (resolve & ~VALID_RESOLVE) != 0) {
            throw Errno.EINVAL.error();
        }
        if ((resolve & OpenFlags.RESOLVE_BENEATH) != 0
                && (resolve & OpenFlags.RESOLVE_IN_ROOT) != 0) {
            throw Errno.EINVAL.error();
        }
        int known = (int) flags;
        boolean creates = (known & (OpenFlags.O_CREAT | TMPFILE_BIT)) != 0;
        if (creates ? (mode & ~MODE_BITS) != 0 : mode != 0) {
            throw Errno.EINVAL.error();
        }
        if ((known & OpenFlags.O_PATH) != 0 && (known & ~PATH_FLAGS) != 0) {
            throw Errno.EINVAL.error();
        }
        if ((resolve & OpenFlags.RESOLVE_CACHED) != 0) {
            throw Errno.EAGAIN.error();
        }
        return checked(known, (int) mode, walkFlags((int) resolve));
    }

    private static OpenRequest checked(int flags, int mode, int resolve) throws ErrnoException {
        if ((flags & TMPFILE_BIT) != 0) {
            int access = flags & OpenFlags.O_ACCMODE;
            if ((flags & OpenFlags.O_DIRECTORY) == 0
                    || (flags & OpenFlags.O_CREAT) != 0
                    || access == OpenFlags.O_RDONLY) {
                throw Errno.EINVAL.error();
            }
        } else if ((flags & OpenFlags.O_CREAT) != 0 && (flags & OpenFlags.O_DIRECTORY) != 0) {
            throw Errno.EINVAL.error();
        }
        return new OpenRequest(flags, mode, resolve);
    }

    private static int walkFlags(int resolve) {
        int flags = 0;
        flags |= (resolve & OpenFlags.RESOLVE_NO_XDEV) != 0 ? PathWalk.NO_XDEV : 0;
        flags |= (resolve & OpenFlags.RESOLVE_NO_MAGICLINKS) != 0 ? PathWalk.NO_MAGICLINKS : 0;
        flags |= (resolve & OpenFlags.RESOLVE_NO_SYMLINKS) != 0 ? PathWalk.NO_SYMLINKS : 0;
        flags |= (resolve & OpenFlags.RESOLVE_BENEATH) != 0 ? PathWalk.BENEATH : 0;
        flags |= (resolve & OpenFlags.RESOLVE_IN_ROOT) != 0 ? PathWalk.IN_ROOT : 0;
        return flags;
    }

    public boolean has(int flag) {
        return (flags & flag) != 0;
    }

    boolean isUnnamed() {
        return (flags & TMPFILE_BIT) != 0;
    }

    boolean isPathOnly() {
        return (flags & OpenFlags.O_PATH) != 0;
    }

    /** The permissions the access mode needs; O_TRUNC writes. */
    int permissionMask() {
        int mask =
                switch (flags & OpenFlags.O_ACCMODE) {
                    case OpenFlags.O_RDONLY -> Inode.MAY_READ;
                    case OpenFlags.O_WRONLY -> Inode.MAY_WRITE;
                    default -> Inode.MAY_READ | Inode.MAY_WRITE;
                };
        return has(OpenFlags.O_TRUNC) ? mask | Inode.MAY_WRITE : mask;
    }

    /**
     * What the description keeps: access mode and status flags, with O_LARGEFILE as every 64-bit
     * open has it.
     */
    int statusFlags() {
        int dropped =
                OpenFlags.O_CREAT
                        | OpenFlags.O_EXCL
                        | OpenFlags.O_NOCTTY
                        | OpenFlags.O_TRUNC
                        | OpenFlags.O_CLOEXEC;
        return flags & ~dropped | OpenFlags.O_LARGEFILE;
    }
}
