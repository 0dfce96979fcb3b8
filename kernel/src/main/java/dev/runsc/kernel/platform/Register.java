package dev.runsc.kernel.platform;

/**
 * The general registers in the order of {@code gregs} in the x86-64 signal frame (sys/ucontext.h).
 */
public enum Register {
    R8,
    R9,
    R10,
    R11,
    R12,
    R13,
    R14,
    R15,
    RDI,
    RSI,
    RBP,
    RBX,
    RDX,
    RAX,
    RCX,
    RSP,
    RIP,
    EFLAGS,
    /** CS, GS, FS, SS selectors, 16 bits each. */
    SELECTORS,
    ERROR,
    TRAPNO,
    OLD_MASK,
    CR2
}
