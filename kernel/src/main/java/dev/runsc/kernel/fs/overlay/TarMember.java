package dev.runsc.kernel.fs.overlay;

import dev.runsc.kernel.vfs.SavedAttributes;

/**
 * One file of an archive.
 *
 * @param path raw bytes as the archive has them
 * @param type its letter: {@code 0} a file, {@code 5} a directory ...
 * @param link what a link leads to, or the other name of the file
 * @param sizeBytes of the contents that follow
 * @param attributes permission bits without a type, and the rest
 * @param device number of a device file
 */
record TarMember(
        String path,
        char type,
        String link,
        long sizeBytes,
        SavedAttributes attributes,
        long device) {
    static final char FILE = '0';
    static final char OTHER_NAME = '1';
    static final char SYMLINK = '2';
    static final char CHARACTER_DEVICE = '3';
    static final char BLOCK_DEVICE = '4';
    static final char DIRECTORY = '5';
    static final char FIFO = '6';
}
