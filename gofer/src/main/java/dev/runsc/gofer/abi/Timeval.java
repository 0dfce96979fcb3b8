package dev.runsc.gofer.abi;

import java.nio.ByteBuffer;

/** {@code struct timeval}: seconds and microseconds. */
public record Timeval(long seconds, long micros) implements AbiStruct {
    public static final int BYTES = 16;

    /** Takes one from the position of {@code source}, which moves past it. */
    public static Timeval readFrom(ByteBuffer source) {
        ByteBuffer in = AbiStruct.littleEndian(source);
        long seconds = in.getLong();
        long micros = in.getLong();
        return new Timeval(seconds, micros);
    }

    @Override
    public int byteSize() {
        return BYTES;
    }

    @Override
    public void writeTo(ByteBuffer target) {
        ByteBuffer out = AbiStruct.littleEndian(target);
        out.putLong(seconds);
        out.putLong(micros);
    }
}
