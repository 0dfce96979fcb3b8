package dev.runsc.gofer.abi;

import java.nio.ByteBuffer;

/** {@code struct statx_timestamp} (linux/stat.h). */
public record StatxTimestamp(long seconds, int nanos) implements AbiStruct {
    public static final int BYTES = 16;

    /** Takes one from the position of {@code source}, which moves past it. */
    public static StatxTimestamp readFrom(ByteBuffer source) {
        ByteBuffer in = AbiStruct.littleEndian(source);
        long seconds = in.getLong();
        int nanos = in.getInt();
        in.position(in.position() + 4);
        return new StatxTimestamp(seconds, nanos);
    }

    @Override
    public int byteSize() {
        return BYTES;
    }

    @Override
    public void writeTo(ByteBuffer target) {
        ByteBuffer out = AbiStruct.littleEndian(target);
        out.putLong(seconds);
        out.putInt(nanos);
        AbiStruct.putZeros(out, 4);
    }
}
