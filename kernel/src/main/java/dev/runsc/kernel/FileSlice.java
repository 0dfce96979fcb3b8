package dev.runsc.kernel;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Objects;

/** A part of a file of the host, from front to back, whatever that file's position is. */
final class FileSlice extends InputStream {
    private static final int BUFFER_BYTES = 1 << 16;

    private final HostFd file;
    private final long end;
    private long at;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES).limit(0);

    FileSlice(HostFd file, long offset, long lengthBytes) {
        this.file = file;
        this.at = offset;
        this.end = offset + lengthBytes;
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
        buffer.clear().limit((int) Math.min(BUFFER_BYTES, end - at));
        try {
            int count = HostFiles.pread(file.number(), buffer, at);
            buffer.flip();
            at += count;
            return count > 0;
        } catch (ErrnoException e) {
            buffer.limit(0);
            throw new IOException(e.getMessage(), e);
        }
    }
}
