package dev.runsc.gofer.abi;

/**
 * Flags of rseq(2), restartable sequences. Names and values are those of the Linux x86-64 headers.
 */
public final class Rseq {
    public static final int RSEQ_CS_FLAG_NO_RESTART_ON_PREEMPT_BIT = 0;
    public static final int RSEQ_CS_FLAG_NO_RESTART_ON_PREEMPT = 1;
    public static final int RSEQ_CS_FLAG_NO_RESTART_ON_SIGNAL_BIT = 1;
    public static final int RSEQ_FLAG_UNREGISTER = 1;
    public static final int RSEQ_CS_FLAG_NO_RESTART_ON_MIGRATE_BIT = 2;
    public static final int RSEQ_CS_FLAG_NO_RESTART_ON_SIGNAL = 2;
    public static final int RSEQ_CS_FLAG_NO_RESTART_ON_MIGRATE = 4;
    public static final int RSEQ_CPU_ID_REGISTRATION_FAILED = -2;
    public static final int RSEQ_CPU_ID_UNINITIALIZED = -1;

    private Rseq() {}
}
