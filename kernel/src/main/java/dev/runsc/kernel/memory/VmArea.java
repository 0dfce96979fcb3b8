package dev.runsc.kernel.memory;

import dev.runsc.gofer.abi.MmapFlags;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A range of guest addresses with one protection and one thing behind it (Linux {@code struct
 * vm_area_struct}). Guarded by its address space's lock.
 */
final class VmArea extends Segment<VmArea> {
    /** Writes are seen by others (VM_SHARED). */
    static final int SHARED = 1;

    /** Grows when touched below its start (MAP_GROWSDOWN, the stack). */
    static final int GROWS_DOWN = 1 << 1;

    /** mlock: counted, nothing more. */
    static final int LOCKED = 1 << 2;

    static final int LOCK_ON_FAULT = 1 << 3;
    static final int DONT_FORK = 1 << 4;
    static final int WIPE_ON_FORK = 1 << 5;
    static final int NO_RESERVE = 1 << 6;
    static final int DONT_DUMP = 1 << 7;
    static final int SEQUENTIAL = 1 << 8;
    static final int RANDOM = 1 << 9;
    static final int HUGE_PAGES = 1 << 10;
    static final int NO_HUGE_PAGES = 1 << 11;
    static final int MERGEABLE = 1 << 12;

    /** The kernel's own (vdso): not to be resized or merged (VM_DONTEXPAND). */
    static final int DONT_EXPAND = 1 << 13;

    /** Holds cells of rewritten call sites: not the guest's, which neither sees nor counts it. */
    static final int CALL_CELLS = 1 << 14;

    static final int ALL_LOCKED = LOCKED | LOCK_ON_FAULT;

    /** {@code PROT_*}. */
    int protection;

    /** The most mprotect may give. */
    final int maxProtection;

    int flags;

    /** What is mapped, null for private anonymous memory. */
    @Nullable FileMapping file;

    /**
     * Bytes into the file of {@link #start}. For anonymous memory the address it was made at: it
     * decides what merges after a move (Linux {@code vm_pgoff}).
     */
    long offset;

    /** A name of its own: {@code [stack]}, or what PR_SET_VMA_ANON_NAME gave, in brackets. */
    @Nullable String name;

    VmArea(
            long start,
            long end,
            int protection,
            int maxProtection,
            int flags,
            @Nullable FileMapping file,
            long offset,
            @Nullable String name) {
        this.start = start;
        this.end = end;
        this.protection = protection;
        this.maxProtection = maxProtection;
        this.flags = flags;
        this.file = file;
        this.offset = offset;
        this.name = name;
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    boolean isShared() {
        return has(SHARED);
    }

    /** Private memory without a file, whose fresh pages are zero. */
    boolean isAnonymous() {
        return file == null;
    }

    boolean allows(int wanted) {
        return (protection & wanted) == wanted;
    }

    /** The offset of an address inside. */
    long offsetOf(long address) {
        return offset + (address - start);
    }

    /** Counted in VmStk. */
    boolean countsAsStack() {
        return has(GROWS_DOWN);
    }

    /** Counted in VmData and against RLIMIT_DATA (Linux {@code is_data_mapping}). */
    boolean countsAsData() {
        return (protection & MmapFlags.PROT_WRITE) != 0 && !isShared() && !countsAsStack();
    }

    /** Counted as code (Linux {@code is_exec_mapping}). */
    boolean countsAsCode() {
        return (protection & (MmapFlags.PROT_EXEC | MmapFlags.PROT_WRITE)) == MmapFlags.PROT_EXEC
                && !countsAsStack();
    }

    VmArea copy(long from, long to) {
        return new VmArea(from, to, protection, maxProtection, flags, file, offsetOf(from), name);
    }

    @Override
    VmArea splitAt(long at) {
        VmArea upper = copy(at, end);
        end = at;
        return upper;
    }

    /** Whether the area behind this one can be joined to it (Linux {@code can_vma_merge_after}). */
    boolean canMerge(VmArea next) {
        return end == next.start
                && protection == next.protection
                && maxProtection == next.maxProtection
                && flags == next.flags
                && !has(DONT_EXPAND)
                && file == next.file
                && offset + length() == next.offset
                && Objects.equals(name, next.name);
    }
}
