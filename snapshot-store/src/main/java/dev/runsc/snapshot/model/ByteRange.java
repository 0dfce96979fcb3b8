package dev.runsc.snapshot.model;

/**
 * A piece of a memory file that holds data.
 *
 * @param offset first byte
 * @param length bytes, above zero
 */
public record ByteRange(long offset, long length) {
    public ByteRange {
        if (offset < 0 || length <= 0 || offset > Long.MAX_VALUE - length) {
            throw new IllegalArgumentException(
                    "bad range: offset " + offset + ", length " + length);
        }
    }

    /** First byte behind the range. */
    public long end() {
        return offset + length;
    }
}
