package dev.runsc.snapshot.internal;

import java.util.HexFormat;

/** Hexadecimal text as the store writes it: lower case, no separators. */
public final class HexFormats {
    private static final HexFormat HEX = HexFormat.of();

    private HexFormats() {}

    public static String hex(byte[] bytes) {
        return HEX.formatHex(bytes);
    }

    public static String hex8(int value) {
        return HEX.toHexDigits(value);
    }

    public static String hex16(long value) {
        return HEX.toHexDigits(value);
    }

    /** The bytes of an even number of hexadecimal digits; the caller has checked them. */
    public static byte[] parse(String digits) {
        return HEX.parseHex(digits);
    }

    public static boolean isHex(String text) {
        return text.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
    }
}
