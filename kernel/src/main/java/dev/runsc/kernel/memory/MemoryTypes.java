package dev.runsc.kernel.memory;

import dev.runsc.state.StateSchema;

/** The types of this package that an image may hold, with their names and versions. */
public final class MemoryTypes {
    private MemoryTypes() {}

    /** Adds them to a schema. Locks have an adapter elsewhere. */
    public static StateSchema.Builder register(StateSchema.Builder types) {
        return types.type("memory.MemoryFile", 1, MemoryFile.class)
                .type("memory.MemoryManager", 1, MemoryManager.class)
                .type("memory.AddressMap", 1, AddressMap.class)
                .type("memory.CallSites", 1, CallSites.class)
                .type("memory.PageMap", 1, PageMap.class)
                .type("memory.VmArea", 1, VmArea.class)
                .type("memory.FileMapping", 1, FileMapping.class)
                .type("memory.SharedMemory", 1, SharedMemory.class)
                .type("memory.FutexKey", 1, FutexKey.class)
                .type("memory.ProgramLayout", 1, ProgramLayout.class)
                .type("memory.PlacementBase", 1, PlacementBase.class)
                .type("memory.NoLimits", 1, MemoryLimits.None.class);
    }
}
