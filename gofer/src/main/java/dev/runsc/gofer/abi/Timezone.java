package dev.runsc.gofer.abi;

import java.nio.ByteBuffer;

/** {@code struct timezone} of gettimeofday(2). */
public record Timezone(int minutesWest, int dstTime) implements AbiStruct {
    public static final int BYTES = 8;

    /** Takes one from the position of {@code source}, which moves past it. */
    public static Timezone readFrom(ByteBuffer source) {
        ByteBuffer in = AbiStruct.littleEndian(source);
        int minutesWest = in.getInt();
        int dstTime = in.getInt();
        return new Timezone(minutesWest, dstTime);
    }

    @Override
    public int byteSize() {
        return BYTES;
    }

    @Override
    public void writeTo(ByteBuffer target) {
        ByteBuffer out = AbiStruct.littleEndian(target);
        out.putInt(minutesWest);
        out.putInt(dstTime);
    }
}
