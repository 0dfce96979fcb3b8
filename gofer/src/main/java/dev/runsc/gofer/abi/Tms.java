package dev.runsc.gofer.abi;

import java.nio.ByteBuffer;

/** {@code struct tms} of times(2), in ticks of 10 ms. */
public record Tms(long userTicks, long systemTicks, long childUserTicks, long childSystemTicks)
        implements AbiStruct {
    public static final int BYTES = 32;

    /** Takes one from the position of {@code source}, which moves past it. */
    public static Tms readFrom(ByteBuffer source) {
        ByteBuffer in = AbiStruct.littleEndian(source);
        long userTicks = in.getLong();
        long systemTicks = in.getLong();
        long childUserTicks = in.getLong();
        long childSystemTicks = in.getLong();
        return new Tms(userTicks, systemTicks, childUserTicks, childSystemTicks);
    }

    @Override
    public int byteSize() {
        return BYTES;
    }

    @Override
    public void writeTo(ByteBuffer target) {
        ByteBuffer out = AbiStruct.littleEndian(target);
        out.putLong(userTicks);
        out.putLong(systemTicks);
        out.putLong(childUserTicks);
        out.putLong(childSystemTicks);
    }
}
