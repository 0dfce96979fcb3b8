package dev.runsc.kernel.fs.cgroup;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.cgroup.Quantity;
import java.math.BigInteger;
import java.util.BitSet;

/** The forms in which files take numbers and show them. */
final class Numbers {
    private static final long PAGE_BYTES = 4096;
    private static final int CPU_MAX = 1 << 16;

    private Numbers() {}

    /** kstrtoll: decimal, octal or hexadecimal by its prefix. */
    static long signed(String text) throws ErrnoException {
        boolean negative = text.startsWith("-");
        BigInteger value = parse(negative || text.startsWith("+") ? text.substring(1) : text);
        BigInteger signed = negative ? value.negate() : value;
        if (signed.bitLength() > 63) {
            throw Errno.ERANGE.error();
        }
        return signed.longValue();
    }

    /** kstrtoull; what does not fit into 63 bits is as good as no limit. */
    static long unsigned(String text) throws ErrnoException {
        BigInteger value = parse(text.startsWith("+") ? text.substring(1) : text);
        if (value.bitLength() > 64) {
            throw Errno.ERANGE.error();
        }
        return value.bitLength() > 63 ? Long.MAX_VALUE : value.longValue();
    }

    private static BigInteger parse(String text) throws ErrnoException {
        int radix = 10;
        String digits = text;
        if (text.startsWith("0x") || text.startsWith("0X")) {
            radix = 16;
            digits = text.substring(2);
        } else if (text.length() > 1 && text.startsWith("0")) {
            radix = 8;
        }
        if (digits.isEmpty() || Character.digit(digits.charAt(0), radix) < 0) {
            throw Errno.EINVAL.error();
        }
        try {
            return new BigInteger(digits, radix);
        } catch (NumberFormatException e) {
            throw Errno.EINVAL.error();
        }
    }

    /** kstrtoint. */
    static int integer(String text) throws ErrnoException {
        long value = signed(text);
        if (value != (int) value) {
            throw Errno.ERANGE.error();
        }
        return (int) value;
    }

    /** A number within bounds, ERANGE else. */
    static long within(long value, long least, long most) throws ErrnoException {
        if (value < least || value > most) {
            throw Errno.ERANGE.error();
        }
        return value;
    }

    static String limit(long value) {
        return value == Quantity.NO_LIMIT ? "max" : Long.toString(value);
    }

    /**
     * page_counter_memparse: bytes with a unit, rounded down to pages.
     *
     * @param none the word for no limit
     */
    static long bytes(String text, String none) throws ErrnoException {
        if (text.equals(none)) {
            return Quantity.NO_LIMIT;
        }
        int end = text.length();
        int shift = 0;
        if (end > 0) {
            int unit = "kmgtpe".indexOf(Character.toLowerCase(text.charAt(end - 1)));
            if (unit >= 0 && !text.startsWith("0x")) {
                shift = 10 * (unit + 1);
                end--;
            }
        }
        long value = unsigned(text.substring(0, end));
        boolean large = value > Long.MAX_VALUE >> shift;
        long all = large ? Long.MAX_VALUE : value << shift;
        return all >= Long.MAX_VALUE - PAGE_BYTES
                ? Quantity.NO_LIMIT
                : all / PAGE_BYTES * PAGE_BYTES;
    }

    /** A list like {@code 0-3,7}. */
    static BitSet list(String text) throws ErrnoException {
        BitSet set = new BitSet();
        if (text.isEmpty()) {
            return set;
        }
        for (String part : text.split(",", -1)) {
            int dash = part.indexOf('-');
            long from = unsigned((dash < 0 ? part : part.substring(0, dash)).strip());
            long to = dash < 0 ? from : unsigned(part.substring(dash + 1).strip());
            if (from > to) {
                throw Errno.EINVAL.error();
            }
            if (to >= CPU_MAX) {
                throw Errno.ERANGE.error();
            }
            set.set((int) from, (int) to + 1);
        }
        return set;
    }

    static String list(BitSet set) {
        StringBuilder text = new StringBuilder();
        for (int from = set.nextSetBit(0); from >= 0; ) {
            int end = set.nextClearBit(from);
            text.append(text.isEmpty() ? "" : ",").append(from);
            if (end - 1 > from) {
                text.append('-').append(end - 1);
            }
            from = set.nextSetBit(end);
        }
        return text.toString();
    }
}
