package dev.runsc.kernel.platform.stub;

/**
 * Offsets in the host's signal frame, from its {@code struct ucontext} on (Linux
 * arch/x86/include/uapi/asm/sigcontext.h, asm/ucontext.h, arch/x86/include/asm/sigframe.h {@code
 * struct rt_sigframe}).
 *
 * <pre>
 *     0 uc_flags, uc_link, uc_stack      40 gregs: 23 longs in the order of Register
 *   224 fpstate pointer                 296 uc_sigmask
 *   304 siginfo: signo, errno, code; address at 320
 *
 *   XSAVE area: 464 software bytes: magic1, extended size, features, XSAVE size;
 *               512 header: XSTATE_BV, XCOMP_BV; magic2 at the extended size less 4
 * </pre>
 */
final class SignalFrame {
    static final int REGISTERS = 40;
    static final int FPSTATE = 224;
    static final int SIGNAL_MASK = 296;
    static final int INFORMATION = 304;
    static final int CODE = INFORMATION + 8;
    static final int ADDRESS = INFORMATION + 16;
    static final int SIZE = INFORMATION + 128;

    static final int XSAVE_SOFTWARE = 464;
    static final int XSAVE_SOFTWARE_SIZE = 48;
    static final int XSAVE_EXTENDED_SIZE = XSAVE_SOFTWARE + 4;
    static final int XSAVE_FEATURES = XSAVE_SOFTWARE + 8;
    static final int XSAVE_STATE_SIZE = XSAVE_SOFTWARE + 16;
    static final int XSAVE_HEADER = 512;
    static final int XSAVE_HEADER_SIZE = 64;
    static final int FP_XSTATE_MAGIC1 = 0x46505853;
    static final int FP_XSTATE_MAGIC2 = 0x46505845;

    /** SI_KERNEL of asm-generic/siginfo.h. */
    static final int SI_KERNEL = 0x80;

    private SignalFrame() {}
}
