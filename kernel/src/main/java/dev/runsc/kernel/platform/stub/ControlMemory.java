package dev.runsc.kernel.platform.stub;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FallocateModes;
import dev.runsc.gofer.abi.MmapFlags;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.gofer.host.HostMemory;
import dev.runsc.kernel.platform.PlatformException;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.BitSet;

/**
 * The control file: a sparse memory file that holds every process's ring and reply page and every
 * guest thread's slot, mapped whole into the kernel and piecewise into stubs. It is unmapped when
 * nobody refers to its segment any more, so that a late reader never touches a hole.
 */
final class ControlMemory implements AutoCloseable {
    private final HostFd file;
    private final MemorySegment memory;
    private final KernelLock lock = new KernelLock(LockClass.PLATFORM);

    @GuardedBy("lock")
    private final BitSet slots = new BitSet();

    @GuardedBy("lock")
    private final BitSet blocks = new BitSet();

    ControlMemory() throws ErrnoException {
        file = HostFiles.memfdCreate("runsc-control", 0);
        HostFiles.ftruncate(file.number(), StubLayout.CONTROL_SIZE);
        memory =
                HostMemory.map(
                        file.number(),
                        0,
                        StubLayout.CONTROL_SIZE,
                        MmapFlags.PROT_READ | MmapFlags.PROT_WRITE,
                        MmapFlags.MAP_SHARED | MmapFlags.MAP_NORESERVE,
                        Arena.ofAuto());
    }

    HostFd file() {
        return file;
    }

    /** A thread's slot, see {@link SlotLayout}. */
    ByteBuffer slot(int number) {
        return part(slotOffset(number), StubLayout.STUB_SLOT_SIZE);
    }

    /** A process's block, see {@link RingLayout}. */
    ByteBuffer block(int number) {
        return part(blockOffset(number), StubLayout.CONTROL_BLOCK_SIZE);
    }

    /**
     * Buffers, because a segment's handles cost the interpreter and the compilers several times as
     * much, and each start 15 ms to bring to life.
     */
    private ByteBuffer part(long offset, int bytes) {
        return memory.asSlice(offset, bytes).asByteBuffer().order(ByteOrder.nativeOrder());
    }

    /** Host address of an offset, for futexes. */
    long address(long offset) {
        return memory.address() + offset;
    }

    static long blockOffset(int block) {
        return (long) block * StubLayout.CONTROL_BLOCK_SIZE;
    }

    static long slotOffset(int slot) {
        return StubLayout.CONTROL_SLOTS_OFFSET + (long) slot * StubLayout.STUB_SLOT_SIZE;
    }

    static long slotAddress(int slot) {
        return StubLayout.STUB_SLOTS + (long) slot * StubLayout.STUB_SLOT_SIZE;
    }

    /** A zeroed block for a process. */
    int takeBlock() throws PlatformException {
        lock.lock();
        try {
            return take(blocks, StubLayout.CONTROL_BLOCK_COUNT, "too many guest processes");
        } finally {
            lock.unlock();
        }
    }

    /** A zeroed slot for a thread. */
    int takeSlot() throws PlatformException {
        lock.lock();
        try {
            return take(slots, StubLayout.STUB_SLOT_COUNT, "too many guest threads");
        } finally {
            lock.unlock();
        }
    }

    private static int take(BitSet used, int limit, String exhausted) throws PlatformException {
        int index = used.nextClearBit(0);
        if (index >= limit) {
            throw new PlatformException(exhausted + ": " + limit);
        }
        used.set(index);
        return index;
    }

    /** Takes back a block that no process has mapped any more. */
    void freeBlock(int block) {
        lock.lock();
        try {
            punch(blockOffset(block), StubLayout.CONTROL_BLOCK_SIZE);
            blocks.clear(block);
        } finally {
            lock.unlock();
        }
    }

    /** Takes back a slot that no process has mapped any more; what the guest left in it is gone. */
    void freeSlot(int slot) {
        lock.lock();
        try {
            punch(slotOffset(slot), StubLayout.STUB_SLOT_SIZE);
            slots.clear(slot);
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void punch(long offset, long length) {
        if (!file.isOpen()) {
            return;
        }
        try {
            HostFiles.fallocate(
                    file.number(),
                    FallocateModes.FALLOC_FL_PUNCH_HOLE | FallocateModes.FALLOC_FL_KEEP_SIZE,
                    offset,
                    length);
        } catch (ErrnoException e) {
            memory.asSlice(offset, length).fill((byte) 0);
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            file.close();
        } finally {
            lock.unlock();
        }
    }
}
