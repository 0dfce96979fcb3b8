package dev.runsc.gofer.abi;

import java.nio.ByteBuffer;

/** {@code struct epoll_event}: packed on x86-64, so 12 bytes. */
public record EpollEvent(int events, long data) implements AbiStruct {
    public static final int BYTES = 12;

    /** Takes one from the position of {@code source}, which moves past it. */
    public static EpollEvent readFrom(ByteBuffer source) {
        ByteBuffer in = AbiStruct.littleEndian(source);
        int events = in.getInt();
        long data = in.getLong();
        return new EpollEvent(events, data);
    }

    @Override
    public int byteSize() {
        return BYTES;
    }

    @Override
    public void writeTo(ByteBuffer target) {
        ByteBuffer out = AbiStruct.littleEndian(target);
        out.putInt(events);
        out.putLong(data);
    }
}
