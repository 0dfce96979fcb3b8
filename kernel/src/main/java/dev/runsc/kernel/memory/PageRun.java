package dev.runsc.kernel.memory;

import dev.runsc.gofer.abi.MmapFlags;
import dev.runsc.kernel.platform.Platform.HostFileMapping;
import org.jspecify.annotations.Nullable;

/**
 * Resolved pages: where the bytes behind a range of guest addresses lie, and how the stub has them
 * mapped. Guarded by its address space's lock. A run may reach across areas that differ only in
 * what is not seen here.
 */
final class PageRun extends Segment<PageRun> {
    /** What the bytes lie in. */
    enum Kind {
        /** The memory file; this address space is a user of the pages. */
        PRIVATE,
        /** The memory file; the pages belong to a mapped object. */
        OBJECT,
        /** A host file, mapped read-only in the stub. */
        HOST_FILE
    }

    static final long NO_SHADOW = -1;

    final Kind kind;

    /** Bytes into the memory file, or into the host file, of {@link #start}. */
    long offset;

    /** The host file, for {@link Kind#HOST_FILE}. */
    final @Nullable HostFileMapping hostFile;

    /** The area's protection. */
    int protection;

    /**
     * Whether a write must come here first: to copy the page, to take it back as the only user
     * left, or to tell the file.
     */
    boolean writeProtected;

    /**
     * Where copies of these pages go: a range of the memory file of the same length, held by this
     * run and mapped nowhere, so that copies made piece by piece lie next to each other; or {@link
     * #NO_SHADOW}.
     */
    long shadow = NO_SHADOW;

    /** Whether the stub has it mapped; runs made without any access are not. */
    boolean hostMapped;

    PageRun(
            Kind kind,
            long start,
            long end,
            long offset,
            @Nullable HostFileMapping hostFile,
            int protection,
            boolean writeProtected) {
        this.kind = kind;
        this.start = start;
        this.end = end;
        this.offset = offset;
        this.hostFile = hostFile;
        this.protection = protection;
        this.writeProtected = writeProtected;
    }

    /** Whether the bytes can be reached through the memory file. */
    boolean inMemory() {
        return kind != Kind.HOST_FILE;
    }

    /** Where an address lies. */
    long offsetOf(long address) {
        return offset + (address - start);
    }

    /**
     * The protection the stub maps it with. Any access implies reading on x86: said openly here, or
     * taking the write away would take all, and memory that is only executable would get one of the
     * host's protection keys.
     */
    int hostProtection() {
        int host = protection == 0 ? 0 : protection | MmapFlags.PROT_READ;
        return writeProtected ? host & ~MmapFlags.PROT_WRITE : host;
    }

    /** Whether guest and kernel may read: any access implies it on x86. */
    boolean isReadable() {
        return protection != 0;
    }

    boolean isWritableNow() {
        return !writeProtected && (protection & MmapFlags.PROT_WRITE) != 0;
    }

    PageRun copy(long from, long to) {
        PageRun copy =
                new PageRun(kind, from, to, offsetOf(from), hostFile, protection, writeProtected);
        copy.hostMapped = hostMapped;
        return copy;
    }

    @Override
    PageRun splitAt(long at) {
        PageRun upper = copy(at, end);
        if (shadow != NO_SHADOW) {
            upper.shadow = shadow + (at - start);
        }
        end = at;
        return upper;
    }

    /** Whether the run behind this one continues it in every way. */
    boolean canMerge(PageRun next) {
        return end == next.start
                && kind == next.kind
                && offset + length() == next.offset
                && protection == next.protection
                && writeProtected == next.writeProtected
                && hostMapped == next.hostMapped
                && hostFile == next.hostFile
                && (shadow == NO_SHADOW
                        ? next.shadow == NO_SHADOW
                        : shadow + length() == next.shadow);
    }
}
