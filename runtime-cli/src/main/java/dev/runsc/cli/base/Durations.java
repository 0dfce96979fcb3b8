package dev.runsc.cli.base;

import java.math.BigDecimal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Spans of time as Go writes them: {@code 1m30s}, {@code 1.5h}, {@code 250ms}. */
public final class Durations {
    private static final Pattern PART =
            Pattern.compile(
                    "(\\d{1,18}\\.?\\d{0,18}|\\.\\d{1,18})(ns|us|\u00b5s|\u03bcs|ms|s|m|h)");

    private Durations() {}

    /** Nanoseconds; {@code flag} names it in messages. */
    public static long parseNanos(String flag, String text) throws Failure {
        if (text.equals("0")) {
            return 0;
        }
        BigDecimal sum = BigDecimal.ZERO;
        Matcher part = PART.matcher(text);
        int end = 0;
        while (end < text.length() && part.find(end) && part.start() == end) {
            sum = sum.add(new BigDecimal(part.group(1)).multiply(unit(part.group(2))));
            end = part.end();
        }
        boolean all = end == text.length() && end > 0;
        if (!all || sum.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
            throw new Failure("invalid value \"" + text + "\" for flag " + flag);
        }
        return sum.longValue();
    }

    private static BigDecimal unit(String name) {
        return BigDecimal.valueOf(
                switch (name) {
                    case "ns" -> 1L;
                    case "ms" -> 1_000_000L;
                    case "s" -> 1_000_000_000L;
                    case "m" -> 60_000_000_000L;
                    case "h" -> 3_600_000_000_000L;
                    default -> 1_000L;
                });
    }
}
