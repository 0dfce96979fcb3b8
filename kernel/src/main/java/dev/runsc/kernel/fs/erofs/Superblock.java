package dev.runsc.kernel.fs.erofs;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.state.Savable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * What an image says of itself ({@code struct erofs_super_block}), 1 KiB into it. All that is
 * checked here holds for the bytes that were read, not for the file, which may have changed since.
 */
final class Superblock implements Savable {
    /** {@code EROFS_SUPER_MAGIC_V1}. */
    static final long MAGIC = 0xE0F5E1E2L;

    static final int OFFSET = 1024;
    static final int BYTES = 128;

    private static final int CHECKSUM_AT = 4;
    private static final int COMPATIBLE_AT = 8;
    private static final int BLOCK_BITS_AT = 12;
    private static final int ROOT_AT = 14;
    private static final int INODES_AT = 16;
    private static final int SECONDS_AT = 24;
    private static final int NANOS_AT = 32;
    private static final int BLOCKS_AT = 36;
    private static final int INODE_BLOCK_AT = 40;
    private static final int XATTR_BLOCK_AT = 44;
    private static final int INCOMPATIBLE_AT = 80;
    private static final int DEVICES_AT = 86;
    private static final int DIRECTORY_BITS_AT = 90;

    /** {@code EROFS_FEATURE_COMPAT_SB_CHKSUM}. */
    private static final int CHECKSUM = 1;

    /** {@code EROFS_FEATURE_INCOMPAT_CHUNKED_FILE}. */
    private static final int CHUNKED_FILES = 4;

    /** What the features are that an image must not need, by bit, as mkfs.erofs knows them. */
    private static final String[] REFUSED = {
        "compressed files",
        "compressed files",
        "",
        "further devices or compressed files",
        "compressed files",
        "fragments of compressed files",
        "prefixes of extended attributes",
        "48-bit block numbers",
        "a compressed area of metadata"
    };

    private static final int BLOCK_BITS_MIN = 9;
    private static final int BLOCK_BITS_MAX = 12;

    private final byte[] raw;

    private Superblock(byte[] raw) {
        this.raw = raw;
    }

    /** Reads and checks it. */
    static Superblock read(ErofsImage image) throws ErofsFault {
        byte[] raw = new byte[BYTES];
        try {
            if (image.sizeBytes() < OFFSET + BYTES) {
                throw new ErofsFault("not an EROFS image: it is too small");
            }
            image.bytes(OFFSET, BYTES).get(raw);
            Superblock read = new Superblock(raw);
            read.check(image);
            return read;
        } catch (ErrnoException e) {
            throw new ErofsFault("reading the EROFS image: " + e.errno().message(), e);
        }
    }

    private void check(ErofsImage image) throws ErofsFault, ErrnoException {
        if (unsigned(0) != MAGIC) {
            throw new ErofsFault("not an EROFS image: it has no superblock");
        }
        int bits = blockBits();
        if (bits < BLOCK_BITS_MIN || bits > BLOCK_BITS_MAX) {
            throw new ErofsFault("the EROFS image has blocks of 2^" + bits + " bytes");
        }
        checkFeatures();
        if ((fields().getInt(COMPATIBLE_AT) & CHECKSUM) != 0) {
            checkSum(image);
        }
        if (raw[DIRECTORY_BITS_AT] != 0) {
            throw new ErofsFault("the EROFS image has directory blocks of their own size");
        }
        if (fields().getShort(DEVICES_AT) != 0) {
            throw new ErofsFault("the EROFS image needs further devices");
        }
        if (blocks() << bits > image.sizeBytes()) {
            throw new ErofsFault(
                    "the EROFS image is cut off: it has "
                            + image.sizeBytes()
                            + " of "
                            + (blocks() << bits)
                            + " bytes");
        }
    }

    private void checkFeatures() throws ErofsFault {
        int refused = fields().getInt(INCOMPATIBLE_AT) & ~CHUNKED_FILES;
        if (refused == 0) {
            return;
        }
        List<String> names = new ArrayList<>();
        for (int bit = 0; bit < Integer.SIZE; bit++) {
            if ((refused >>> bit & 1) != 0) {
                String name =
                        bit < REFUSED.length ? REFUSED[bit] : "feature 2^" + bit + ", unknown here";
                if (!names.contains(name)) {
                    names.add(name);
                }
            }
        }
        throw new ErofsFault(
                "the EROFS image needs what is not supported: " + String.join(", ", names));
    }

    /**
     * Of the superblock's block from the superblock on, the sum being 0 in it; without the last
     * inversion that CRC-32C has elsewhere.
     */
    private void checkSum(ErofsImage image) throws ErofsFault, ErrnoException {
        int block = blockBytes();
        int length = block > OFFSET ? block - OFFSET : block;
        if (image.sizeBytes() < OFFSET + length) {
            throw new ErofsFault("the EROFS image is cut off in its superblock");
        }
        byte[] bytes = image.bytes(OFFSET, length).array();
        Arrays.fill(bytes, CHECKSUM_AT, CHECKSUM_AT + Integer.BYTES, (byte) 0);
        CRC32C sum = new CRC32C();
        sum.update(bytes);
        if ((~sum.getValue() & 0xffff_ffffL) != unsigned(CHECKSUM_AT)) {
            throw new ErofsFault("the EROFS image is damaged: its superblock has another checksum");
        }
    }

    /** Whether another image has the very same. */
    boolean isSame(Superblock other) {
        return Arrays.equals(raw, other.raw);
    }

    private ByteBuffer fields() {
        return ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN);
    }

    private long unsigned(int at) {
        return Integer.toUnsignedLong(fields().getInt(at));
    }

    int blockBits() {
        return raw[BLOCK_BITS_AT] & 0xff;
    }

    int blockBytes() {
        return 1 << blockBits();
    }

    long blocks() {
        return unsigned(BLOCKS_AT);
    }

    long inodes() {
        return fields().getLong(INODES_AT);
    }

    long rootNumber() {
        return Short.toUnsignedLong(fields().getShort(ROOT_AT));
    }

    /** Where inode numbers count from, in bytes. */
    long inodesAt() {
        return unsigned(INODE_BLOCK_AT) << blockBits();
    }

    /** Where shared attributes count from, in bytes. */
    long sharedXattrsAt() {
        return unsigned(XATTR_BLOCK_AT) << blockBits();
    }

    /** When it was made: the time of inodes that have none. */
    long seconds() {
        return fields().getLong(SECONDS_AT);
    }

    int nanos() {
        return fields().getInt(NANOS_AT);
    }
}
