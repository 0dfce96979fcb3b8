package dev.runsc.kernel.memory;

import java.lang.foreign.MemorySegment;

/** A {@link UserBuffer} over the kernel's own memory, for transfers between two files. */
final class KernelBuffer implements UserBuffer {
    private final MemorySegment memory;
    private long position;

    KernelBuffer(MemorySegment memory) {
        this.memory = memory;
    }

    @Override
    public long remaining() {
        return memory.byteSize() - position;
    }

    @Override
    public long put(MemorySegment source) {
        long length = Math.min(source.byteSize(), remaining());
        MemorySegment.copy(source, 0, memory, position, length);
        position += length;
        return length;
    }

    @Override
    public long take(MemorySegment target) {
        long length = Math.min(target.byteSize(), remaining());
        MemorySegment.copy(memory, position, target, 0, length);
        position += length;
        return length;
    }

    @Override
    public long putZeros(long lengthBytes) {
        long length = Math.min(lengthBytes, remaining());
        memory.asSlice(position, length).fill((byte) 0);
        position += length;
        return length;
    }

    @Override
    public void skip(long lengthBytes) {
        position += Math.min(lengthBytes, remaining());
    }

    @Override
    public void rewind(long lengthBytes) {
        position -= lengthBytes;
    }
}
