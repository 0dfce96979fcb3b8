package dev.runsc.kernel.memory;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.state.Savable;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Memory that several address spaces map (Linux {@code shmem_kernel_file_setup}): shared anonymous
 * mappings, System V segments, the kernel's own pages. Lives as long as it is mapped or held.
 */
public final class SharedMemory implements Mappable, Savable {
    /** Device number of the kernel's internal tmpfs, as /proc/pid/maps shows it (00:01). */
    public static final long DEVICE = 1;

    private final MemoryFile memoryFile;
    private final long offset;
    private final long lengthBytes;
    private final String name;
    private final AtomicInteger holders = new AtomicInteger(1);

    /**
     * Zero-filled memory, held once by the caller.
     *
     * @param name for /proc/pid/maps
     */
    public SharedMemory(MemoryFile memoryFile, long lengthBytes, String name)
            throws ErrnoException {
        this.memoryFile = memoryFile;
        this.lengthBytes = Addresses.pageUp(lengthBytes);
        this.name = name;
        offset = memoryFile.allocate(this.lengthBytes);
    }

    SharedMemory(MemoryFile memoryFile, long offset, long lengthBytes, String name) {
        this.memoryFile = memoryFile;
        this.offset = offset;
        this.lengthBytes = lengthBytes;
        this.name = name;
    }

    /** One holder more. */
    public void retain() {
        holders.incrementAndGet();
    }

    /** One holder less; the last frees the memory. */
    public void release() {
        if (holders.decrementAndGet() == 0) {
            memoryFile.release(offset, lengthBytes);
        }
    }

    public long lengthBytes() {
        return lengthBytes;
    }

    /** How much of it is in memory. */
    public long committedBytes() {
        try {
            return memoryFile.committedBytes(offset, lengthBytes);
        } catch (ErrnoException e) {
            throw new AssertionError("the memory file cannot be asked", e);
        }
    }

    /** The bytes. */
    public MemorySegment segment() {
        return memoryFile.segment(offset, lengthBytes);
    }

    @Override
    public Backing translate(long from, long length, boolean forWrite) throws ErrnoException {
        if (from < 0 || from >= lengthBytes) {
            throw Errno.EFAULT.error();
        }
        return new InMemory(offset + from, Math.min(length, lengthBytes - from));
    }

    @Override
    public int readInto(long from, MemorySegment target) {
        long count = Math.min(target.byteSize(), lengthBytes - from);
        if (from < 0 || count <= 0) {
            return 0;
        }
        MemorySegment.copy(memoryFile.memory(), offset + from, target, 0, count);
        return (int) count;
    }

    @Override
    public boolean tracksWrites() {
        return false;
    }

    @Override
    public void punchHole(long from, long length) {
        if (from >= 0 && from < lengthBytes) {
            memoryFile.discard(offset + from, Math.min(length, lengthBytes - from));
        }
    }

    @Override
    public void addMapping(MappingObserver observer) {
        retain();
    }

    @Override
    public void removeMapping(MappingObserver observer) {
        release();
    }

    @Override
    public String mappedName() {
        return name;
    }

    @Override
    public long deviceId() {
        return DEVICE;
    }

    @Override
    public long inodeNumber() {
        return offset / Addresses.PAGE_SIZE + 1;
    }
}
