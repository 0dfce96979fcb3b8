package dev.runsc.kernel.syscalls;

import dev.runsc.gofer.abi.OpenFlags;
import java.util.List;

/** Flags and signals by the names that C has for them. */
final class FlagNames {
    private record Name(int bits, String text) {}

    /** Names of more bits before those of fewer. */
    private static final List<Name> OPEN =
            List.of(
                    new Name(OpenFlags.O_TMPFILE, "O_TMPFILE"),
                    new Name(OpenFlags.O_SYNC, "O_SYNC"),
                    new Name(OpenFlags.O_CREAT, "O_CREAT"),
                    new Name(OpenFlags.O_EXCL, "O_EXCL"),
                    new Name(OpenFlags.O_NOCTTY, "O_NOCTTY"),
                    new Name(OpenFlags.O_TRUNC, "O_TRUNC"),
                    new Name(OpenFlags.O_APPEND, "O_APPEND"),
                    new Name(OpenFlags.O_NONBLOCK, "O_NONBLOCK"),
                    new Name(OpenFlags.O_DSYNC, "O_DSYNC"),
                    new Name(OpenFlags.O_DIRECT, "O_DIRECT"),
                    new Name(OpenFlags.O_LARGEFILE, "O_LARGEFILE"),
                    new Name(OpenFlags.O_DIRECTORY, "O_DIRECTORY"),
                    new Name(OpenFlags.O_NOFOLLOW, "O_NOFOLLOW"),
                    new Name(OpenFlags.O_NOATIME, "O_NOATIME"),
                    new Name(OpenFlags.O_CLOEXEC, "O_CLOEXEC"),
                    new Name(OpenFlags.O_PATH, "O_PATH"));

    /** asm-generic/mman-common.h. */
    private static final List<Name> PROTECTION =
            List.of(
                    new Name(1, "PROT_READ"),
                    new Name(2, "PROT_WRITE"),
                    new Name(4, "PROT_EXEC"),
                    new Name(0x01000000, "PROT_GROWSDOWN"),
                    new Name(0x02000000, "PROT_GROWSUP"));

    /** linux/mman.h, asm-generic/mman.h and mman-common.h. */
    private static final List<Name> MAPPING =
            List.of(
                    new Name(0x03, "MAP_SHARED_VALIDATE"),
                    new Name(0x01, "MAP_SHARED"),
                    new Name(0x02, "MAP_PRIVATE"),
                    new Name(0x10, "MAP_FIXED"),
                    new Name(0x20, "MAP_ANONYMOUS"),
                    new Name(0x40, "MAP_32BIT"),
                    new Name(0x0100, "MAP_GROWSDOWN"),
                    new Name(0x0800, "MAP_DENYWRITE"),
                    new Name(0x2000, "MAP_LOCKED"),
                    new Name(0x4000, "MAP_NORESERVE"),
                    new Name(0x8000, "MAP_POPULATE"),
                    new Name(0x10000, "MAP_NONBLOCK"),
                    new Name(0x20000, "MAP_STACK"),
                    new Name(0x40000, "MAP_HUGETLB"),
                    new Name(0x100000, "MAP_FIXED_NOREPLACE"));

    /** By number (signal(7)). */
    private static final String[] SIGNALS = {
        "0",
        "SIGHUP",
        "SIGINT",
        "SIGQUIT",
        "SIGILL",
        "SIGTRAP",
        "SIGABRT",
        "SIGBUS",
        "SIGFPE",
        "SIGKILL",
        "SIGUSR1",
        "SIGSEGV",
        "SIGUSR2",
        "SIGPIPE",
        "SIGALRM",
        "SIGTERM",
        "SIGSTKFLT",
        "SIGCHLD",
        "SIGCONT",
        "SIGSTOP",
        "SIGTSTP",
        "SIGTTIN",
        "SIGTTOU",
        "SIGURG",
        "SIGXCPU",
        "SIGXFSZ",
        "SIGVTALRM",
        "SIGPROF",
        "SIGWINCH",
        "SIGIO",
        "SIGPWR",
        "SIGSYS"
    };

    private static final int FIRST_REAL_TIME = 34;
    private static final int LAST = 64;

    private FlagNames() {}

    /** Flags of open(2). */
    static String open(int flags) {
        String access =
                switch (flags & OpenFlags.O_ACCMODE) {
                    case OpenFlags.O_RDONLY -> "O_RDONLY";
                    case OpenFlags.O_WRONLY -> "O_WRONLY";
                    case OpenFlags.O_RDWR -> "O_RDWR";
                    default -> "O_ACCMODE";
                };
        int rest = flags & ~OpenFlags.O_ACCMODE;
        return rest == 0 ? access : access + "|" + names(rest, OPEN);
    }

    /** Protections of mmap(2). */
    static String protection(int bits) {
        return bits == 0 ? "PROT_NONE" : names(bits, PROTECTION);
    }

    /** Flags of mmap(2). */
    static String mapping(int bits) {
        return bits == 0 ? "0" : names(bits, MAPPING);
    }

    /** A signal as signal(7) calls it. */
    static String signal(int number) {
        if (number >= 0 && number < SIGNALS.length) {
            return SIGNALS[number];
        }
        return number >= FIRST_REAL_TIME && number <= LAST
                ? "SIGRT_" + (number - FIRST_REAL_TIME + 2)
                : Integer.toString(number);
    }

    private static String names(int bits, List<Name> known) {
        StringBuilder text = new StringBuilder();
        int rest = bits;
        for (Name name : known) {
            if ((rest & name.bits) == name.bits) {
                text.append(text.isEmpty() ? "" : "|").append(name.text);
                rest &= ~name.bits;
            }
        }
        if (rest != 0) {
            text.append(text.isEmpty() ? "" : "|").append("0x").append(Integer.toHexString(rest));
        }
        return text.toString();
    }
}
