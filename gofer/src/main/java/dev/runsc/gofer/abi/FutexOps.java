package dev.runsc.gofer.abi;

/**
 * Operations of futex(2), robust list bits, waitv flags. Names and values are those of the Linux
 * x86-64 headers.
 */
public final class FutexOps {
    public static final int FUTEX_OP_CMP_EQ = 0;
    public static final int FUTEX_OP_SET = 0;
    public static final int FUTEX_WAIT = 0;
    public static final int FUTEX_OP_ADD = 1;
    public static final int FUTEX_OP_CMP_NE = 1;
    public static final int FUTEX_WAKE = 1;
    public static final int FUTEX_32 = 2;
    public static final int FUTEX_FD = 2;
    public static final int FUTEX_OP_CMP_LT = 2;
    public static final int FUTEX_OP_OR = 2;
    public static final int FUTEX_OP_ANDN = 3;
    public static final int FUTEX_OP_CMP_LE = 3;
    public static final int FUTEX_REQUEUE = 3;
    public static final int FUTEX_CMP_REQUEUE = 4;
    public static final int FUTEX_OP_CMP_GT = 4;
    public static final int FUTEX_OP_XOR = 4;
    public static final int FUTEX_OP_CMP_GE = 5;
    public static final int FUTEX_WAKE_OP = 5;
    public static final int FUTEX_LOCK_PI = 6;
    public static final int FUTEX_UNLOCK_PI = 7;
    public static final int FUTEX_OP_OPARG_SHIFT = 8;
    public static final int FUTEX_TRYLOCK_PI = 8;
    public static final int FUTEX_WAIT_BITSET = 9;
    public static final int FUTEX_WAKE_BITSET = 0xa;
    public static final int FUTEX_WAIT_REQUEUE_PI = 0xb;
    public static final int FUTEX_CMP_REQUEUE_PI = 0xc;
    public static final int FUTEX_LOCK_PI2 = 0xd;
    public static final int FUTEX_PRIVATE_FLAG = 0x80;
    public static final int FUTEX_WAITV_MAX = 0x80;
    public static final int FUTEX_WAIT_PRIVATE = 0x80;
    public static final int FUTEX_WAKE_PRIVATE = 0x81;
    public static final int FUTEX_REQUEUE_PRIVATE = 0x83;
    public static final int FUTEX_CMP_REQUEUE_PRIVATE = 0x84;
    public static final int FUTEX_WAKE_OP_PRIVATE = 0x85;
    public static final int FUTEX_LOCK_PI_PRIVATE = 0x86;
    public static final int FUTEX_UNLOCK_PI_PRIVATE = 0x87;
    public static final int FUTEX_TRYLOCK_PI_PRIVATE = 0x88;
    public static final int FUTEX_WAIT_BITSET_PRIVATE = 0x89;
    public static final int FUTEX_WAKE_BITSET_PRIVATE = 0x8a;
    public static final int FUTEX_WAIT_REQUEUE_PI_PRIVATE = 0x8b;
    public static final int FUTEX_CMP_REQUEUE_PI_PRIVATE = 0x8c;
    public static final int FUTEX_LOCK_PI2_PRIVATE = 0x8d;
    public static final int FUTEX_CLOCK_REALTIME = 0x100;
    public static final int FUTEX_TID_MASK = 0x3fffffff;
    public static final int FUTEX_OWNER_DIED = 0x40000000;
    public static final int FUTEX_WAITERS = 0x80000000;
    public static final int FUTEX_BITSET_MATCH_ANY = 0xffffffff;
    public static final int FUTEX_CMD_MASK = -385;

    public static final int ROBUST_LIST_LIMIT = 0x800;

    private FutexOps() {}
}
