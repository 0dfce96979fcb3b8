package dev.runsc.gofer.host;

import dev.runsc.gofer.abi.ErrnoException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * Reads a file of the host, or a part of one, from front to back, whatever its position is. Does
 * not close it.
 */
public final class FdInput extends InputStream {
    private static final int BUFFER_BYTES = 1 << 20;

    private final HostFd fd;
    private final long end;
    private final ByteBuffer buffer;
    private long offset;

    /** All of the file, to where it ends when that is reached. */
    public FdInput(HostFd fd) {
        this(fd, 0, Long.MAX_VALUE);
    }

    /** A part of the file, which may end before it. */
    public FdInput(HostFd fd, long offset, long lengthBytes) {
        this.fd = fd;
        this.offset = offset;
        this.end = Math.addExact(offset, lengthBytes);
        int size = (int) Math.min(BUFFER_BYTES, lengthBytes);
        this.buffer = ByteBuffer.allocateDirect(size).limit(0);
    }

    @Override
    public int read() throws IOException {
        return buffer.hasRemaining() || fill() ? buffer.get() & 0xff : -1;
    }

    @Override
    public int read(byte[] bytes, int from, int length) throws IOException {
        Objects.checkFromIndexSize(from, length, bytes.length);
        if (length == 0) {
            return 0;
        }
        if (!buffer.hasRemaining() && !fill()) {
            return -1;
        }
        int count = Math.min(length, buffer.remaining());
        buffer.get(bytes, from, count);
        return count;
    }

    /** Whether there was more. */
    private boolean fill() throws IOException {
        buffer.clear().limit((int) Math.min(buffer.capacity(), end - offset));
        try {
            int count = HostFiles.pread(fd.number(), buffer, offset);
            buffer.flip();
            offset += count;
            return count > 0;
        } catch (ErrnoException e) {
            buffer.limit(0);
            throw new IOException(e.getMessage(), e);
        }
    }
}
