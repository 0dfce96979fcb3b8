package dev.runsc.kernel.memory;

import dev.runsc.kernel.platform.Platform;

/** Arithmetic on guest addresses: pages of 4 KiB, unsigned compares. */
public final class Addresses {
    /** Bytes in a page. */
    public static final long PAGE_SIZE = Platform.PAGE_SIZE;

    /** The bits of an address inside its page. */
    public static final long PAGE_MASK = PAGE_SIZE - 1;

    private Addresses() {}

    /** Down to a page boundary. */
    public static long pageDown(long address) {
        return address & ~PAGE_MASK;
    }

    /** Up to a page boundary; wraps to 0 at the very end, as {@code PAGE_ALIGN} does. */
    public static long pageUp(long address) {
        return (address + PAGE_MASK) & ~PAGE_MASK;
    }

    public static boolean isAligned(long address) {
        return (address & PAGE_MASK) == 0;
    }

    /** Whether a range lies in user space (Linux {@code access_ok}); an empty one may end at it. */
    public static boolean isUserRange(long address, long length) {
        return length >= 0
                && address >= 0
                && length <= Platform.MAX_USER_ADDRESS
                && address <= Platform.MAX_USER_ADDRESS - length;
    }
}
