package dev.runsc.gofer.abi;

import java.nio.ByteBuffer;

/** {@code struct open_how} of openat2(2). */
public record OpenHow(long flags, long mode, long resolve) implements AbiStruct {
    public static final int BYTES = 24;

    /** Takes one from the position of {@code source}, which moves past it. */
    public static OpenHow readFrom(ByteBuffer source) {
        ByteBuffer in = AbiStruct.littleEndian(source);
        long flags = in.getLong();
        long mode = in.getLong();
        long resolve = in.getLong();
        return new OpenHow(flags, mode, resolve);
    }

    @Override
    public int byteSize() {
        return BYTES;
    }

    @Override
    public void writeTo(ByteBuffer target) {
        ByteBuffer out = AbiStruct.littleEndian(target);
        out.putLong(flags);
        out.putLong(mode);
        out.putLong(resolve);
    }
}
