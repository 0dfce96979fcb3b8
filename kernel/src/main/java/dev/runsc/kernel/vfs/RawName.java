package dev.runsc.kernel.vfs;

import java.nio.charset.StandardCharsets;

/**
 * Converts between the bytes of a Linux name and the String that stands for them: ISO-8859-1, one
 * char per byte.
 */
public final class RawName {
    private RawName() {}

    public static String of(byte[] name) {
        return new String(name, StandardCharsets.ISO_8859_1);
    }

    public static byte[] bytes(String name) {
        return name.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** The raw name of text, which becomes UTF-8. */
    public static String ofText(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The text of a raw name, for people: UTF-8, with replacement characters where it is not. */
    public static String text(String name) {
        return new String(bytes(name), StandardCharsets.UTF_8);
    }
}
