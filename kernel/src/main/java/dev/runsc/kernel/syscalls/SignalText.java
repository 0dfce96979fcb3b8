package dev.runsc.kernel.syscalls;

import dev.runsc.gofer.abi.ConstantNames;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.SigInfo;
import dev.runsc.gofer.abi.SignalNumbers;
import java.util.Map;

/** {@code siginfo_t} as strace(1) writes it: of its union what the signal and its code say. */
final class SignalText {
    /** The codes that mean the same for all signals; of no program's making is the positive one. */
    private static final ConstantNames CODES =
            ConstantNames.of(SignalNumbers.class, "SI_", "SI_NOINFO");

    private static final Map<Integer, ConstantNames> CODES_OF =
            Map.of(
                    SignalNumbers.SIGCHLD,
                    ConstantNames.of(SignalNumbers.class, "CLD_"),
                    SignalNumbers.SIGTRAP,
                    ConstantNames.of(SignalNumbers.class, "TRAP_", "TRAP_PERF_"),
                    SignalNumbers.SIGSEGV,
                    ConstantNames.of(SignalNumbers.class, "SEGV_"),
                    SignalNumbers.SIGBUS,
                    ConstantNames.of(SignalNumbers.class, "BUS_"),
                    SignalNumbers.SIGFPE,
                    ConstantNames.of(SignalNumbers.class, "FPE_"),
                    SignalNumbers.SIGILL,
                    ConstantNames.of(SignalNumbers.class, "ILL_"),
                    SignalNumbers.SIGIO,
                    ConstantNames.of(SignalNumbers.class, "POLL_"),
                    SignalNumbers.SIGSYS,
                    ConstantNames.of(SignalNumbers.class, "SYS_SECCOMP")
                            .and(ConstantNames.of(SignalNumbers.class, "SYS_USER_DISPATCH")));

    private SignalText() {}

    static String info(ShownCall call, long address) throws ErrnoException {
        SigInfo info = call.read(address, SigInfo.BYTES, SigInfo::readFrom);
        if (info.signal() == 0) {
            return "{}";
        }
        String errno = info.errno() == 0 ? "" : ", si_errno=" + errno(info.errno());
        return "{si_signo="
                + FlagNames.signal(info.signal())
                + ", si_code="
                + code(info)
                + errno
                + (info.code() <= 0 ? sent(info) : caused(info))
                + "}";
    }

    private static String errno(int number) {
        for (Errno errno : Errno.values()) {
            if (errno.number() == number) {
                return errno.name();
            }
        }
        return Integer.toString(number);
    }

    private static String code(SigInfo info) {
        ConstantNames own = CODES_OF.get(info.signal());
        String name = CODES.find(info.code());
        if (name == null && own != null) {
            name = own.find(info.code());
        }
        return name == null ? ShownCall.hex(Integer.toUnsignedLong(info.code())) : name;
    }

    /** Of a program's making (SI_FROMUSER). */
    private static String sent(SigInfo info) {
        return switch (info.code()) {
            case SignalNumbers.SI_USER, SignalNumbers.SI_TKILL -> source(info);
            case SignalNumbers.SI_TIMER ->
                    ", si_timerid="
                            + ShownCall.hex(Integer.toUnsignedLong(info.timerId()))
                            + ", si_overrun="
                            + info.overrun()
                            + value(info);
            default -> source(info) + (info.value() == 0 ? "" : value(info));
        };
    }

    /** Of the kernel's making. */
    private static String caused(SigInfo info) {
        return switch (info.signal()) {
            case SignalNumbers.SIGCHLD ->
                    source(info)
                            + ", si_status="
                            + (info.code() == SignalNumbers.CLD_EXITED
                                    ? Integer.toString(info.status())
                                    : FlagNames.signal(info.status()))
                            + ", si_utime="
                            + info.userTicks()
                            + ", si_stime="
                            + info.systemTicks();
            case SignalNumbers.SIGILL,
                    SignalNumbers.SIGFPE,
                    SignalNumbers.SIGSEGV,
                    SignalNumbers.SIGBUS ->
                    ", si_addr=" + ShownCall.pointer(info.address());
            case SignalNumbers.SIGIO -> ", si_band=" + info.band();
            case SignalNumbers.SIGSYS ->
                    ", si_call_addr="
                            + ShownCall.pointer(info.address())
                            + ", si_syscall="
                            + info.syscall()
                            + ", si_arch="
                            + ShownCall.hex(Integer.toUnsignedLong(info.arch()));
            default ->
                    (info.pid() == 0 && info.uid() == 0 ? "" : source(info))
                            + (info.value() == 0 ? "" : value(info));
        };
    }

    private static String source(SigInfo info) {
        return ", si_pid=" + info.pid() + ", si_uid=" + Integer.toUnsignedString(info.uid());
    }

    private static String value(SigInfo info) {
        return ", si_int=" + (int) info.value() + ", si_ptr=" + ShownCall.pointer(info.value());
    }
}
