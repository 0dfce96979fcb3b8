package dev.runsc.gofer.protocol;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Takes one packet apart. Trusts nothing: each length is checked before it is used. */
public final class MessageReader {
    private final ByteBuffer buffer;

    /** Reads what remains of {@code packet}. */
    public MessageReader(ByteBuffer packet) {
        buffer = packet.slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    private void need(int bytes) throws ProtocolException {
        if (buffer.remaining() < bytes) {
            throw new ProtocolException("packet is cut off");
        }
    }

    public int u8() throws ProtocolException {
        need(Byte.BYTES);
        return buffer.get() & 0xff;
    }

    public boolean bool() throws ProtocolException {
        int value = u8();
        if (value > 1) {
            throw new ProtocolException("neither true nor false: " + value);
        }
        return value == 1;
    }

    public int u16() throws ProtocolException {
        need(Short.BYTES);
        return buffer.getShort() & 0xffff;
    }

    public int s32() throws ProtocolException {
        need(Integer.BYTES);
        return buffer.getInt();
    }

    public long s64() throws ProtocolException {
        need(Long.BYTES);
        return buffer.getLong();
    }

    /** The number of elements of a list. */
    public int count(int most) throws ProtocolException {
        int count = u16();
        if (count > most) {
            throw new ProtocolException("list of " + count + ", at most " + most);
        }
        return count;
    }

    /** A path: at most 4095 bytes, none of them zero. */
    public byte[] path() throws ProtocolException {
        int length = u16();
        if (length >= Limits.PATH_BYTES) {
            throw new ProtocolException("path of " + length + " bytes");
        }
        byte[] path = bytes(length);
        for (byte b : path) {
            if (b == 0) {
                throw new ProtocolException("path with a zero");
            }
        }
        return path;
    }

    /** The name of a directory entry. */
    public byte[] name() throws ProtocolException {
        byte[] name = path();
        if (!Names.isLegal(name)) {
            throw new ProtocolException("illegal name of " + name.length + " bytes");
        }
        return name;
    }

    /** Content: a view that lives as long as the packet. */
    public ByteBuffer data() throws ProtocolException {
        int length = s32();
        if (length < 0 || length > Limits.DATA_BYTES) {
            throw new ProtocolException("data of " + length + " bytes");
        }
        need(length);
        ByteBuffer data = buffer.slice(buffer.position(), length);
        buffer.position(buffer.position() + length);
        return data;
    }

    /** The names of a walk. */
    public List<byte[]> names() throws ProtocolException {
        int count = count(Limits.WALK_NAMES);
        List<byte[]> names = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            names.add(name());
        }
        return names;
    }

    /** The numbers of nodes. */
    public List<Long> nodes() throws ProtocolException {
        int count = count(Limits.NODES);
        List<Long> nodes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            nodes.add(s64());
        }
        return nodes;
    }

    private byte[] bytes(int length) throws ProtocolException {
        need(length);
        byte[] bytes = new byte[length];
        buffer.get(bytes);
        return bytes;
    }

    /** Checks that the packet has been read to its end. */
    public void end() throws ProtocolException {
        if (buffer.hasRemaining()) {
            throw new ProtocolException(buffer.remaining() + " bytes too many");
        }
    }
}
