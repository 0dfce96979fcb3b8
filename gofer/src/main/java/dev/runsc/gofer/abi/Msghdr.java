package dev.runsc.gofer.abi;

import java.nio.ByteBuffer;

/** {@code struct msghdr} of sendmsg(2), as the kernel reads it. */
public record Msghdr(
        long nameAddress,
        int nameLength,
        long iovAddress,
        long iovCount,
        long controlAddress,
        long controlLength,
        int flags)
        implements AbiStruct {
    public static final int BYTES = 56;

    /** Takes one from the position of {@code source}, which moves past it. */
    public static Msghdr readFrom(ByteBuffer source) {
        ByteBuffer in = AbiStruct.littleEndian(source);
        long nameAddress = in.getLong();
        int nameLength = in.getInt();
        in.position(in.position() + 4);
        long iovAddress = in.getLong();
        long iovCount = in.getLong();
        long controlAddress = in.getLong();
        long controlLength = in.getLong();
        int flags = in.getInt();
        in.position(in.position() + 4);
        return new Msghdr(
                nameAddress,
                nameLength,
                iovAddress,
                iovCount,
                controlAddress,
                controlLength,
                flags);
    }

    @Override
    public int byteSize() {
        return BYTES;
    }

    @Override
    public void writeTo(ByteBuffer target) {
        ByteBuffer out = AbiStruct.littleEndian(target);
        out.putLong(nameAddress);
        out.putInt(nameLength);
        AbiStruct.putZeros(out, 4);
        out.putLong(iovAddress);
        out.putLong(iovCount);
        out.putLong(controlAddress);
        out.putLong(controlLength);
        out.putInt(flags);
        AbiStruct.putZeros(out, 4);
    }
}
