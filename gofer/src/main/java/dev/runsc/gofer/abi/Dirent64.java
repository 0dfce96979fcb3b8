package dev.runsc.gofer.abi;

import java.nio.ByteBuffer;

/**
 * {@code struct linux_dirent64} of getdents64(2): {@code u64 d_ino; s64 d_off; u16 d_reclen; u8
 * d_type; char d_name[]}, the name terminated by a zero and the record padded to 8 bytes. Types are
 * the {@code DT_*} of {@link FileMode}.
 */
@SuppressWarnings("ArrayRecordComponent") // a file name is bytes in Linux; never compared
public record Dirent64(long ino, long offset, int type, byte[] name) implements AbiStruct {
    /** Offset of {@code d_name}. */
    public static final int HEADER_BYTES = 19;

    private static final int ALIGNMENT = 8;

    /** {@code d_reclen} of an entry whose name has this many bytes. */
    public static int recordBytes(int nameLength) {
        return (HEADER_BYTES + nameLength + 1 + ALIGNMENT - 1) & -ALIGNMENT;
    }

    /**
     * Takes one from the position of {@code source}, which moves past it.
     *
     * @throws IllegalArgumentException when the record length is impossible
     */
    public static Dirent64 readFrom(ByteBuffer source) {
        ByteBuffer in = AbiStruct.littleEndian(source);
        int start = in.position();
        if (in.remaining() < HEADER_BYTES + 1) {
            throw new IllegalArgumentException("directory entry cut off");
        }
        long ino = in.getLong();
        long offset = in.getLong();
        int recordLength = in.getShort() & 0xffff;
        int type = in.get() & 0xff;
        if (recordLength <= HEADER_BYTES || recordLength > in.limit() - start) {
            throw new IllegalArgumentException("directory entry of " + recordLength + " bytes");
        }
        int end = start + recordLength;
        int length = 0;
        while (start + HEADER_BYTES + length < end && in.get(start + HEADER_BYTES + length) != 0) {
            length++;
        }
        byte[] name = new byte[length];
        in.get(start + HEADER_BYTES, name);
        in.position(end);
        return new Dirent64(ino, offset, type, name);
    }

    @Override
    public int byteSize() {
        return recordBytes(name.length);
    }

    @Override
    public void writeTo(ByteBuffer target) {
        ByteBuffer out = AbiStruct.littleEndian(target);
        out.putLong(ino);
        out.putLong(offset);
        out.putShort((short) byteSize());
        out.put((byte) type);
        out.put(name);
        AbiStruct.putZeros(out, byteSize() - HEADER_BYTES - name.length);
    }
}
