package dev.runsc.kernel.memory;

import dev.runsc.gofer.abi.ErrnoException;
import java.lang.foreign.MemorySegment;

/**
 * Guest memory as the source or target of an I/O call: a cursor over one or more ranges (an iovec
 * list). Faults met after the first byte end a transfer early; a fault at the first byte throws
 * EFAULT. Not thread safe. Also implemented over kernel memory, for sendfile and the like ({@link
 * #of}).
 */
public interface UserBuffer {
    /** Bytes left between the cursor and the end. */
    long remaining();

    /**
     * Copies from kernel memory to the guest and advances.
     *
     * @return bytes copied: all of {@code source}, or fewer at the end of the buffer or at a fault
     * @throws ErrnoException EFAULT when not even one byte could be copied for a fault
     */
    long put(MemorySegment source) throws ErrnoException;

    /** As {@link #put(MemorySegment)} from an array. */
    default long put(byte[] source, int from, int length) throws ErrnoException {
        return put(MemorySegment.ofArray(source).asSlice(from, length));
    }

    /** Copies from the guest to kernel memory and advances; as {@link #put(MemorySegment)}. */
    long take(MemorySegment target) throws ErrnoException;

    default long take(byte[] target, int from, int length) throws ErrnoException {
        return take(MemorySegment.ofArray(target).asSlice(from, length));
    }

    /** Writes zeros to the guest and advances. */
    long putZeros(long lengthBytes) throws ErrnoException;

    /** Skips. */
    void skip(long lengthBytes);

    /** Goes back over bytes just moved, for a target that took fewer than it was given. */
    void rewind(long lengthBytes);

    /** A buffer over kernel memory. */
    static UserBuffer of(MemorySegment memory) {
        return new KernelBuffer(memory);
    }

    static UserBuffer of(byte[] memory) {
        return new KernelBuffer(MemorySegment.ofArray(memory));
    }
}
