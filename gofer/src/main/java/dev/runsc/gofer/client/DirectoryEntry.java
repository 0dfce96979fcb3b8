package dev.runsc.gofer.client;

/**
 * An entry of a directory.
 *
 * @param ino its inode number
 * @param nextPosition the position behind it, to go on from
 * @param type {@code DT_*}, DT_UNKNOWN when the file system does not say
 * @param name its name, a byte text
 */
public record DirectoryEntry(long ino, long nextPosition, int type, String name) {}
