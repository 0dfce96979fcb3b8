package dev.runsc.gofer.abi;

import java.nio.charset.StandardCharsets;

/**
 * A Linux name or path held in a String, one char for each byte (ISO 8859-1).
 *
 * <p>Names are bytes to Linux and need not be UTF-8. Held this way none of them is lost, equality
 * and hashing are those of the bytes, and the JVM keeps one byte for each char. Whoever shows such
 * a text to a person, or takes one from a person, converts with {@link #toUnicode}, {@link
 * #fromUnicode}.
 */
public final class ByteText {
    private ByteText() {}

    public static String of(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    public static String of(byte[] bytes, int offset, int length) {
        return new String(bytes, offset, length, StandardCharsets.ISO_8859_1);
    }

    /**
     * The bytes of a byte text.
     *
     * @throws IllegalArgumentException when a char is no byte: a Unicode string was taken for one
     */
    public static byte[] bytes(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) > 0xff) {
                throw new IllegalArgumentException("no byte text: " + text);
            }
        }
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** The byte text of the UTF-8 form of {@code unicode}. */
    public static String fromUnicode(String unicode) {
        return of(unicode.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * The text read as UTF-8, for people; bytes that are not UTF-8 become replacement characters.
     */
    public static String toUnicode(String text) {
        return new String(bytes(text), StandardCharsets.UTF_8);
    }
}
