package dev.runsc.kernel.fs.erofs;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A block of a directory: entries of one length ({@code struct erofs_dirent}), then their names, in
 * the order of their bytes. The first name tells where the entries end.
 */
final class DirectoryBlock {
    /** How many entries fit into the largest block, rounded up to a power of two. */
    static final int ENTRIES_BITS = 9;

    private static final int ENTRY_BYTES = 12;
    private static final int NAME_AT = 8;
    private static final int TYPE_AT = 10;
    private static final int NAME_BYTES_MAX = 255;

    private final ByteBuffer bytes;
    private final int count;

    /**
     * @param bytes the block, or what the directory has of its last one
     */
    DirectoryBlock(ByteBuffer bytes) throws ErrnoException {
        this.bytes = bytes;
        if (bytes.limit() < ENTRY_BYTES) {
            throw Errno.EUCLEAN.error();
        }
        int names = nameAt(0);
        if (names < ENTRY_BYTES || names >= bytes.limit() || names % ENTRY_BYTES != 0) {
            throw Errno.EUCLEAN.error();
        }
        count = names / ENTRY_BYTES;
    }

    private int nameAt(int index) {
        return bytes.getShort(index * ENTRY_BYTES + NAME_AT) & 0xffff;
    }

    int count() {
        return count;
    }

    long inode(int index) {
        return bytes.getLong(index * ENTRY_BYTES);
    }

    /** {@code EROFS_FT_...}. */
    int type(int index) {
        return bytes.get(index * ENTRY_BYTES + TYPE_AT) & 0xff;
    }

    /**
     * The name of an entry. The last one goes to the end of the block, or to a byte that is 0.
     *
     * @throws ErrnoException EUCLEAN when there can be no such name
     */
    byte[] name(int index) throws ErrnoException {
        int from = nameAt(index);
        boolean last = index == count - 1;
        int to = last ? bytes.limit() : nameAt(index + 1);
        if (from < count * ENTRY_BYTES || to > bytes.limit() || from >= to) {
            throw Errno.EUCLEAN.error();
        }
        int end = from;
        while (end < to && bytes.get(end) != 0) {
            if (bytes.get(end) == '/') {
                throw Errno.EUCLEAN.error();
            }
            end++;
        }
        if (end == from || end - from > NAME_BYTES_MAX || !last && end != to) {
            throw Errno.EUCLEAN.error();
        }
        byte[] name = new byte[end - from];
        bytes.get(from, name);
        return name;
    }

    /** The place of a name; negative when it is not there. */
    int find(byte[] wanted) throws ErrnoException {
        int low = 0;
        int high = count - 1;
        while (low <= high) {
            int middle = low + high >>> 1;
            int order = Arrays.compareUnsigned(wanted, name(middle));
            if (order == 0) {
                return middle;
            }
            if (order < 0) {
                high = middle - 1;
            } else {
                low = middle + 1;
            }
        }
        return -1;
    }
}
