package dev.runsc.kernel.ipc;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.memory.Mappable;
import dev.runsc.kernel.memory.SharedMemory;
import java.lang.foreign.MemorySegment;
import java.util.Locale;

/**
 * What one shmat(2) maps (Linux {@code struct shm_file_data}); each area that maps it counts as an
 * attachment.
 */
public final class SegmentAttachment implements Mappable {
    private final SharedSegment segment;

    SegmentAttachment(SharedSegment segment) {
        this.segment = segment;
    }

    /** Of the segment. */
    public long sizeBytes() {
        return segment.sizeBytes;
    }

    @Override
    public Backing translate(long offset, long lengthBytes, boolean forWrite)
            throws ErrnoException {
        return segment.memory.translate(offset, lengthBytes, forWrite);
    }

    @Override
    public int readInto(long offset, MemorySegment target) {
        return segment.memory.readInto(offset, target);
    }

    @Override
    public boolean tracksWrites() {
        return false;
    }

    @Override
    public void punchHole(long offset, long lengthBytes) {
        segment.memory.punchHole(offset, lengthBytes);
    }

    @Override
    public void addMapping(MappingObserver observer) {
        // Its areas are counted instead.
    }

    @Override
    public void removeMapping(MappingObserver observer) {
        // As above.
    }

    @Override
    public void areasChanged(int more) {
        segment.namespace.segments().countAreas(segment, more);
    }

    @Override
    public boolean isAttachment() {
        return true;
    }

    @Override
    public Mappable shared() {
        return segment.memory;
    }

    @Override
    public String mappedName() {
        return String.format(Locale.ROOT, "/SYSV%08x (deleted)", segment.firstKey);
    }

    @Override
    public long deviceId() {
        return SharedMemory.DEVICE;
    }

    @Override
    public long inodeNumber() {
        return segment.id();
    }
}
