package dev.runsc.gofer.abi;

import java.nio.ByteBuffer;

/** {@code struct iovec}: a guest address and a length. */
public record Iovec(long baseAddress, long lengthBytes) implements AbiStruct {
    public static final int BYTES = 16;

    /** Takes one from the position of {@code source}, which moves past it. */
    public static Iovec readFrom(ByteBuffer source) {
        ByteBuffer in = AbiStruct.littleEndian(source);
        long baseAddress = in.getLong();
        long lengthBytes = in.getLong();
        return new Iovec(baseAddress, lengthBytes);
    }

    @Override
    public int byteSize() {
        return BYTES;
    }

    @Override
    public void writeTo(ByteBuffer target) {
        ByteBuffer out = AbiStruct.littleEndian(target);
        out.putLong(baseAddress);
        out.putLong(lengthBytes);
    }
}
