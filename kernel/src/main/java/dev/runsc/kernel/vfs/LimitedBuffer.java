package dev.runsc.kernel.vfs;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.memory.UserBuffer;
import java.lang.foreign.MemorySegment;

/** The first bytes of another buffer: a transfer that a limit cuts short. */
public final class LimitedBuffer implements UserBuffer {
    private final UserBuffer buffer;
    private long left;

    public LimitedBuffer(UserBuffer buffer, long limitBytes) {
        this.buffer = buffer;
        this.left = Math.min(limitBytes, buffer.remaining());
    }

    @Override
    public long remaining() {
        return left;
    }

    @Override
    public long put(MemorySegment source) throws ErrnoException {
        return count(buffer.put(cut(source)));
    }

    @Override
    public long take(MemorySegment target) throws ErrnoException {
        return count(buffer.take(cut(target)));
    }

    @Override
    public long putZeros(long lengthBytes) throws ErrnoException {
        return count(buffer.putZeros(Math.min(lengthBytes, left)));
    }

    @Override
    public void skip(long lengthBytes) {
        long length = Math.min(lengthBytes, left);
        buffer.skip(length);
        left -= length;
    }

    @Override
    public void rewind(long lengthBytes) {
        buffer.rewind(lengthBytes);
        left += lengthBytes;
    }

    private MemorySegment cut(MemorySegment segment) {
        return segment.byteSize() <= left ? segment : segment.asSlice(0, left);
    }

    private long count(long bytes) {
        left -= bytes;
        return bytes;
    }
}
