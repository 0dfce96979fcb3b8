package dev.runsc.gofer.abi;

import java.nio.ByteBuffer;

/** {@code struct linger} of SO_LINGER. */
public record Linger(int onOff, int seconds) implements AbiStruct {
    public static final int BYTES = 8;

    /** Takes one from the position of {@code source}, which moves past it. */
    public static Linger readFrom(ByteBuffer source) {
        ByteBuffer in = AbiStruct.littleEndian(source);
        int onOff = in.getInt();
        int seconds = in.getInt();
        return new Linger(onOff, seconds);
    }

    @Override
    public int byteSize() {
        return BYTES;
    }

    @Override
    public void writeTo(ByteBuffer target) {
        ByteBuffer out = AbiStruct.littleEndian(target);
        out.putInt(onOff);
        out.putInt(seconds);
    }
}
