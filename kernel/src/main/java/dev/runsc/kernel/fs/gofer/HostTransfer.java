package dev.runsc.kernel.fs.gofer;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.kernel.memory.UserBuffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/** Moves bytes between host descriptors and guest memory, over a buffer of the calling thread. */
public final class HostTransfer {
    private static final int CHUNK = 128 * 1024;
    private static final ThreadLocal<MemorySegment> BUFFER =
            ThreadLocal.withInitial(() -> MemorySegment.ofBuffer(ByteBuffer.allocateDirect(CHUNK)));

    private HostTransfer() {}

    /** pread(2) into guest memory; 0 at the end. */
    public static long read(HostFd file, UserBuffer target, long offset) throws ErrnoException {
        MemorySegment buffer = BUFFER.get();
        long done = 0;
        while (target.remaining() > 0) {
            long wanted = Math.min(CHUNK, target.remaining());
            try {
                long read = HostFiles.pread(file.number(), buffer.address(), wanted, offset + done);
                if (read == 0) {
                    break;
                }
                long copied = target.put(buffer.asSlice(0, read));
                done += copied;
                if (copied < read || read < wanted) {
                    break;
                }
            } catch (ErrnoException e) {
                return partial(done, e);
            }
        }
        return done;
    }

    /** pwrite(2) from guest memory. */
    static long write(HostFd file, UserBuffer source, long offset) throws ErrnoException {
        MemorySegment buffer = BUFFER.get();
        long done = 0;
        while (source.remaining() > 0) {
            long wanted = Math.min(CHUNK, source.remaining());
            try {
                long taken = source.take(buffer.asSlice(0, wanted));
                long written = writeFully(file, buffer, taken, offset + done);
                done += written;
                if (written < taken) {
                    source.rewind(taken - written);
                    break;
                }
                if (taken < wanted) {
                    break;
                }
            } catch (ErrnoException e) {
                return partial(done, e);
            }
        }
        return done;
    }

    /**
     * Writes all of a buffer's first bytes, or as many as there is room for; fails when there is
     * none.
     */
    private static long writeFully(HostFd file, MemorySegment buffer, long length, long offset)
            throws ErrnoException {
        long done = 0;
        while (done < length) {
            try {
                done +=
                        HostFiles.pwrite(
                                file.number(),
                                buffer.address() + done,
                                length - done,
                                offset + done);
            } catch (ErrnoException e) {
                return partial(done, e);
            }
        }
        return done;
    }

    /** Fills a native segment as far as the file goes. */
    public static int readFully(HostFd file, MemorySegment target, long offset)
            throws ErrnoException {
        long done = 0;
        while (done < target.byteSize()) {
            long count =
                    HostFiles.pread(
                            file.number(),
                            target.address() + done,
                            target.byteSize() - done,
                            offset + done);
            if (count == 0) {
                break;
            }
            done += count;
        }
        return (int) done;
    }

    /** Fills an array as far as the file goes. */
    public static int readFully(HostFd file, byte[] target, long offset) throws ErrnoException {
        MemorySegment buffer = BUFFER.get();
        int done = 0;
        while (done < target.length) {
            int wanted = Math.min(CHUNK, target.length - done);
            int count = readFully(file, buffer.asSlice(0, wanted), offset + done);
            MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, 0, target, done, count);
            done += count;
            if (count < wanted) {
                break;
            }
        }
        return done;
    }

    /** An error behind the first byte is told by the next call. */
    private static long partial(long done, ErrnoException e) throws ErrnoException {
        if (done > 0) {
            return done;
        }
        throw e;
    }
}
