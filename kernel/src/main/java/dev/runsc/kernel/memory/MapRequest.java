package dev.runsc.kernel.memory;

import org.jspecify.annotations.Nullable;

/**
 * One mmap(2), with its file already found.
 *
 * @param address hint, or the address when {@code MAP_FIXED} or {@code MAP_FIXED_NOREPLACE} is set
 * @param length bytes; rounded up to pages
 * @param protection {@code PROT_*}
 * @param flags {@code MAP_*}
 * @param file what to map, null for anonymous memory
 * @param fileOffset bytes into the file, a multiple of the page size
 * @param maxProtection the most that mprotect may later give (Linux {@code VM_MAYREAD} and so on);
 *     a shared mapping of a file not open for writing lacks PROT_WRITE
 * @param name what /proc/pid/maps shows instead of the file's name, such as {@code [stack]}
 */
public record MapRequest(
        long address,
        long length,
        int protection,
        int flags,
        @Nullable Mappable file,
        long fileOffset,
        int maxProtection,
        @Nullable String name) {
    /** Read, write and execute. */
    public static final int ALL_PROTECTION = 7;

    public static MapRequest anonymous(long address, long length, int protection, int flags) {
        return new MapRequest(address, length, protection, flags, null, 0, ALL_PROTECTION, null);
    }

    public static MapRequest file(
            long address, long length, int protection, int flags, Mappable file, long fileOffset) {
        return new MapRequest(
                address, length, protection, flags, file, fileOffset, ALL_PROTECTION, null);
    }

    public MapRequest withName(String areaName) {
        return new MapRequest(
                address, length, protection, flags, file, fileOffset, maxProtection, areaName);
    }

    public MapRequest withMaxProtection(int most) {
        return new MapRequest(address, length, protection, flags, file, fileOffset, most, name);
    }
}
