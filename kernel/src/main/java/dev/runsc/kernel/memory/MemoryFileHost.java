package dev.runsc.kernel.memory;

import dev.runsc.gofer.abi.DescriptorFlags;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FallocateModes;
import dev.runsc.gofer.abi.MmapFlags;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.gofer.host.HostMemory;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * The host's side of the memory file: the memfd and its mapping into this process. A resource that
 * a restore supplies ({@code RestoreContext.require(MemoryFileHost.class)}).
 */
public final class MemoryFileHost implements AutoCloseable {
    /** Bytes of offset space. Nothing of it costs memory before it is touched. */
    public static final long SIZE_BYTES = 4L << 40;

    private static final int WINDOW_BITS = 30;
    private static final int WINDOW_BYTES = 1 << WINDOW_BITS;

    private final HostFd file;
    private final MemorySegment memory;

    /** The memory again, in pieces, made when they are first asked for. */
    private final @Nullable ByteBuffer[] windows =
            new ByteBuffer[(int) (SIZE_BYTES >> WINDOW_BITS)];

    /**
     * Maps a memory file as a whole; it is extended to {@link #SIZE_BYTES}. The descriptor belongs
     * to this object from now on.
     */
    public MemoryFileHost(HostFd file) throws ErrnoException {
        this.file = file;
        HostFiles.ftruncate(file.number(), SIZE_BYTES);
        long address =
                HostMemory.mmap(
                        0,
                        SIZE_BYTES,
                        MmapFlags.PROT_READ | MmapFlags.PROT_WRITE,
                        MmapFlags.MAP_SHARED | MmapFlags.MAP_NORESERVE,
                        file.number(),
                        0);
        HostMemory.madvise(address, SIZE_BYTES, MmapFlags.MADV_DONTDUMP);
        memory = HostMemory.view(address, SIZE_BYTES);
    }

    /** A new, empty memory file. */
    public static MemoryFileHost create() throws ErrnoException {
        return new MemoryFileHost(
                HostFiles.memfdCreate("runsc-memory", DescriptorFlags.MFD_CLOEXEC));
    }

    /** The descriptor, for the platform and for a checkpoint. */
    public HostFd file() {
        return file;
    }

    /** All of it. */
    MemorySegment memory() {
        return memory;
    }

    /**
     * The buffer that an offset is in, at {@link #inWindow}, for single words: a segment's handles
     * cost the interpreter and the compilers several times as much, and each start 10 ms to bring
     * to life.
     */
    ByteBuffer window(long offset) {
        int index = (int) (offset >>> WINDOW_BITS);
        ByteBuffer window = windows[index];
        if (window == null) {
            MemorySegment part = memory.asSlice((long) index << WINDOW_BITS, WINDOW_BYTES);
            window = part.asByteBuffer().order(ByteOrder.nativeOrder());
            VarHandle.releaseFence(); // whoever finds it without a lock finds it whole
            windows[index] = window;
        }
        return window;
    }

    /** Where in its window an offset is. */
    static int inWindow(long offset) {
        return (int) offset & (WINDOW_BYTES - 1);
    }

    /** How many bytes there are from an offset to its window's end. */
    static int leftInWindow(long offset) {
        return WINDOW_BYTES - inWindow(offset);
    }

    /** Gives pages back to the host; they read as zeros afterwards. */
    void punch(long offset, long lengthBytes) throws ErrnoException {
        HostFiles.fallocate(
                file.number(),
                FallocateModes.FALLOC_FL_PUNCH_HOLE | FallocateModes.FALLOC_FL_KEEP_SIZE,
                offset,
                lengthBytes);
    }

    /** First committed byte at or after an offset; -1 when there is none. */
    long nextData(long offset) throws ErrnoException {
        return HostFiles.seekData(file.number(), offset);
    }

    /** First byte at or after an offset that is not committed. */
    long nextHole(long offset) throws ErrnoException {
        return HostFiles.seekHole(file.number(), offset);
    }

    /**
     * Adds the committed parts of a range. For a range of any size: the host looks at every
     * committed page from a range's first one to the next hole, wherever that is.
     */
    void committedIn(long from, long to, RangeList ranges) throws ErrnoException {
        long at = from;
        while (at < to) {
            long data = nextData(at);
            if (data < 0 || data >= to) {
                return;
            }
            long hole = Math.min(to, nextHole(data));
            ranges.add(data, hole - data);
            at = hole;
        }
    }

    /** As {@link #committedIn}, for a small range: the host looks at each of its pages. */
    void committedInSmall(long from, long to, RangeList ranges) throws ErrnoException {
        int pages = (int) ((to - from) / Addresses.PAGE_SIZE);
        ByteBuffer vector = ByteBuffer.allocateDirect(pages);
        long address = MemorySegment.ofBuffer(vector).address();
        HostMemory.mincore(memory.address() + from, to - from, address);
        for (int i = 0; i < pages; i++) {
            if ((vector.get(i) & 1) != 0) {
                ranges.add(from + i * Addresses.PAGE_SIZE, Addresses.PAGE_SIZE);
            }
        }
    }

    /** Copies between two ranges that do not overlap: fresh pages need not be zeroed first. */
    void copy(long from, long to, long lengthBytes) throws ErrnoException {
        long done = 0;
        while (done < lengthBytes) {
            long source = memory.address() + from + done;
            done += HostFiles.pwrite(file.number(), source, lengthBytes - done, to + done);
        }
    }

    /** Unmaps and closes. Nobody may touch guest memory any more. */
    @Override
    public void close() throws ErrnoException {
        HostMemory.munmap(memory.address(), SIZE_BYTES);
        file.close();
    }
}
