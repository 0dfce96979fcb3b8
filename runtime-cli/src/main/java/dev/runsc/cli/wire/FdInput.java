package dev.runsc.cli.wire;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Objects;

/** Reads a file of the host from its start, whatever its position. Does not close it. */
public final class FdInput extends InputStream {
    private static final int BUFFER_BYTES = 1 << 20;

    private final HostFd fd;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES).limit(0);
    private long offset;

    public FdInput(HostFd fd) {
        this.fd = fd;
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

    private boolean fill() throws IOException {
        buffer.clear();
        try {
            int count = HostFiles.pread(fd.number(), buffer, offset);
            buffer.flip();
            offset += Math.max(0, count);
            return count > 0;
        } catch (ErrnoException e) {
            buffer.limit(0);
            throw new IOException(e.getMessage(), e);
        }
    }
}
