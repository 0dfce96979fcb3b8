package dev.runsc.kernel.syscalls;

import dev.runsc.gofer.abi.CloneFlags;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FcntlCommands;
import dev.runsc.gofer.abi.FutexOps;
import dev.runsc.gofer.abi.Ioctls;
import java.util.ArrayList;
import java.util.List;

/** Arguments whose meaning lies with a command that stands before them. */
final class CommandText {
    /** FD_SETSIZE. */
    private static final int DESCRIPTORS_MAX = 1024;

    private CommandText() {}

    /** The third argument of fcntl(2). */
    static String fcntl(ShownCall call, int index) throws ErrnoException {
        return switch (call.integer(index - 1)) {
            case FcntlCommands.F_GETFD,
                    FcntlCommands.F_GETFL,
                    FcntlCommands.F_GETOWN,
                    FcntlCommands.F_GETSIG,
                    FcntlCommands.F_GETLEASE,
                    FcntlCommands.F_GETPIPE_SZ,
                    FcntlCommands.F_GET_SEALS ->
                    "";
            case FcntlCommands.F_SETFD -> FlagNames.DESCRIPTOR.flags(call.value(index));
            case FcntlCommands.F_SETFL -> FlagNames.open(call.integer(index));
            case FcntlCommands.F_ADD_SEALS -> FlagNames.SEALS.flags(call.value(index));
            case FcntlCommands.F_DUPFD,
                    FcntlCommands.F_DUPFD_CLOEXEC,
                    FcntlCommands.F_SETOWN,
                    FcntlCommands.F_SETPIPE_SZ ->
                    Integer.toString(call.integer(index));
            case FcntlCommands.F_SETLK,
                    FcntlCommands.F_SETLKW,
                    FcntlCommands.F_OFD_SETLK,
                    FcntlCommands.F_OFD_SETLKW ->
                    StructText.lock(call, call.value(index));
            case FcntlCommands.F_SETLEASE -> FlagNames.LOCK_TYPE.value(call.integer(index));
            case FcntlCommands.F_SETSIG -> FlagNames.signal(call.integer(index));
            default -> ShownCall.hex(call.value(index));
        };
    }

    /** What fcntl(2) returns, when it is flags; else empty. */
    static String fcntlAnswer(int command, int result) {
        String flags =
                switch (command) {
                    case FcntlCommands.F_GETFD -> FlagNames.DESCRIPTOR.flags(result);
                    case FcntlCommands.F_GETFL -> FlagNames.open(result);
                    case FcntlCommands.F_GET_SEALS -> FlagNames.SEALS.flags(result);
                    default -> "";
                };
        return flags.isEmpty() || flags.equals("0")
                ? ""
                : ShownCall.hex(result)
                        + (command == FcntlCommands.F_GET_SEALS ? " (seals " : " (flags ")
                        + flags
                        + ")";
    }

    /** The third argument of ioctl(2). */
    static String ioctl(ShownCall call, int index) throws ErrnoException {
        long value = call.value(index);
        return switch (call.integer(index - 1)) {
            case Ioctls.FIOCLEX, Ioctls.FIONCLEX, Ioctls.TIOCNOTTY -> "";
            case Ioctls.FIONREAD,
                    Ioctls.FIONBIO,
                    Ioctls.FIOASYNC,
                    Ioctls.TIOCGPGRP,
                    Ioctls.TIOCSPGRP,
                    Ioctls.TIOCOUTQ ->
                    "[" + call.readInt(value) + "]";
            case (int) Ioctls.TIOCGPTN, Ioctls.TIOCSPTLCK -> "[" + call.readInt(value) + "]";
            case Ioctls.TCSBRK, Ioctls.TCSBRKP -> Integer.toString(call.integer(index));
            case Ioctls.TCFLSH -> TerminalText.flushed(call.integer(index));
            case Ioctls.TCXONC -> TerminalText.flow(call.integer(index));
            case Ioctls.TCGETS, Ioctls.TCSETS, Ioctls.TCSETSW, Ioctls.TCSETSF ->
                    TerminalText.modes(call, value);
            case (int) Ioctls.TCGETS2, Ioctls.TCSETS2, Ioctls.TCSETSW2, Ioctls.TCSETSF2 ->
                    TerminalText.modes(call, value);
            case Ioctls.TCGETA, Ioctls.TCSETA, Ioctls.TCSETAW, Ioctls.TCSETAF ->
                    TerminalText.shortModes(call, value);
            case Ioctls.TIOCGWINSZ, Ioctls.TIOCSWINSZ -> StructText.windowSize(call, value);
            default -> ShownCall.hex(value);
        };
    }

    /** Whether ioctl(2) only looks at the argument: then it says the same before the call. */
    static boolean isRead(int command) {
        return switch (command) {
            case Ioctls.TCSBRK,
                    Ioctls.TCSBRKP,
                    Ioctls.TCFLSH,
                    Ioctls.TCXONC,
                    Ioctls.TCSETS,
                    Ioctls.TCSETSW,
                    Ioctls.TCSETSF,
                    Ioctls.TCSETS2,
                    Ioctls.TCSETSW2,
                    Ioctls.TCSETSF2,
                    Ioctls.TCSETA,
                    Ioctls.TCSETAW,
                    Ioctls.TCSETAF ->
                    true;
            default -> FlagNames.IOCTL.find(command) == null;
        };
    }

    private static int command(ShownCall call) {
        return call.integer(1) & FutexOps.FUTEX_CMD_MASK;
    }

    /** The third argument of futex(2): a value of the word, or a count. */
    static String futexValue(ShownCall call, int index) {
        return switch (command(call)) {
            case FutexOps.FUTEX_UNLOCK_PI, FutexOps.FUTEX_TRYLOCK_PI, FutexOps.FUTEX_LOCK_PI -> "";
            default -> Integer.toUnsignedString(call.integer(index));
        };
    }

    /** The fourth argument of futex(2): a time, or a second count. */
    static String futexTimeout(ShownCall call, int index) throws ErrnoException {
        return switch (command(call)) {
            case FutexOps.FUTEX_WAIT,
                    FutexOps.FUTEX_WAIT_BITSET,
                    FutexOps.FUTEX_LOCK_PI,
                    FutexOps.FUTEX_LOCK_PI2,
                    FutexOps.FUTEX_WAIT_REQUEUE_PI ->
                    call.value(index) == 0 ? "NULL" : StructText.timespec(call, call.value(index));
            case FutexOps.FUTEX_REQUEUE,
                    FutexOps.FUTEX_CMP_REQUEUE,
                    FutexOps.FUTEX_CMP_REQUEUE_PI,
                    FutexOps.FUTEX_WAKE_OP ->
                    Integer.toUnsignedString(call.integer(index));
            default -> "";
        };
    }

    /** The fifth argument of futex(2): a second word. */
    static String futexAddress(ShownCall call, int index) {
        return switch (command(call)) {
            case FutexOps.FUTEX_REQUEUE,
                    FutexOps.FUTEX_CMP_REQUEUE,
                    FutexOps.FUTEX_CMP_REQUEUE_PI,
                    FutexOps.FUTEX_WAIT_REQUEUE_PI,
                    FutexOps.FUTEX_WAKE_OP ->
                    ShownCall.pointer(call.value(index));
            default -> "";
        };
    }

    /** The sixth argument of futex(2): a set of bits, a value or an operation. */
    static String futexLast(ShownCall call, int index) {
        int value = call.integer(index);
        return switch (command(call)) {
            case FutexOps.FUTEX_WAIT_BITSET, FutexOps.FUTEX_WAKE_BITSET ->
                    value == FutexOps.FUTEX_BITSET_MATCH_ANY
                            ? "FUTEX_BITSET_MATCH_ANY"
                            : ShownCall.hex(Integer.toUnsignedLong(value));
            case FutexOps.FUTEX_CMP_REQUEUE, FutexOps.FUTEX_CMP_REQUEUE_PI ->
                    Integer.toUnsignedString(value);
            case FutexOps.FUTEX_WAKE_OP -> ShownCall.hex(Integer.toUnsignedLong(value));
            default -> "";
        };
    }

    /** Where clone(2) puts the new task's id, or a descriptor of it; then what it has put there. */
    static String cloneParentTid(ShownCall call, int index) throws ErrnoException {
        long address = call.value(2);
        if ((call.value(0) & (CloneFlags.CLONE_PARENT_SETTID | CloneFlags.CLONE_PIDFD)) == 0) {
            return "";
        }
        return "parent_tid="
                + (call.result() == 0
                        ? ShownCall.pointer(address)
                        : "[" + call.readInt(address) + "]");
    }

    static String cloneChildTid(ShownCall call, int index) {
        int asked = CloneFlags.CLONE_CHILD_SETTID | CloneFlags.CLONE_CHILD_CLEARTID;
        return (call.value(0) & asked) == 0
                ? ""
                : "child_tidptr=" + ShownCall.pointer(call.value(3));
    }

    /** A set of select(2). */
    static String descriptors(ShownCall call, int index) throws ErrnoException {
        long address = call.value(index);
        if (address == 0) {
            return "NULL";
        }
        int count = Math.max(0, Math.min(call.integer(0), DESCRIPTORS_MAX));
        byte[] bits = new byte[(count + Byte.SIZE - 1) / Byte.SIZE];
        call.task().memory().copyIn(address, bits);
        List<String> found = new ArrayList<>();
        for (int fd = 0; fd < count; fd++) {
            if ((bits[fd / Byte.SIZE] >> fd % Byte.SIZE & 1) != 0) {
                found.add(Integer.toString(fd));
            }
        }
        return "[" + String.join(" ", found) + "]";
    }

    /** A value of setsockopt(2): mostly a number. */
    static String option(ShownCall call, long address, int length) throws ErrnoException {
        if (address == 0) {
            return "NULL";
        }
        return length == Integer.BYTES
                ? "[" + call.readInt(address) + "]"
                : call.bytes(address, length);
    }
}
