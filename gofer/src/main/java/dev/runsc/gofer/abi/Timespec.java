package dev.runsc.gofer.abi;

import java.nio.ByteBuffer;

/** {@code struct timespec} (linux/time_types.h): seconds and nanoseconds. */
public record Timespec(long seconds, long nanos) implements AbiStruct {
    public static final int BYTES = 16;

    /** Takes one from the position of {@code source}, which moves past it. */
    public static Timespec readFrom(ByteBuffer source) {
        ByteBuffer in = AbiStruct.littleEndian(source);
        long seconds = in.getLong();
        long nanos = in.getLong();
        return new Timespec(seconds, nanos);
    }

    @Override
    public int byteSize() {
        return BYTES;
    }

    @Override
    public void writeTo(ByteBuffer target) {
        ByteBuffer out = AbiStruct.littleEndian(target);
        out.putLong(seconds);
        out.putLong(nanos);
    }
}
