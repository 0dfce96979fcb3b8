package dev.runsc.gofer.abi;

import java.nio.ByteBuffer;

/** {@code struct itimerval} of setitimer(2). */
public record Itimerval(Timeval interval, Timeval value) implements AbiStruct {
    public static final int BYTES = 32;

    /** Takes one from the position of {@code source}, which moves past it. */
    public static Itimerval readFrom(ByteBuffer source) {
        ByteBuffer in = AbiStruct.littleEndian(source);
        Timeval interval = Timeval.readFrom(in);
        Timeval value = Timeval.readFrom(in);
        return new Itimerval(interval, value);
    }

    @Override
    public int byteSize() {
        return BYTES;
    }

    @Override
    public void writeTo(ByteBuffer target) {
        ByteBuffer out = AbiStruct.littleEndian(target);
        interval.writeTo(out);
        value.writeTo(out);
    }
}
