package dev.runsc.cli.command;

import dev.runsc.cli.base.Failure;
import java.util.List;
import java.util.Locale;

/** Signals by the names of signal(7), with or without SIG, or by number. */
final class SignalNames {
    /** In number order from 1. */
    private static final List<String> NAMES =
            List.of(
                    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1",
                    "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP",
                    "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO",
                    "PWR", "SYS");

    private static final int REALTIME_FIRST = 34;
    private static final int REALTIME_LAST = 64;

    private SignalNames() {}

    /** The number of a signal. */
    static int require(String text) throws Failure {
        int number = find(text);
        if (number < 1 || number > REALTIME_LAST) {
            throw new Failure("unknown signal \"" + text + "\"");
        }
        return number;
    }

    private static int find(String text) {
        if (!text.isEmpty() && text.chars().allMatch(Character::isDigit) && text.length() < 4) {
            return Integer.parseInt(text);
        }
        String upper = text.toUpperCase(Locale.ROOT);
        String name = upper.startsWith("SIG") ? upper.substring(3) : upper;
        return switch (name) {
            case "CLD" -> find("CHLD");
            case "POLL" -> find("IO");
            case "IOT" -> find("ABRT");
            case "RTMIN" -> REALTIME_FIRST;
            case "RTMAX" -> REALTIME_LAST;
            default -> realtime(name);
        };
    }

    private static int realtime(String name) {
        String digits = name.length() > 6 ? name.substring(6) : "";
        if (!digits.isEmpty()
                && digits.length() < 3
                && digits.chars().allMatch(Character::isDigit)) {
            int distance = Integer.parseInt(digits);
            if (name.startsWith("RTMIN+")) {
                return REALTIME_FIRST + distance;
            }
            if (name.startsWith("RTMAX-") && distance <= REALTIME_LAST - REALTIME_FIRST) {
                return REALTIME_LAST - distance;
            }
        }
        return NAMES.indexOf(name) + 1;
    }
}
