package dev.runsc.gofer.abi;

import java.nio.ByteBuffer;

/** {@code struct rlimit64}: soft and hard limit, unsigned, all ones for none. */
public record Rlimit(long current, long maximum) implements AbiStruct {
    public static final int BYTES = 16;

    /** Takes one from the position of {@code source}, which moves past it. */
    public static Rlimit readFrom(ByteBuffer source) {
        ByteBuffer in = AbiStruct.littleEndian(source);
        long current = in.getLong();
        long maximum = in.getLong();
        return new Rlimit(current, maximum);
    }

    @Override
    public int byteSize() {
        return BYTES;
    }

    @Override
    public void writeTo(ByteBuffer target) {
        ByteBuffer out = AbiStruct.littleEndian(target);
        out.putLong(current);
        out.putLong(maximum);
    }
}
