package dev.runsc.kernel.vfs;

import java.util.SortedMap;

/**
 * All that an inode in memory is besides its contents and its names, for images of file systems.
 *
 * @param mode type and permission bits
 * @param uid owner
 * @param gid group
 * @param accessNanos since 1970, as the other times
 * @param modifyNanos of the contents
 * @param changeNanos of anything
 * @param xattrs extended attributes; the values are not to be changed
 */
public record SavedAttributes(
        int mode,
        int uid,
        int gid,
        long accessNanos,
        long modifyNanos,
        long changeNanos,
        SortedMap<String, byte[]> xattrs) {}
