package dev.runsc.gofer.abi;

import java.nio.ByteBuffer;

/** {@code stack_t} of sigaltstack(2). */
public record StackT(long baseAddress, int flags, long sizeBytes) implements AbiStruct {
    public static final int BYTES = 24;

    /** Takes one from the position of {@code source}, which moves past it. */
    public static StackT readFrom(ByteBuffer source) {
        ByteBuffer in = AbiStruct.littleEndian(source);
        long baseAddress = in.getLong();
        int flags = in.getInt();
        in.position(in.position() + 4);
        long sizeBytes = in.getLong();
        return new StackT(baseAddress, flags, sizeBytes);
    }

    @Override
    public int byteSize() {
        return BYTES;
    }

    @Override
    public void writeTo(ByteBuffer target) {
        ByteBuffer out = AbiStruct.littleEndian(target);
        out.putLong(baseAddress);
        out.putInt(flags);
        AbiStruct.putZeros(out, 4);
        out.putLong(sizeBytes);
    }
}
