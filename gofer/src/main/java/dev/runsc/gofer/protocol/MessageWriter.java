package dev.runsc.gofer.protocol;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Builds one packet at a time in a buffer of its own. Who writes keeps to the limits. */
public final class MessageWriter {
    private final ByteBuffer buffer =
            ByteBuffer.allocateDirect(Limits.MESSAGE_BYTES).order(ByteOrder.LITTLE_ENDIAN);

    /** Starts over. */
    public MessageWriter clear() {
        buffer.clear();
        return this;
    }

    /** What has been written, ready to be sent; the writer must not be used before it is. */
    public ByteBuffer packet() {
        return buffer.flip();
    }

    public MessageWriter u8(int value) {
        buffer.put((byte) value);
        return this;
    }

    public MessageWriter u16(int value) {
        buffer.putShort((short) value);
        return this;
    }

    public MessageWriter s32(int value) {
        buffer.putInt(value);
        return this;
    }

    public MessageWriter s64(long value) {
        buffer.putLong(value);
        return this;
    }

    /** A name or a path. */
    public MessageWriter text(byte[] text) {
        if (text.length >= Limits.PATH_BYTES) {
            throw new IllegalArgumentException("text of " + text.length + " bytes");
        }
        buffer.putShort((short) text.length).put(text);
        return this;
    }

    /** The content of a file or the like. */
    public MessageWriter data(ByteBuffer data) {
        if (data.remaining() > Limits.DATA_BYTES) {
            throw new IllegalArgumentException("data of " + data.remaining() + " bytes");
        }
        buffer.putInt(data.remaining()).put(data);
        return this;
    }

    public MessageWriter data(byte[] data) {
        return data(ByteBuffer.wrap(data));
    }

    /** The names of a walk. */
    public MessageWriter names(List<byte[]> names) {
        u16(names.size());
        for (byte[] name : names) {
            text(name);
        }
        return this;
    }

    /** The numbers of nodes. */
    public MessageWriter nodes(List<Long> nodes) {
        u16(nodes.size());
        for (long node : nodes) {
            s64(node);
        }
        return this;
    }
}
