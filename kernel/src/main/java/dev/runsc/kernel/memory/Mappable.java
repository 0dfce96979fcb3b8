package dev.runsc.kernel.memory;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.platform.Platform.HostFileMapping;
import dev.runsc.state.Savable;
import java.lang.foreign.MemorySegment;

/**
 * What an area can map besides anonymous memory: the pages of a file (Linux {@code struct
 * address_space}). Implemented by inodes. Offsets are page aligned bytes into the file.
 */
public interface Mappable extends Savable {
    /** Where a run of a file's bytes lies. */
    sealed interface Backing {
        /**
         * Bytes from the start of the run that lie in this one place; a multiple of the page size.
         */
        long lengthBytes();
    }

    /**
     * In the memory file.
     *
     * @param memoryOffset bytes into the memory file
     * @param lengthBytes length of the run
     */
    record InMemory(long memoryOffset, long lengthBytes) implements Backing {}

    /**
     * In a host file, which must never be mapped writable.
     *
     * @param file the host file
     * @param fileOffset bytes into it
     * @param lengthBytes length of the run
     */
    record InHostFile(HostFileMapping file, long fileOffset, long lengthBytes) implements Backing {}

    /**
     * Finds where the bytes from {@code offset} lie, at least one page and at most {@code
     * lengthBytes}. Memory handed out stays valid until the range is invalidated in every {@link
     * MappingObserver}.
     *
     * @param forWrite whether the caller will write there through a shared mapping; the answer is
     *     then in memory
     * @throws ErrnoException EFAULT (SIGBUS for the guest) when the offset lies beyond the last
     *     page of the file, ENOMEM
     */
    Backing translate(long offset, long lengthBytes, boolean forWrite) throws ErrnoException;

    /**
     * Copies from the file without mapping it, for a private copy of a page; short at the end of
     * the file only. The target is native memory.
     */
    int readInto(long offset, MemorySegment target) throws ErrnoException;

    /**
     * Registers an address space that maps (part of) the file; told when a translation goes away
     * (truncation). The file must stay alive until it is removed again. Called with the address
     * space's lock held.
     */
    void addMapping(MappingObserver observer);

    void removeMapping(MappingObserver observer);

    /** An address space maps the file in so many areas more, or less. As {@link #addMapping}. */
    default void areasChanged(int more) {}

    /**
     * Whether {@link #translate} must be told before the first write through a shared mapping. If
     * not, shared mappings are writable from the start.
     */
    default boolean tracksWrites() {
        return true;
    }

    /** msync(MS_SYNC) of a shared mapping. Called without the address space's lock. */
    default void sync(long offset, long lengthBytes) throws ErrnoException {}

    /**
     * madvise(MADV_REMOVE): the bytes become zero and give up their memory. Called without the
     * address space's lock.
     */
    default void punchHole(long offset, long lengthBytes) throws ErrnoException {
        throw Errno.EOPNOTSUPP.error();
    }

    /** One address space's mapping of a file. */
    interface MappingObserver extends Savable {
        /**
         * The translation of these bytes of the file is gone; pages already private stay. When this
         * returns no guest has them mapped any more. Takes the address space's lock: the caller
         * holds no lock that comes after MAPPINGS.
         */
        void invalidate(long offset, long lengthBytes);

        /**
         * The file ends at an offset, a page boundary, now: what was mapped behind it is gone,
         * private copies too. As {@link #invalidate} otherwise.
         */
        default void truncated(long offset) {
            invalidate(offset, Addresses.pageDown(Long.MAX_VALUE) - offset);
        }
    }

    /** Whether it was attached by shmat(2) and shmdt(2) takes it off. */
    default boolean isAttachment() {
        return false;
    }

    /** What is mapped when several objects stand for the same memory: the scope of futex keys. */
    default Mappable shared() {
        return this;
    }

    /** A name for /proc/pid/maps: the path as the mapping process saw it. */
    String mappedName();

    /** Device and inode number for /proc/pid/maps and for shared futex keys. */
    long deviceId();

    long inodeNumber();
}
