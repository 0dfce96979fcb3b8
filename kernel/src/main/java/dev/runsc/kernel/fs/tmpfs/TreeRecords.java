package dev.runsc.kernel.fs.tmpfs;

/**
 * How an image of a tree is written: the attributes of the root, then what is in it. Each record
 * begins with its kind and, but for {@link #END}, a name; a directory's are followed by what is in
 * it, in the order of its listing, and {@link #END}. All numbers are big-endian; texts are raw
 * bytes behind their length.
 *
 * <pre>
 *   attributes   mode(4) uid(4) gid(4) access(8) modify(8) change(8) count(2) {name(2+n) value(4+n)}
 *   DIRECTORY    attributes, entries, END
 *   FILE         attributes link(4) size(8) {offset(8) memoryOffset(8) length(8)} -1(8)
 *   SYMLINK      attributes link(4) target(2+n)
 *   NODE         attributes link(4) device(8): FIFO, socket, device, whiteout
 *   LINK         link(4): another name of the file that had this number
 * </pre>
 *
 * {@code link} is 0 for files with one name, else counts from 1.
 */
final class TreeRecords {
    static final int DIRECTORY = 1;
    static final int FILE = 2;
    static final int SYMLINK = 3;
    static final int NODE = 4;
    static final int LINK = 5;
    static final int END = 6;

    /** Instead of an offset: the file has no more pieces. */
    static final long NO_MORE = -1;

    private TreeRecords() {}
}
