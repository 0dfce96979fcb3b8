package dev.runsc.kernel.task.signal;

import static dev.runsc.gofer.abi.SignalNumbers.*;

/** Sets of signals as Linux packs them: bit n-1 stands for signal n. */
public final class SignalSet {
    private SignalSet() {}

    public static final int MAX_SIGNAL = 64;

    /** SIGKILL and SIGSTOP: cannot be caught, blocked or ignored. */
    public static final long UNBLOCKABLE = of(SIGKILL) | of(SIGSTOP);

    public static final long STOP_SIGNALS = of(SIGSTOP) | of(SIGTSTP) | of(SIGTTIN) | of(SIGTTOU);

    /** Delivered before others because the guest itself caused them (Linux SYNCHRONOUS_MASK). */
    static final long SYNCHRONOUS =
            of(SIGSEGV) | of(SIGBUS) | of(SIGILL) | of(SIGTRAP) | of(SIGFPE) | of(SIGSYS);

    private static final long IGNORED_BY_DEFAULT =
            of(SIGCONT) | of(SIGCHLD) | of(SIGWINCH) | of(SIGURG);

    private static final long CORE =
            of(SIGQUIT)
                    | of(SIGILL)
                    | of(SIGTRAP)
                    | of(SIGABRT)
                    | of(SIGFPE)
                    | of(SIGSEGV)
                    | of(SIGBUS)
                    | of(SIGSYS)
                    | of(SIGXCPU)
                    | of(SIGXFSZ);

    public static long of(int signal) {
        return 1L << signal - 1;
    }

    public static boolean has(long set, int signal) {
        return (set & of(signal)) != 0;
    }

    public static boolean isValid(int signal) {
        return signal >= 1 && signal <= MAX_SIGNAL;
    }

    public static boolean isRealTime(int signal) {
        return signal >= SIGRTMIN;
    }

    public static boolean ignoredByDefault(int signal) {
        return has(IGNORED_BY_DEFAULT, signal);
    }

    public static boolean stopsByDefault(int signal) {
        return has(STOP_SIGNALS, signal);
    }

    /**
     * Whether the default action writes a core where cores are written (WCOREDUMP stays clear: none
     * are).
     */
    public static boolean coresByDefault(int signal) {
        return has(CORE, signal);
    }
}
