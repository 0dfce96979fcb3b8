package dev.runsc.gofer.abi;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A C struct of the Linux ABI that knows its own layout. All of them are little-endian. */
public interface AbiStruct {
    /** {@code sizeof} the struct. */
    int byteSize();

    /**
     * Puts the struct at the position of {@code target}, which moves past it. Padding is zeroed.
     */
    void writeTo(ByteBuffer target);

    /** The struct alone. */
    default byte[] toBytes() {
        ByteBuffer buffer = ByteBuffer.allocate(byteSize());
        writeTo(buffer);
        return buffer.array();
    }

    /** The same buffer, set to the byte order of x86-64. */
    static ByteBuffer littleEndian(ByteBuffer buffer) {
        return buffer.order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Writes padding: what is left from an earlier use of the buffer must not reach a guest. */
    static void putZeros(ByteBuffer target, int count) {
        for (int i = 0; i < count; i++) {
            target.put((byte) 0);
        }
    }
}
