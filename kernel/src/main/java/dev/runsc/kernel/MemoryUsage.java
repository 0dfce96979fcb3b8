package dev.runsc.kernel;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.fs.overlay.OverlayFileSystem;
import dev.runsc.kernel.fs.tmpfs.TmpfsFileSystem;
import dev.runsc.kernel.memory.MemoryFileHost;
import dev.runsc.kernel.memory.MemoryManager;
import dev.runsc.kernel.task.ThreadGroup;
import dev.runsc.kernel.vfs.FileSystem;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * What the memory of a sandbox's containers is used for, in bytes.
 *
 * @param anonymous pages of the memory file that belong to no file system
 * @param tmpfs pages of the memory file that hold files
 * @param mapped pages of host files that guests have mapped, each as often as it is mapped
 */
public record MemoryUsage(long anonymous, long tmpfs, long mapped) {
    static MemoryUsage of(SandboxState state) throws ErrnoException {
        long committed = state.memoryFile.committedBytes(0, MemoryFileHost.SIZE_BYTES);
        long files = 0;
        for (FileSystem fileSystem : state.vfs.mountedFileSystems()) {
            files +=
                    switch (fileSystem) {
                        case TmpfsFileSystem tmpfs -> tmpfs.usedBytes();
                        case OverlayFileSystem overlay -> overlay.usedBytes();
                        default -> 0;
                    };
        }
        long tmpfs = Math.min(files, committed);
        long mapped = 0;
        for (MemoryManager memory : addressSpaces(state)) {
            mapped += memory.statistics().residentFile();
        }
        return new MemoryUsage(committed - tmpfs, tmpfs, mapped);
    }

    private static Set<MemoryManager> addressSpaces(SandboxState state) {
        Set<MemoryManager> spaces = Collections.newSetFromMap(new IdentityHashMap<>());
        List<ContainerState> containers = state.containers();
        state.tasks.lock().lock();
        try {
            for (ContainerState container : containers) {
                for (ThreadGroup group : container.pids().groups()) {
                    if (!group.isZombie()) {
                        spaces.add(group.leader().memory());
                    }
                }
            }
        } finally {
            state.tasks.lock().unlock();
        }
        return spaces;
    }
}
