package dev.runsc.gofer.abi;

/**
 * Flags of the {@code *at} calls: {@code AT_FDCWD} and friends (linux/fcntl.h). Names and values
 * are those of the Linux x86-64 headers.
 */
public final class AtFlags {
    public static final int AT_STATX_SYNC_AS_STAT = 0;
    public static final int AT_SYMLINK_NOFOLLOW = 0x100;
    public static final int AT_EACCESS = 0x200;
    public static final int AT_REMOVEDIR = 0x200;
    public static final int AT_SYMLINK_FOLLOW = 0x400;
    public static final int AT_NO_AUTOMOUNT = 0x800;
    public static final int AT_EMPTY_PATH = 0x1000;
    public static final int AT_STATX_FORCE_SYNC = 0x2000;
    public static final int AT_STATX_DONT_SYNC = 0x4000;
    public static final int AT_STATX_SYNC_TYPE = 0x6000;
    public static final int AT_RECURSIVE = 0x8000;
    public static final int AT_FDCWD = -100;

    private AtFlags() {}
}
