package dev.runsc.kernel.memory;

/**
 * One element of an iovec list (struct iovec).
 *
 * @param address guest address
 * @param length bytes
 */
public record Iovec(long address, long length) {
    /** Bytes of a struct iovec. */
    public static final int SIZE = 16;

    /** Most elements of a list (linux/uio.h). */
    public static final int IOV_MAX = 1024;

    /** Most bytes one call transfers (linux/fs.h MAX_RW_COUNT). */
    public static final long MAX_TRANSFER = 0x7fff_f000L;
}
