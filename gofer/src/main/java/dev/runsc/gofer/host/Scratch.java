package dev.runsc.gofer.host;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Native memory of the calling thread for the arguments of one call: two paths and some data. It is
 * freed with the thread. A method that uses it calls no other that does before it is done.
 */
final class Scratch {
    /** Room for a path and its zero: {@code PATH_MAX}. */
    static final int PATH_BYTES = 4096;

    static final int DATA_BYTES = 16384;

    private static final int DATA_OFFSET = 2 * PATH_BYTES;
    private static final ThreadLocal<Scratch> OF_THREAD = ThreadLocal.withInitial(Scratch::new);

    private final ByteBuffer memory =
            ByteBuffer.allocateDirect(DATA_OFFSET + DATA_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final ByteBuffer data =
            memory.slice(DATA_OFFSET, DATA_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final long address = address(memory);

    private Scratch() {}

    static Scratch get() {
        return OF_THREAD.get();
    }

    /** Where a direct buffer begins. The caller keeps it. */
    static long address(ByteBuffer direct) {
        return MemorySegment.ofBuffer(direct).address();
    }

    /** The data part, empty and little-endian. */
    ByteBuffer data() {
        return data.clear();
    }

    long dataAddress() {
        return address + DATA_OFFSET;
    }

    /** Places the path and its zero; returns where. */
    long path(byte[] path) throws ErrnoException {
        return place(path, 0);
    }

    long secondPath(byte[] path) throws ErrnoException {
        return place(path, PATH_BYTES);
    }

    private long place(byte[] path, int offset) throws ErrnoException {
        if (path.length >= PATH_BYTES) {
            throw Errno.ENAMETOOLONG.error();
        }
        for (byte b : path) {
            if (b == 0) {
                throw Errno.EINVAL.error();
            }
        }
        memory.put(offset, path);
        memory.put(offset + path.length, (byte) 0);
        return address + offset;
    }

    static byte[] utf8(String path) {
        return path.getBytes(StandardCharsets.UTF_8);
    }
}
