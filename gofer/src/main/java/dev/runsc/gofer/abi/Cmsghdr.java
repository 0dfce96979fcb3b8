package dev.runsc.gofer.abi;

import java.nio.ByteBuffer;

/** {@code struct cmsghdr}: head of one control message. */
public record Cmsghdr(long length, int level, int type) implements AbiStruct {
    public static final int BYTES = 16;

    /** Takes one from the position of {@code source}, which moves past it. */
    public static Cmsghdr readFrom(ByteBuffer source) {
        ByteBuffer in = AbiStruct.littleEndian(source);
        long length = in.getLong();
        int level = in.getInt();
        int type = in.getInt();
        return new Cmsghdr(length, level, type);
    }

    @Override
    public int byteSize() {
        return BYTES;
    }

    @Override
    public void writeTo(ByteBuffer target) {
        ByteBuffer out = AbiStruct.littleEndian(target);
        out.putLong(length);
        out.putInt(level);
        out.putInt(type);
    }
}
