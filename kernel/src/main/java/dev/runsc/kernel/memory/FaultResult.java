package dev.runsc.kernel.memory;

/**
 * What became of a page fault: the access can be tried again, or the task gets a signal, as in
 * Linux arch/x86/mm/fault.c.
 *
 * @param signal 0 when resolved, else SIGSEGV or SIGBUS
 * @param code the signal's {@code si_code}; meaningless when resolved
 */
public record FaultResult(int signal, int code) {
    private static final int SIGBUS = 7;
    private static final int SIGSEGV = 11;

    /** The access can be tried again. */
    public static final FaultResult RESOLVED = new FaultResult(0, 0);

    /** SEGV_MAPERR: nothing is mapped there. */
    public static final FaultResult NOT_MAPPED = new FaultResult(SIGSEGV, 1);

    /** SEGV_ACCERR: the area's protection forbids the access. */
    public static final FaultResult NOT_ALLOWED = new FaultResult(SIGSEGV, 2);

    /** BUS_ADRERR: beyond the end of the mapped file, or no memory left. */
    public static final FaultResult NO_BACKING = new FaultResult(SIGBUS, 2);

    public boolean resolved() {
        return signal == 0;
    }
}
