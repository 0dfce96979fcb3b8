package dev.runsc.kernel.fs.erofs;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Where in an image the contents of a file are (Linux erofs_map_blocks). */
final class BlockMap {
    /** {@code EROFS_CHUNK_FORMAT_BLKBITS_MASK}: how many blocks a chunk has, as a power of two. */
    private static final int CHUNK_BITS_MASK = 0x1f;

    /** {@code EROFS_CHUNK_FORMAT_INDEXES}: chunks are named by 8 bytes, not 4. */
    private static final int CHUNK_INDEXES = 0x20;

    private static final int CHUNK_FORMAT_MASK = 0xffff;

    /** {@code EROFS_NULL_ADDR}: a chunk of zeros. */
    private static final long NULL_BLOCK = 0xffff_ffffL;

    /** How many chunks are looked at at once, for those that lie in a row. */
    private static final int CHUNKS_AHEAD = 256;

    /** For {@link Extent}: bytes that are zero. */
    static final long HOLE = -1;

    private final ErofsImage image;
    private final Superblock superblock;
    private final InodeFacts facts;

    BlockMap(ErofsImage image, Superblock superblock, InodeFacts facts) {
        this.image = image;
        this.superblock = superblock;
        this.facts = facts;
    }

    /**
     * Bytes of a file that lie in a row.
     *
     * @param imageOffset where, or {@link #HOLE}
     * @param lengthBytes positive
     */
    record Extent(long imageOffset, long lengthBytes) {}

    /**
     * What begins at an offset before the end of the file.
     *
     * @throws ErrnoException EUCLEAN when that is not in the image
     */
    Extent find(long offset) throws ErrnoException {
        long left = facts.sizeBytes() - offset;
        Extent found =
                switch (facts.layout()) {
                    case FLAT_PLAIN -> blocks(offset, left);
                    case FLAT_INLINE -> blocksOrTail(offset, left);
                    case CHUNKS -> chunks(offset, left);
                };
        if (found.imageOffset() == HOLE) {
            return found;
        }
        image.require(found.imageOffset(), 1);
        long there = image.sizeBytes() - found.imageOffset();
        return new Extent(found.imageOffset(), Math.min(found.lengthBytes(), there));
    }

    private Extent blocks(long offset, long length) throws ErrnoException {
        long start = facts.start() << superblock.blockBits();
        if (offset > image.sizeBytes()) {
            throw Errno.EUCLEAN.error();
        }
        return new Extent(start + offset, length);
    }

    private Extent blocksOrTail(long offset, long left) throws ErrnoException {
        int block = superblock.blockBytes();
        long tail = facts.sizeBytes() - 1 & -block;
        if (offset < tail) {
            return blocks(offset, tail - offset);
        }
        long at = facts.bodyAt();
        if ((at & block - 1) + (facts.sizeBytes() - tail) > block) {
            throw Errno.EUCLEAN.error(); // the tail must not go on in another block
        }
        return new Extent(at + (offset - tail), left);
    }

    private Extent chunks(long offset, long left) throws ErrnoException {
        int format = (int) facts.start() & CHUNK_FORMAT_MASK;
        if ((format & ~(CHUNK_BITS_MASK | CHUNK_INDEXES)) != 0) {
            throw Errno.EOPNOTSUPP.error();
        }
        int bits = superblock.blockBits() + (format & CHUNK_BITS_MASK);
        boolean indexes = (format & CHUNK_INDEXES) != 0;
        int unit = indexes ? 8 : 4;
        long table = facts.bodyAt() + unit - 1 & -unit;
        long first = offset >>> bits;
        if (first > image.sizeBytes() / unit) {
            throw Errno.EUCLEAN.error();
        }
        long inside = offset & (1L << bits) - 1;
        long last = offset + left - 1 >>> bits;
        int count = (int) Math.min(last - first + 1, CHUNKS_AHEAD);
        long tableBytes = image.sizeBytes() - (table + first * unit);
        count = (int) Math.max(1, Math.min(count, tableBytes / unit));
        ByteBuffer entries = image.bytes(table + first * unit, count * unit);
        long block = block(entries, 0, indexes);
        long length = (1L << bits) - inside;
        for (int i = 1; i < count && length < left; i++) {
            long wanted =
                    block == NULL_BLOCK
                            ? block
                            : block + ((long) i << bits - superblock.blockBits());
            if (block(entries, i, indexes) != wanted) {
                break;
            }
            length += 1L << bits;
        }
        long start = block == NULL_BLOCK ? HOLE : (block << superblock.blockBits()) + inside;
        return new Extent(start, Math.min(length, left));
    }

    private static long block(ByteBuffer entries, int index, boolean indexes)
            throws ErrnoException {
        if (!indexes) {
            return Integer.toUnsignedLong(entries.getInt(index * 4));
        }
        long block = Integer.toUnsignedLong(entries.getInt(index * 8 + 4));
        if (block != NULL_BLOCK && entries.getShort(index * 8 + 2) != 0) {
            throw Errno.EUCLEAN.error(); // on a device that there is not
        }
        return block;
    }

    /** Bytes of the contents, which the caller has bounded; zeros where there is a hole. */
    ByteBuffer bytes(long offset, int length) throws ErrnoException {
        ByteBuffer all = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (all.hasRemaining()) {
            Extent extent = find(offset + all.position());
            int count = (int) Math.min(all.remaining(), extent.lengthBytes());
            if (extent.imageOffset() == HOLE) {
                all.position(all.position() + count);
            } else {
                all.put(image.bytes(extent.imageOffset(), count));
            }
        }
        return all.flip();
    }
}
