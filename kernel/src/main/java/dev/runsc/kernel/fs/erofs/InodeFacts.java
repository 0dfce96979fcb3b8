package dev.runsc.kernel.fs.erofs;

import dev.runsc.gofer.abi.DeviceNumber;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.state.Savable;
import java.nio.ByteBuffer;

/**
 * An inode as the image has it ({@code struct erofs_inode_compact}, {@code erofs_inode_extended}).
 *
 * @param number its place in the image, in units of 32 bytes ({@code nid})
 * @param sizeBytes not negative; otherwise whatever the image says
 * @param layout where its contents are
 * @param start the block they begin with, or their chunks' form
 * @param xattrsAt where its attributes are, behind the inode itself
 * @param xattrBytes how long they are: what follows is the contents' tail or their chunks
 */
record InodeFacts(
        long number,
        int mode,
        int uid,
        int gid,
        long links,
        long sizeBytes,
        long seconds,
        int nanos,
        Layout layout,
        long start,
        long deviceNumber,
        long xattrsAt,
        int xattrBytes)
        implements Savable {
    /** Where contents are ({@code EROFS_INODE_...}). Compressed ones are not read. */
    enum Layout {
        /** Blocks in a row. */
        FLAT_PLAIN,
        /** Blocks in a row but for the last, which stands behind the inode. */
        FLAT_INLINE,
        /** Pieces of one length, each anywhere. */
        CHUNKS;

        private static Layout of(int number) throws ErrnoException {
            return switch (number) {
                case 0 -> FLAT_PLAIN;
                case 2 -> FLAT_INLINE;
                case 4 -> CHUNKS;
                default -> throw Errno.EOPNOTSUPP.error();
            };
        }
    }

    private static final int NUMBER_BITS = 5;
    private static final int COMPACT_BYTES = 32;
    private static final int EXTENDED_BYTES = 64;

    private static final int EXTENDED = 1;
    private static final int LAYOUT_SHIFT = 1;
    private static final int LAYOUT_MASK = 7;
    private static final int KNOWN_FORMAT = EXTENDED | LAYOUT_MASK << LAYOUT_SHIFT;

    private static final int XATTR_HEADER_BYTES = 12;
    private static final int XATTR_UNIT = 4;
    private static final int NANOS_MAX = 999_999_999;

    /** Behind it stand the tail of the contents or their chunks. */
    long bodyAt() {
        return xattrsAt + xattrBytes;
    }

    /**
     * Reads an inode.
     *
     * @throws ErrnoException EUCLEAN when it makes no sense, EOPNOTSUPP when it is of a form that
     *     is not known
     */
    static InodeFacts read(ErofsImage image, Superblock superblock, long number)
            throws ErrnoException {
        if (number < 0 || number > image.sizeBytes() >>> NUMBER_BITS) {
            throw Errno.EUCLEAN.error();
        }
        long at = superblock.inodesAt() + (number << NUMBER_BITS);
        ByteBuffer in = image.bytes(at, COMPACT_BYTES);
        int format = in.getShort(0) & 0xffff;
        if ((format & ~KNOWN_FORMAT) != 0) {
            throw Errno.EOPNOTSUPP.error();
        }
        Layout layout = Layout.of(format >>> LAYOUT_SHIFT & LAYOUT_MASK);
        int mode = in.getShort(4) & 0xffff;
        int xattrCount = in.getShort(2) & 0xffff;
        int xattrBytes = xattrCount == 0 ? 0 : XATTR_HEADER_BYTES + XATTR_UNIT * (xattrCount - 1);
        InodeFacts facts;
        if ((format & EXTENDED) != 0) {
            facts = extended(image, at, number, mode, layout, xattrBytes);
        } else {
            facts =
                    new InodeFacts(
                            number,
                            mode,
                            in.getShort(24) & 0xffff,
                            in.getShort(26) & 0xffff,
                            in.getShort(6) & 0xffff,
                            Integer.toUnsignedLong(in.getInt(8)),
                            superblock.seconds(),
                            nanos(superblock.nanos()),
                            layout,
                            Integer.toUnsignedLong(in.getInt(16)),
                            device(mode, in.getInt(16)),
                            at + COMPACT_BYTES,
                            xattrBytes);
        }
        facts.check(image);
        return facts;
    }

    private static InodeFacts extended(
            ErofsImage image, long at, long number, int mode, Layout layout, int xattrBytes)
            throws ErrnoException {
        ByteBuffer in = image.bytes(at, EXTENDED_BYTES);
        return new InodeFacts(
                number,
                mode,
                in.getInt(24),
                in.getInt(28),
                Integer.toUnsignedLong(in.getInt(44)),
                in.getLong(8),
                in.getLong(32),
                nanos(in.getInt(40)),
                layout,
                Integer.toUnsignedLong(in.getInt(16)),
                device(mode, in.getInt(16)),
                at + EXTENDED_BYTES,
                xattrBytes);
    }

    private static int nanos(int stored) {
        return stored < 0 || stored > NANOS_MAX ? NANOS_MAX : stored;
    }

    /** As new_encode_dev of linux/kdev_t.h packs it. */
    private static long device(int mode, int packed) {
        int type = mode & FileMode.S_IFMT;
        if (type != FileMode.S_IFCHR && type != FileMode.S_IFBLK) {
            return 0;
        }
        return DeviceNumber.make(packed >>> 8 & 0xfff, packed & 0xff | packed >>> 12 & 0xfff00);
    }

    private void check(ErofsImage image) throws ErrnoException {
        boolean known =
                switch (mode & FileMode.S_IFMT) {
                    case FileMode.S_IFREG,
                            FileMode.S_IFDIR,
                            FileMode.S_IFLNK,
                            FileMode.S_IFCHR,
                            FileMode.S_IFBLK,
                            FileMode.S_IFIFO,
                            FileMode.S_IFSOCK ->
                            true;
                    default -> false;
                };
        if (!known || sizeBytes < 0) {
            throw Errno.EUCLEAN.error();
        }
        image.require(xattrsAt, xattrBytes);
    }
}
