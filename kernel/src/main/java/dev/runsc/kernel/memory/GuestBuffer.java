package dev.runsc.kernel.memory;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import java.lang.foreign.MemorySegment;

/** A {@link UserBuffer} over ranges of one address space. */
final class GuestBuffer implements UserBuffer {
    private final UserMemory memory;

    /** Address and length of each range in turn; none is empty but the only one. */
    private final long[] ranges;

    private long remaining;

    /** Index of the current range's address. */
    private int current;

    /** Bytes of the current range that are behind the cursor. */
    private long position;

    GuestBuffer(UserMemory memory, long[] ranges, long total) {
        this.memory = memory;
        this.ranges = ranges;
        remaining = total;
    }

    @Override
    public long remaining() {
        return remaining;
    }

    private long address() {
        return ranges[current] + position;
    }

    /** Bytes to move next, within one range. */
    private long piece(long wanted) {
        return Math.min(Math.min(wanted, remaining), ranges[current + 1] - position);
    }

    private void advance(long count) {
        position += count;
        remaining -= count;
        while (remaining > 0 && position == ranges[current + 1]) {
            current += 2;
            position = 0;
        }
    }

    private static long result(long done, boolean fault) throws ErrnoException {
        if (fault && done == 0) {
            throw Errno.EFAULT.error();
        }
        return done;
    }

    @Override
    public long put(MemorySegment source) throws ErrnoException {
        long wanted = Math.min(source.byteSize(), remaining);
        long done = 0;
        while (done < wanted) {
            long length = piece(wanted - done);
            long count = memory.tryCopyOut(address(), source, done, length);
            advance(count);
            done += count;
            if (count < length) {
                return result(done, true);
            }
        }
        return done;
    }

    @Override
    public long take(MemorySegment target) throws ErrnoException {
        long wanted = Math.min(target.byteSize(), remaining);
        long done = 0;
        while (done < wanted) {
            long length = piece(wanted - done);
            long count = memory.tryCopyIn(address(), target, done, length);
            advance(count);
            done += count;
            if (count < length) {
                return result(done, true);
            }
        }
        return done;
    }

    @Override
    public long putZeros(long lengthBytes) throws ErrnoException {
        long wanted = Math.min(lengthBytes, remaining);
        long done = 0;
        while (done < wanted) {
            long length = piece(wanted - done);
            long count = memory.tryZero(address(), length);
            advance(count);
            done += count;
            if (count < length) {
                return result(done, true);
            }
        }
        return done;
    }

    @Override
    public void skip(long lengthBytes) {
        long left = Math.min(lengthBytes, remaining);
        while (left > 0) {
            long count = piece(left);
            advance(count);
            left -= count;
        }
    }

    @Override
    public void rewind(long lengthBytes) {
        long left = lengthBytes;
        while (left > 0) {
            if (position == 0) {
                current -= 2;
                position = ranges[current + 1];
            }
            long count = Math.min(left, position);
            position -= count;
            remaining += count;
            left -= count;
        }
    }
}
