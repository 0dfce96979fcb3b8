package dev.runsc.kernel.memory;

import dev.runsc.kernel.memory.Mappable.MappingObserver;

/** One file in one address space: counts its areas and hears of truncations. */
final class FileMapping implements MappingObserver {
    private final UserMemory owner;
    final Mappable file;

    /** Areas that map the file; guarded by the owner's lock. */
    private int areas;

    FileMapping(UserMemory owner, Mappable file) {
        this.owner = owner;
        this.file = file;
    }

    int areas() {
        return areas;
    }

    void countAreas(int more) {
        areas += more;
        file.areasChanged(more);
    }

    @Override
    public void invalidate(long offset, long lengthBytes) {
        owner.invalidate(this, offset, lengthBytes, false);
    }

    @Override
    public void truncated(long offset) {
        owner.invalidate(this, offset, Addresses.pageDown(Long.MAX_VALUE) - offset, true);
    }
}
