package dev.runsc.gofer.abi;

import java.nio.ByteBuffer;

/** {@code struct winsize} of TIOCGWINSZ. */
public record Winsize(int rows, int columns, int xPixels, int yPixels) implements AbiStruct {
    public static final int BYTES = 8;

    /** Takes one from the position of {@code source}, which moves past it. */
    public static Winsize readFrom(ByteBuffer source) {
        ByteBuffer in = AbiStruct.littleEndian(source);
        int rows = in.getShort() & 0xffff;
        int columns = in.getShort() & 0xffff;
        int xPixels = in.getShort() & 0xffff;
        int yPixels = in.getShort() & 0xffff;
        return new Winsize(rows, columns, xPixels, yPixels);
    }

    @Override
    public int byteSize() {
        return BYTES;
    }

    @Override
    public void writeTo(ByteBuffer target) {
        ByteBuffer out = AbiStruct.littleEndian(target);
        out.putShort((short) rows);
        out.putShort((short) columns);
        out.putShort((short) xPixels);
        out.putShort((short) yPixels);
    }
}
