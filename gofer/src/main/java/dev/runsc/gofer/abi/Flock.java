package dev.runsc.gofer.abi;

import java.nio.ByteBuffer;

/** {@code struct flock} of fcntl(2) record locks. */
public record Flock(int type, int whence, long start, long length, int pid) implements AbiStruct {
    public static final int BYTES = 32;

    /** Takes one from the position of {@code source}, which moves past it. */
    public static Flock readFrom(ByteBuffer source) {
        ByteBuffer in = AbiStruct.littleEndian(source);
        int type = in.getShort();
        int whence = in.getShort();
        in.position(in.position() + 4);
        long start = in.getLong();
        long length = in.getLong();
        int pid = in.getInt();
        in.position(in.position() + 4);
        return new Flock(type, whence, start, length, pid);
    }

    @Override
    public int byteSize() {
        return BYTES;
    }

    @Override
    public void writeTo(ByteBuffer target) {
        ByteBuffer out = AbiStruct.littleEndian(target);
        out.putShort((short) type);
        out.putShort((short) whence);
        AbiStruct.putZeros(out, 4);
        out.putLong(start);
        out.putLong(length);
        out.putInt(pid);
        AbiStruct.putZeros(out, 4);
    }
}
