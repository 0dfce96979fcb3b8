package dev.runsc.kernel.task.loader;

import static dev.runsc.gofer.abi.MmapFlags.MAP_ANONYMOUS;
import static dev.runsc.gofer.abi.MmapFlags.MAP_FIXED;
import static dev.runsc.gofer.abi.MmapFlags.MAP_PRIVATE;
import static dev.runsc.gofer.abi.MmapFlags.PROT_EXEC;
import static dev.runsc.gofer.abi.MmapFlags.PROT_READ;
import static dev.runsc.gofer.abi.MmapFlags.PROT_WRITE;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.memory.Addresses;
import dev.runsc.kernel.memory.MapRequest;
import dev.runsc.kernel.memory.Mappable;
import dev.runsc.kernel.memory.MemoryManager;
import dev.runsc.kernel.task.loader.ElfFile.Segment;
import org.jspecify.annotations.Nullable;

/** Maps the segments of an ELF file (Linux fs/binfmt_elf.c, elf_map and set_brk). */
final class ElfLoader {
    private ElfLoader() {}

    /**
     * Where it went.
     *
     * @param bias what to add to the file's addresses
     * @param end first address behind its memory
     */
    record Loaded(ElfFile elf, long bias, long end) {
        long entry() {
            return elf.entry() + bias;
        }
    }

    /**
     * Maps all segments.
     *
     * @param base where a position independent file goes; 0 lets mmap choose
     */
    static Loaded load(MemoryManager memory, ElfFile elf, Mappable file, long base)
            throws ErrnoException {
        long bias = 0;
        if (elf.positionIndependent()) {
            bias = base != 0 ? base - elf.firstPage() : reserve(memory, elf) - elf.firstPage();
        }
        for (Segment segment : elf.segments()) {
            mapSegment(memory, segment, file, bias);
        }
        return new Loaded(elf, bias, elf.segments().getLast().end() + bias);
    }

    /** Finds room for all of it at once: segments must keep their distances. */
    private static long reserve(MemoryManager memory, ElfFile elf) throws ErrnoException {
        long address =
                memory.map(
                        MapRequest.anonymous(0, elf.spanBytes(), 0, MAP_PRIVATE | MAP_ANONYMOUS));
        memory.unmap(address, elf.spanBytes());
        return address;
    }

    private static void mapSegment(
            MemoryManager memory, Segment segment, @Nullable Mappable file, long bias)
            throws ErrnoException {
        long start = Addresses.pageDown(segment.address() + bias);
        long dataEnd = segment.address() + segment.fileBytes() + bias;
        long end = Addresses.pageUp(segment.end() + bias);
        long fileEnd = segment.fileBytes() == 0 ? start : Addresses.pageUp(dataEnd);
        int protection = protection(segment.flags());
        if (fileEnd > start) {
            memory.map(
                    MapRequest.file(
                            start,
                            fileEnd - start,
                            protection,
                            MAP_PRIVATE | MAP_FIXED,
                            java.util.Objects.requireNonNull(file),
                            Addresses.pageDown(segment.offset())));
            if (segment.memoryBytes() > segment.fileBytes() && (protection & PROT_WRITE) != 0) {
                memory.zero(dataEnd, fileEnd - dataEnd);
            }
        }
        if (end > fileEnd) {
            memory.map(
                    MapRequest.anonymous(
                            fileEnd,
                            end - fileEnd,
                            protection,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED));
        }
    }

    private static int protection(int flags) {
        return ((flags & 4) != 0 ? PROT_READ : 0)
                | ((flags & 2) != 0 ? PROT_WRITE : 0)
                | ((flags & 1) != 0 ? PROT_EXEC : 0);
    }
}
