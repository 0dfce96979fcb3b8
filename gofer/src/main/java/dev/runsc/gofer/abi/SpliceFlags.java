package dev.runsc.gofer.abi;

/**
 * Flags of splice(2), tee(2), vmsplice(2), preadv2(2), copy_file_range(2), sync_file_range(2).
 * Names and values are those of the Linux x86-64 headers.
 */
public final class SpliceFlags {
    public static final int POSIX_FADV_NORMAL = 0;
    public static final int POSIX_FADV_RANDOM = 1;
    public static final int POSIX_FADV_SEQUENTIAL = 2;
    public static final int POSIX_FADV_WILLNEED = 3;
    public static final int POSIX_FADV_DONTNEED = 4;
    public static final int POSIX_FADV_NOREUSE = 5;

    public static final int RWF_WRITE_LIFE_NOT_SET = 0;
    public static final int RWF_HIPRI = 1;
    public static final int RWF_DSYNC = 2;
    public static final int RWF_SYNC = 4;
    public static final int RWF_NOWAIT = 8;
    public static final int RWF_APPEND = 0x10;
    public static final int RWF_SUPPORTED = 0x1f;

    public static final int SPLICE_F_MOVE = 1;
    public static final int SPLICE_F_NONBLOCK = 2;
    public static final int SPLICE_F_MORE = 4;
    public static final int SPLICE_F_GIFT = 8;

    public static final int SYNC_FILE_RANGE_WAIT_BEFORE = 1;
    public static final int SYNC_FILE_RANGE_WRITE = 2;
    public static final int SYNC_FILE_RANGE_WAIT_AFTER = 4;
    public static final int SYNC_FILE_RANGE_WRITE_AND_WAIT = 7;

    private SpliceFlags() {}
}
