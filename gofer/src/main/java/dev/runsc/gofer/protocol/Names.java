package dev.runsc.gofer.protocol;

/** What may name an entry of a directory: never a path, never a step up. */
public final class Names {
    private Names() {}

    /** True for 1 to 255 bytes without slash and zero that are neither "." nor "..". */
    public static boolean isLegal(byte[] name) {
        if (name.length == 0 || name.length > Limits.NAME_BYTES) {
            return false;
        }
        boolean onlyDots = name.length <= 2;
        for (byte b : name) {
            if (b == 0 || b == '/') {
                return false;
            }
            onlyDots &= b == '.';
        }
        return !onlyDots;
    }
}
