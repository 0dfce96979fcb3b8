package dev.runsc.gofer.host;

import dev.runsc.gofer.abi.ErrnoException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Objects;

/** Writes to a descriptor through a large buffer. Does not close it. */
public final class FdOutput extends OutputStream {
    private static final int BUFFER_BYTES = 1 << 20;

    private final HostFd fd;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);

    public FdOutput(HostFd fd) {
        this.fd = fd;
    }

    @Override
    public void write(int b) throws IOException {
        if (!buffer.hasRemaining()) {
            flush();
        }
        buffer.put((byte) b);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        int done = 0;
        while (done < length) {
            if (!buffer.hasRemaining()) {
                flush();
            }
            int count = Math.min(buffer.remaining(), length - done);
            buffer.put(bytes, offset + done, count);
            done += count;
        }
    }

    @Override
    public void flush() throws IOException {
        buffer.flip();
        try {
            HostFiles.writeFully(fd.number(), buffer);
        } catch (ErrnoException e) {
            throw new IOException(e.getMessage(), e);
        } finally {
            buffer.clear();
        }
    }

    @Override
    public void close() throws IOException {
        flush();
    }
}
