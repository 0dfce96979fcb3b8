package dev.runsc.gofer.abi;

/** Bits and values of personality(2). Names and values are those of the Linux x86-64 headers. */
public final class Personality {
    public static final int UNAME26 = 0x20000;

    public static final int ADDR_NO_RANDOMIZE = 0x40000;
    public static final int ADDR_COMPAT_LAYOUT = 0x200000;
    public static final int ADDR_LIMIT_32BIT = 0x800000;
    public static final int ADDR_LIMIT_3GB = 0x8000000;

    public static final int FDPIC_FUNCPTRS = 0x80000;

    public static final int MMAP_PAGE_ZERO = 0x100000;

    public static final int PER_LINUX = 0;
    public static final int PER_BSD = 6;
    public static final int PER_LINUX32 = 8;
    public static final int PER_RISCOS = 0xc;
    public static final int PER_OSF4 = 0xf;
    public static final int PER_HPUX = 0x10;
    public static final int PER_MASK = 0xff;
    public static final int PER_LINUX_FDPIC = 0x80000;
    public static final int PER_CLEAR_ON_SETID = 0x740000;
    public static final int PER_LINUX_32BIT = 0x800000;
    public static final int PER_ISCR4 = 0x4000005;
    public static final int PER_SUNOS = 0x4000006;
    public static final int PER_IRIX32 = 0x4000009;
    public static final int PER_IRIXN32 = 0x400000a;
    public static final int PER_IRIX64 = 0x400000b;
    public static final int PER_SOLARIS = 0x400000d;
    public static final int PER_SVR4 = 0x4100001;
    public static final int PER_UW7 = 0x410000e;
    public static final int PER_SVR3 = 0x5000002;
    public static final int PER_WYSEV386 = 0x5000004;
    public static final int PER_XENIX = 0x5000007;
    public static final int PER_OSR5 = 0x6000003;
    public static final int PER_SCOSVR3 = 0x7000003;
    public static final int PER_LINUX32_3GB = 0x8000008;

    public static final int READ_IMPLIES_EXEC = 0x400000;

    public static final int SHORT_INODE = 0x1000000;

    public static final int STICKY_TIMEOUTS = 0x4000000;

    public static final int WHOLE_SECONDS = 0x2000000;

    private Personality() {}
}
