package dev.runsc.gofer.abi;

import java.nio.ByteBuffer;

/** The kernel's {@code struct sigaction} of rt_sigaction(2), not the C library's. */
public record Sigaction(long handlerAddress, long flags, long restorerAddress, long mask)
        implements AbiStruct {
    public static final int BYTES = 32;

    /** Takes one from the position of {@code source}, which moves past it. */
    public static Sigaction readFrom(ByteBuffer source) {
        ByteBuffer in = AbiStruct.littleEndian(source);
        long handlerAddress = in.getLong();
        long flags = in.getLong();
        long restorerAddress = in.getLong();
        long mask = in.getLong();
        return new Sigaction(handlerAddress, flags, restorerAddress, mask);
    }

    @Override
    public int byteSize() {
        return BYTES;
    }

    @Override
    public void writeTo(ByteBuffer target) {
        ByteBuffer out = AbiStruct.littleEndian(target);
        out.putLong(handlerAddress);
        out.putLong(flags);
        out.putLong(restorerAddress);
        out.putLong(mask);
    }
}
