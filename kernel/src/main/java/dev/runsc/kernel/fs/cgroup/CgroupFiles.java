package dev.runsc.kernel.fs.cgroup;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.kernel.cgroup.Hierarchy;
import dev.runsc.kernel.fs.proc.MachineInfo;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.kernel.task.TaskSet;
import dev.runsc.kernel.vfs.VirtualFileSystem;
import dev.runsc.state.Savable;
import java.util.HashMap;

/** The file systems of all hierarchies, each made when it is first mounted. */
public final class CgroupFiles implements Savable {
    private final KernelLock lock = new KernelLock(LockClass.CGROUP);
    private final TaskSet tasks;
    private final MachineInfo machine;

    /** By the hierarchies' ids. */
    @GuardedBy("lock")
    private final HashMap<Integer, CgroupFileSystem> made = new HashMap<>();

    public CgroupFiles(TaskSet tasks, MachineInfo machine) {
        this.tasks = tasks;
        this.machine = machine;
    }

    TaskSet tasks() {
        return tasks;
    }

    MachineInfo machine() {
        return machine;
    }

    /** The file system of a hierarchy. */
    public CgroupFileSystem of(VirtualFileSystem vfs, Hierarchy hierarchy) {
        lock.lock();
        try {
            return made.computeIfAbsent(
                    hierarchy.id(), id -> new CgroupFileSystem(vfs, this, hierarchy));
        } finally {
            lock.unlock();
        }
    }

    /** Whether nobody has mounted a hierarchy; then its file system goes with it. */
    boolean isUnused(VirtualFileSystem vfs, Hierarchy hierarchy) {
        lock.lock();
        try {
            CgroupFileSystem known = made.get(hierarchy.id());
            if (known != null && vfs.mountedFileSystems().contains(known)) {
                return false;
            }
            made.remove(hierarchy.id());
            return true;
        } finally {
            lock.unlock();
        }
    }
}
