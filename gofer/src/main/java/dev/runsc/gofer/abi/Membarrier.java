package dev.runsc.gofer.abi;

/** Commands and flags of membarrier(2). Names and values are those of the Linux x86-64 headers. */
public final class Membarrier {
    public static final int MEMBARRIER_CMD_QUERY = 0;
    public static final int MEMBARRIER_CMD_FLAG_CPU = 1;
    public static final int MEMBARRIER_CMD_GLOBAL = 1;
    public static final int MEMBARRIER_CMD_SHARED = 1;
    public static final int MEMBARRIER_CMD_GLOBAL_EXPEDITED = 2;
    public static final int MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED = 4;
    public static final int MEMBARRIER_CMD_PRIVATE_EXPEDITED = 8;
    public static final int MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED = 0x10;
    public static final int MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE = 0x20;
    public static final int MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE = 0x40;
    public static final int MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ = 0x80;
    public static final int MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ = 0x100;

    private Membarrier() {}
}
