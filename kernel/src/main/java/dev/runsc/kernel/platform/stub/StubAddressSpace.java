package dev.runsc.kernel.platform.stub;

import dev.runsc.gofer.abi.MmapFlags;
import dev.runsc.gofer.abi.SyscallNumbers;
import dev.runsc.kernel.platform.AddressSpace;
import dev.runsc.kernel.platform.GuestContext;
import dev.runsc.kernel.platform.Platform;
import dev.runsc.kernel.platform.Platform.HostFileMapping;
import dev.runsc.kernel.platform.PlatformException;
import java.util.concurrent.atomic.AtomicBoolean;

/** An address space: the use of a stub process from its making to its release. */
final class StubAddressSpace implements AddressSpace {
    private static final int PROTECTION_BITS =
            MmapFlags.PROT_READ | MmapFlags.PROT_WRITE | MmapFlags.PROT_EXEC;

    private final StubProcess process;
    private final AtomicBoolean released = new AtomicBoolean();

    StubAddressSpace(StubProcess process) {
        this.process = process;
    }

    @Override
    public void mapMemory(
            long address, long length, long fileOffset, int protection, boolean populate) {
        int flags = MmapFlags.MAP_SHARED | MmapFlags.MAP_FIXED | MmapFlags.MAP_NORESERVE;
        if (populate) {
            flags |= MmapFlags.MAP_POPULATE;
        }
        map(address, length, protection, flags, StubLayout.STUB_FD_MEMORY, fileOffset);
    }

    @Override
    public void mapHostFile(
            long address, long length, HostFileMapping file, long fileOffset, int protection) {
        int descriptor = ((DonatedFile) file).numberFor(process().ring());
        int flags = MmapFlags.MAP_PRIVATE | MmapFlags.MAP_FIXED | MmapFlags.MAP_NORESERVE;
        int readOnly = protection & ~MmapFlags.PROT_WRITE;
        map(address, length, readOnly, flags, descriptor, fileOffset);
    }

    private void map(
            long address, long length, int protection, int flags, int descriptor, long offset) {
        requireRange(address, length);
        process()
                .ring()
                .queue(
                        0,
                        SyscallNumbers.SYS_mmap,
                        address,
                        length,
                        protection & PROTECTION_BITS,
                        flags,
                        descriptor,
                        offset);
    }

    @Override
    public void unmap(long address, long length) {
        requireRange(address, length);
        process().ring().queue(0, SyscallNumbers.SYS_munmap, address, length, 0, 0, 0, 0);
    }

    @Override
    public void protect(long address, long length, int protection) {
        requireRange(address, length);
        process()
                .ring()
                .queue(
                        0,
                        SyscallNumbers.SYS_mprotect,
                        address,
                        length,
                        protection & PROTECTION_BITS,
                        0,
                        0,
                        0);
    }

    @Override
    public void synchronizeCode() {
        process().synchronizeCode();
    }

    /** A request outside the guest's range could reach the stub's own pages. */
    private static void requireRange(long address, long length) {
        if (((address | length) & (Platform.PAGE_SIZE - 1)) != 0
                || address < 0
                || length <= 0
                || length > Platform.MAX_USER_ADDRESS
                || address > Platform.MAX_USER_ADDRESS - length) {
            throw new IllegalArgumentException(
                    "not in a guest's range: 0x%x, 0x%x bytes".formatted(address, length));
        }
    }

    @Override
    public void flush() throws PlatformException {
        // A released one has nothing mapped; who settles memory may come just after the release.
        if (!released.get()) {
            process.ring().flush();
        }
    }

    @Override
    public boolean hasQueued() {
        return !released.get() && process.ring().dirty();
    }

    @Override
    public GuestContext newContext() throws PlatformException {
        return process().newContext();
    }

    @Override
    public void release() {
        if (released.compareAndSet(false, true)) {
            process.retire();
        }
    }

    /** The process may already belong to another address space. */
    private StubProcess process() {
        if (released.get()) {
            throw new IllegalStateException("the address space was released");
        }
        return process;
    }
}
