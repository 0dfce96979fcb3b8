package dev.runsc.gofer.host;

import static dev.runsc.gofer.abi.SyscallNumbers.SYS_madvise;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_mincore;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_mmap;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_mprotect;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_mremap;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_msync;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_munmap;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_sysinfo;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.Sysinfo;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Mappings of this process. Addresses are those of the host. */
public final class HostMemory {
    public static final int PAGE_BYTES = 4096;

    private HostMemory() {}

    /**
     * How much memory the machine has, of sysinfo(2), in bytes. The JDK's beans cost a start 25 ms.
     */
    public static long totalBytes() {
        Scratch scratch = Scratch.get();
        try {
            Syscall.call(SYS_sysinfo, scratch.dataAddress());
        } catch (ErrnoException e) {
            throw new AssertionError("sysinfo(2) into our own memory does not fail", e);
        }
        Sysinfo info = Sysinfo.readFrom(scratch.data());
        return info.totalRam() * info.unitBytes();
    }

    /**
     * mmap(2). {@code protection} and {@code flags} are those of {@code MmapFlags}.
     *
     * @param address 0, a hint, or with MAP_FIXED the place
     * @param fd -1 with MAP_ANONYMOUS
     * @return where it lies
     */
    public static long mmap(
            long address, long lengthBytes, int protection, int flags, int fd, long offset)
            throws ErrnoException {
        return Syscall.check(
                Syscall.fast(SYS_mmap, address, lengthBytes, protection, flags, fd, offset));
    }

    public static void munmap(long address, long lengthBytes) throws ErrnoException {
        Syscall.fastCall(SYS_munmap, address, lengthBytes, 0, 0);
    }

    public static void mprotect(long address, long lengthBytes, int protection)
            throws ErrnoException {
        Syscall.fastCall(SYS_mprotect, address, lengthBytes, protection, 0);
    }

    public static void madvise(long address, long lengthBytes, int advice) throws ErrnoException {
        Syscall.fastCall(SYS_madvise, address, lengthBytes, advice, 0);
    }

    public static void msync(long address, long lengthBytes, int flags) throws ErrnoException {
        Syscall.fastCall(SYS_msync, address, lengthBytes, flags, 0);
    }

    /** mincore(2): a byte per page is written to the vector, bit 0 for "in memory". */
    public static void mincore(long address, long lengthBytes, long vectorAddress)
            throws ErrnoException {
        Syscall.fastCall(SYS_mincore, address, lengthBytes, vectorAddress, 0);
    }

    /** mremap(2) without a fixed target. */
    public static long mremap(long address, long oldBytes, long newBytes, int flags)
            throws ErrnoException {
        return Syscall.fastCall(SYS_mremap, address, oldBytes, newBytes, flags);
    }

    /**
     * Memory of this process as a segment that is always alive. The caller answers for it being
     * mapped: touching it afterwards is the end of the JVM, or an InternalError when it is a file
     * that shrank.
     */
    public static MemorySegment view(long address, long lengthBytes) {
        return MemorySegment.ofAddress(address).reinterpret(lengthBytes);
    }

    /** A new mapping of a file or a memory file that is undone when the arena closes. */
    public static MemorySegment map(
            int fd, long offset, long lengthBytes, int protection, int flags, Arena arena)
            throws ErrnoException {
        long address = mmap(0, lengthBytes, protection, flags, fd, offset);
        return MemorySegment.ofAddress(address)
                .reinterpret(
                        lengthBytes,
                        arena,
                        segment ->
                                Syscall.fast(
                                        SYS_munmap, segment.address(), lengthBytes, 0, 0, 0, 0));
    }
}
