package dev.runsc.gofer.abi;

/**
 * Operations of seccomp(2), filter results, and the classic BPF instruction bits they are written
 * in. Names and values are those of the Linux x86-64 headers.
 */
public final class SeccompConstants {
    public static final int AUDIT_ARCH_I386 = 0x40000003;
    public static final int AUDIT_ARCH_X86_64 = 0xc000003e;

    public static final int BPF_ADD = 0;
    public static final int BPF_IMM = 0;
    public static final int BPF_JA = 0;
    public static final int BPF_K = 0;
    public static final int BPF_LD = 0;
    public static final int BPF_TAX = 0;
    public static final int BPF_W = 0;
    public static final int BPF_LDX = 1;
    public static final int BPF_MAJOR_VERSION = 1;
    public static final int BPF_MINOR_VERSION = 1;
    public static final int BPF_ST = 2;
    public static final int BPF_STX = 3;
    public static final int BPF_ALU = 4;
    public static final int BPF_JMP = 5;
    public static final int BPF_RET = 6;
    public static final int BPF_MISC = 7;
    public static final int BPF_H = 8;
    public static final int BPF_X = 8;
    public static final int BPF_A = 0x10;
    public static final int BPF_B = 0x10;
    public static final int BPF_JEQ = 0x10;
    public static final int BPF_MEMWORDS = 0x10;
    public static final int BPF_SUB = 0x10;
    public static final int BPF_ABS = 0x20;
    public static final int BPF_JGT = 0x20;
    public static final int BPF_MUL = 0x20;
    public static final int BPF_DIV = 0x30;
    public static final int BPF_JGE = 0x30;
    public static final int BPF_IND = 0x40;
    public static final int BPF_JSET = 0x40;
    public static final int BPF_OR = 0x40;
    public static final int BPF_AND = 0x50;
    public static final int BPF_LSH = 0x60;
    public static final int BPF_MEM = 0x60;
    public static final int BPF_RSH = 0x70;
    public static final int BPF_LEN = 0x80;
    public static final int BPF_NEG = 0x80;
    public static final int BPF_TXA = 0x80;
    public static final int BPF_MOD = 0x90;
    public static final int BPF_MSH = 0xa0;
    public static final int BPF_XOR = 0xa0;
    public static final int BPF_MAXINSNS = 0x1000;
    public static final int BPF_LL_OFF = -2097152;
    public static final int BPF_NET_OFF = -1048576;

    public static final int SECCOMP_MODE_DISABLED = 0;
    public static final int SECCOMP_RET_KILL = 0;
    public static final int SECCOMP_RET_KILL_THREAD = 0;
    public static final int SECCOMP_SET_MODE_STRICT = 0;
    public static final int SECCOMP_ADDFD_FLAG_SETFD = 1;
    public static final int SECCOMP_FILTER_FLAG_TSYNC = 1;
    public static final int SECCOMP_MODE_STRICT = 1;
    public static final int SECCOMP_SET_MODE_FILTER = 1;
    public static final int SECCOMP_USER_NOTIF_FLAG_CONTINUE = 1;
    public static final int SECCOMP_ADDFD_FLAG_SEND = 2;
    public static final int SECCOMP_FILTER_FLAG_LOG = 2;
    public static final int SECCOMP_GET_ACTION_AVAIL = 2;
    public static final int SECCOMP_MODE_FILTER = 2;
    public static final int SECCOMP_GET_NOTIF_SIZES = 3;
    public static final int SECCOMP_FILTER_FLAG_SPEC_ALLOW = 4;
    public static final int SECCOMP_FILTER_FLAG_NEW_LISTENER = 8;
    public static final int SECCOMP_FILTER_FLAG_TSYNC_ESRCH = 0x10;
    public static final int SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV = 0x20;
    public static final int SECCOMP_RET_DATA = 0xffff;
    public static final int SECCOMP_RET_TRAP = 0x30000;
    public static final int SECCOMP_RET_ERRNO = 0x50000;
    public static final int SECCOMP_RET_USER_NOTIF = 0x7fc00000;
    public static final int SECCOMP_RET_TRACE = 0x7ff00000;
    public static final int SECCOMP_RET_LOG = 0x7ffc0000;
    public static final int SECCOMP_RET_ACTION = 0x7fff0000;
    public static final int SECCOMP_RET_ALLOW = 0x7fff0000;
    public static final int SECCOMP_RET_KILL_PROCESS = 0x80000000;
    public static final int SECCOMP_RET_ACTION_FULL = 0xffff0000;

    public static final int SECCOMP_IOCTL_NOTIF_ID_VALID = 0x40082102;
    public static final int SECCOMP_IOCTL_NOTIF_ADDFD = 0x40182103;
    public static final int SECCOMP_IOCTL_NOTIF_SEND = 0xc0182101;
    public static final int SECCOMP_IOCTL_NOTIF_RECV = 0xc0502100;

    private SeccompConstants() {}
}
