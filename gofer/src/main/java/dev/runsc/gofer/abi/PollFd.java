package dev.runsc.gofer.abi;

import java.nio.ByteBuffer;

/** {@code struct pollfd} of poll(2). */
public record PollFd(int fd, int events, int revents) implements AbiStruct {
    public static final int BYTES = 8;

    /** Takes one from the position of {@code source}, which moves past it. */
    public static PollFd readFrom(ByteBuffer source) {
        ByteBuffer in = AbiStruct.littleEndian(source);
        int fd = in.getInt();
        int events = in.getShort();
        int revents = in.getShort();
        return new PollFd(fd, events, revents);
    }

    @Override
    public int byteSize() {
        return BYTES;
    }

    @Override
    public void writeTo(ByteBuffer target) {
        ByteBuffer out = AbiStruct.littleEndian(target);
        out.putInt(fd);
        out.putShort((short) events);
        out.putShort((short) revents);
    }
}
