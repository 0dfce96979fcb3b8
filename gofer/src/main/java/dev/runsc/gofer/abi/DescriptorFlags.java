package dev.runsc.gofer.abi;

/**
 * Flags of memfd_create(2), close_range(2), getrandom(2), pidfd_open(2), kinds of kcmp(2). Names
 * and values are those of the Linux x86-64 headers.
 */
public final class DescriptorFlags {
    public static final int CLOSE_RANGE_UNSHARE = 2;
    public static final int CLOSE_RANGE_CLOEXEC = 4;

    public static final int GRND_NONBLOCK = 1;
    public static final int GRND_RANDOM = 2;
    public static final int GRND_INSECURE = 4;

    public static final int KCMP_FILE = 0;
    public static final int KCMP_VM = 1;
    public static final int KCMP_FILES = 2;
    public static final int KCMP_FS = 3;
    public static final int KCMP_SIGHAND = 4;
    public static final int KCMP_IO = 5;
    public static final int KCMP_SYSVSEM = 6;
    public static final int KCMP_EPOLL_TFD = 7;
    public static final int KCMP_TYPES = 8;

    public static final int MFD_CLOEXEC = 1;
    public static final int MFD_ALLOW_SEALING = 2;
    public static final int MFD_HUGETLB = 4;
    public static final int MFD_HUGE_SHIFT = 0x1a;
    public static final int MFD_HUGE_MASK = 0x3f;

    public static final int PIDFD_NONBLOCK = 0x800;

    private DescriptorFlags() {}
}
