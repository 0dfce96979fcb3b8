package dev.runsc.gofer.abi;

import java.nio.ByteBuffer;

/** {@code struct itimerspec} of timer_settime(2), timerfd_settime(2). */
public record Itimerspec(Timespec interval, Timespec value) implements AbiStruct {
    public static final int BYTES = 32;

    /** Takes one from the position of {@code source}, which moves past it. */
    public static Itimerspec readFrom(ByteBuffer source) {
        ByteBuffer in = AbiStruct.littleEndian(source);
        Timespec interval = Timespec.readFrom(in);
        Timespec value = Timespec.readFrom(in);
        return new Itimerspec(interval, value);
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
