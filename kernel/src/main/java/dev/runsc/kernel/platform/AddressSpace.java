package dev.runsc.kernel.platform;

import dev.runsc.kernel.platform.Platform.HostFileMapping;

/**
 * The host side of one guest address space: one stub process. Requests are queued and carried out,
 * in order, before any thread of it next runs guest code or {@link #flush} returns. Addresses and
 * lengths are multiples of the page size and lie below {@link Platform#MAX_USER_ADDRESS};
 * protections are {@code PROT_*} bits. Thread safe; the memory manager above it orders requests by
 * its own lock.
 */
public interface AddressSpace {
    /**
     * Maps part of the sandbox's memory file, shared, over whatever is mapped there.
     *
     * @param fileOffset bytes into the memory file
     * @param populate whether to make the host's page table entries now rather than at first touch
     */
    void mapMemory(long address, long length, long fileOffset, int protection, boolean populate);

    /**
     * Maps part of a host file, private and never writable ({@code protection} without PROT_WRITE),
     * over whatever is mapped there.
     */
    void mapHostFile(
            long address, long length, HostFileMapping file, long fileOffset, int protection);

    /** Unmaps; holes are fine. */
    void unmap(long address, long length);

    /** Changes the protection of pages that are all mapped. */
    void protect(long address, long length, int protection);

    /**
     * Carries out what is queued and waits for it. Does nothing after {@link #release}.
     *
     * @throws PlatformException when the host refused (out of areas or memory) or the process is
     *     gone; the address space is then only good for {@link #release}
     */
    void flush() throws PlatformException;

    /** Whether a request may be queued that is not carried out yet. */
    boolean hasQueued();

    /**
     * Queues that every host CPU which runs a thread of this address space sees code bytes written
     * so far as what they are now (membarrier(2), SYNC_CORE), before requests queued later. For
     * {@code SyscallRewriter}.
     */
    void synchronizeCode();

    /**
     * Makes a thread to run in this address space. Registers are zero but for a clean FPU state.
     *
     * @throws PlatformException when the process has no room for a further thread
     */
    GuestContext newContext() throws PlatformException;

    /**
     * Frees everything; threads still in guest code stop with {@link GuestContext.Stop#DEAD}.
     * Idempotent.
     */
    void release();
}
