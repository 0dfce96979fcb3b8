package dev.runsc.kernel.memory;

import dev.runsc.gofer.abi.MmapFlags;

/** Kinds of access to memory, as protection bits that must be there. */
final class Accesses {
    static final int READ = MmapFlags.PROT_READ;
    static final int WRITE = MmapFlags.PROT_WRITE;
    static final int EXECUTE = MmapFlags.PROT_EXEC;

    private Accesses() {}
}
