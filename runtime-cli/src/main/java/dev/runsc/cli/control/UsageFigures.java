package dev.runsc.cli.control;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What stands in the shared memory that {@link Methods#USAGE_FD} hands out: one 64-bit number after
 * the other, in the byte order of the machine. Each is written and read as a whole, and by itself.
 *
 * @param mapped bytes of host files that guests have mapped
 * @param unknown bytes of the memory file, whatever they are used for
 */
public record UsageFigures(long mapped, long unknown) {
    /** As long as the memory is. */
    public static final int BYTES = 2 * Long.BYTES;

    /** Reads them as they are now; what a sandbox says is bounded. */
    public static UsageFigures read(HostFd memory) throws ErrnoException {
        ByteBuffer in = ByteBuffer.allocateDirect(BYTES).order(ByteOrder.nativeOrder());
        while (in.hasRemaining() && HostFiles.pread(memory.number(), in, in.position()) > 0) {
            // A read may give less than asked for; what is missing is 0.
        }
        return new UsageFigures(bounded(in.getLong(0)), bounded(in.getLong(Long.BYTES)));
    }

    private static long bounded(long bytes) {
        return Math.max(0, Math.min(bytes, Long.MAX_VALUE / 2));
    }

    public void write(HostFd memory) throws ErrnoException {
        ByteBuffer out = ByteBuffer.allocateDirect(BYTES).order(ByteOrder.nativeOrder());
        out.putLong(mapped).putLong(unknown).flip();
        while (out.hasRemaining()) {
            HostFiles.pwrite(memory.number(), out, out.position());
        }
    }

    public long total() {
        return mapped + unknown;
    }
}
