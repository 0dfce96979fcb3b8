package dev.runsc.kernel.vfs;

import dev.runsc.state.Savable;

/**
 * An entry of a directory listed as a whole.
 *
 * @param name raw bytes
 * @param inode {@code d_ino}
 * @param type {@code DT_*}
 */
public record ListedEntry(String name, long inode, int type) implements Savable {}
