package dev.runsc.kernel.platform;

/**
 * One guest thread on the host: its registers in memory shared with the stub, and the means to run
 * it. Used by one kernel thread, the task's own, except for {@link #interrupt}. Register values
 * come from the guest and mean nothing until checked.
 */
public interface GuestContext {
    /** Why guest code stopped. */
    enum Stop {
        /**
         * A system call: number in {@link Register#RAX}, {@link Register#RIP} behind the
         * instruction.
         */
        SYSCALL,
        /** A page fault: see {@link #faultAddress} and {@link #faultError}. */
        FAULT,
        /**
         * Another exception that Linux turns into a signal (SIGILL, SIGTRAP, SIGFPE, SIGBUS,
         * SIGSEGV without address).
         */
        EXCEPTION,
        /** Stopped by {@link #interrupt}, or spuriously. */
        INTERRUPTED,
        /**
         * The process that ran it is gone (killed by the host, or it broke the platform's rules).
         */
        DEAD
    }

    /**
     * Runs guest code until it stops, with the registers as they are now. An {@link #interrupt}
     * that came since the last return ends it at once.
     */
    Stop run();

    /** Makes the current or next {@link #run} return soon. From any thread. */
    void interrupt();

    long register(Register register);

    void setRegister(Register register, long value);

    /** The base of FS. */
    long fsBase();

    void setFsBase(long base);

    long gsBase();

    /**
     * Sets the base of GS. From the first value but 0 on, no thread of the address space gains from
     * rewritten call sites any more.
     */
    void setGsBase(long base);

    /** After FAULT: the address touched (CR2). */
    long faultAddress();

    /** After FAULT: the x86 page-fault error code (bit 0 present, 1 write, 4 instruction fetch). */
    long faultError();

    /**
     * After EXCEPTION: the signal the host raised, its {@code si_code}, and {@code si_addr}; trap
     * number in TRAPNO.
     */
    int signal();

    int signalCode();

    long signalAddress();

    /**
     * Whether the last SYSCALL stop came through a rewritten call site: RIP is behind the site's
     * seven bytes. Going back by the two bytes of the instruction repeats the call, here as
     * everywhere.
     */
    boolean viaRewrittenSite();

    /** Whether a call through a rewritten call site costs this thread less than any other. */
    boolean gainsFromRewriting();

    /** A copy of the whole state, FPU included, fit for an image. */
    CpuState save();

    /**
     * Replaces the whole state.
     *
     * @throws PlatformException when this CPU lacks an extended state component that is in use in
     *     {@code state}
     */
    void load(CpuState state) throws PlatformException;

    /** The XSAVE area alone, as {@link CpuState#xsave} has it. */
    byte[] fpuState();

    /**
     * The components that {@link #fpuState} now has room for: what goes, with its length, into a
     * signal frame's {@code fpx_sw_bytes}. A subset of {@link Platform#xsaveFeatures}: AMX is in
     * only once the thread has used it.
     */
    long fpuFeatures();

    /** Replaces the XSAVE area; header bits the CPU does not have are refused. */
    void setFpuState(byte[] xsave) throws PlatformException;

    /** Back to the state a new program sees (FINIT, MXCSR 0x1f80). */
    void resetFpu();

    /** Ends the host thread. */
    void release();
}
