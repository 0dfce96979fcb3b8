package dev.runsc.kernel.fs.cgroup;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.MountFlags;
import dev.runsc.kernel.cgroup.CgroupNamespace;
import dev.runsc.kernel.cgroup.ControlGroup;
import dev.runsc.kernel.cgroup.Controller;
import dev.runsc.kernel.cgroup.Hierarchy;
import dev.runsc.kernel.fs.synthetic.SyntheticFileSystem;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.kernel.task.CallingTask;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.VirtualFileSystem;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;

/** The files of one hierarchy. */
public final class CgroupFileSystem extends SyntheticFileSystem {
    private static final int DIRECTORY = 0755;

    private final KernelLock lock = new KernelLock(LockClass.CGROUP);
    private final CgroupFiles files;
    private final Hierarchy hierarchy;

    /** By the numbers of their groups. */
    @GuardedBy("lock")
    private final HashMap<Long, GroupDirectory> directories = new HashMap<>();

    CgroupFileSystem(VirtualFileSystem vfs, CgroupFiles files, Hierarchy hierarchy) {
        super(
                vfs,
                hierarchy.isUnified() ? "cgroup2" : "cgroup",
                hierarchy.isUnified()
                        ? MountFlags.CGROUP2_SUPER_MAGIC
                        : MountFlags.CGROUP_SUPER_MAGIC,
                true);
        this.files = files;
        this.hierarchy = hierarchy;
        setRoot(directory(hierarchy.root()));
    }

    CgroupFiles files() {
        return files;
    }

    public Hierarchy hierarchy() {
        return hierarchy;
    }

    /** The directory of a group; made for one that came from elsewhere. */
    GroupDirectory directory(ControlGroup group) {
        lock.lock();
        try {
            return directories.computeIfAbsent(
                    group.number(), number -> new GroupDirectory(this, group, DIRECTORY));
        } finally {
            lock.unlock();
        }
    }

    GroupDirectory add(ControlGroup group, int permissions) {
        lock.lock();
        try {
            GroupDirectory made = new GroupDirectory(this, group, permissions);
            directories.put(group.number(), made);
            return made;
        } finally {
            lock.unlock();
        }
    }

    void forget(ControlGroup group) {
        lock.lock();
        try {
            directories.remove(group.number());
        } finally {
            lock.unlock();
        }
    }

    /** In the first namespace the root, in others what they have for it. */
    @Override
    public List<String> mountPath(Caller caller) {
        Task task = CallingTask.find(caller);
        return task == null ? List.of() : mountPath(task.namespaces().cgroups());
    }

    /** The same for a namespace. */
    public List<String> mountPath(CgroupNamespace namespace) {
        List<String> names = new ArrayList<>();
        for (ControlGroup at = namespace.root(hierarchy); at != null; at = at.parent()) {
            if (!at.isRoot()) {
                names.addFirst(at.name());
            }
        }
        return names;
    }

    /** cgroup_show_path: as the reader's namespace has it. */
    @Override
    public String shownPath(Caller caller, String path) {
        Task task = CallingTask.find(caller);
        if (task == null) {
            return path;
        }
        ControlGroup at = hierarchy.root();
        for (String name : path.split("/", -1)) {
            ControlGroup below = name.isEmpty() ? at : at.child(name);
            if (below == null) {
                return path;
            }
            at = below;
        }
        return task.namespaces().cgroups().path(at);
    }

    @Override
    public String options() {
        if (hierarchy.isUnified()) {
            return "";
        }
        String names = Controller.names(hierarchy.controllers(), ",");
        if (hierarchy.name().isEmpty()) {
            return names;
        }
        return names + (names.isEmpty() ? "" : ",") + "name=" + hierarchy.name();
    }
}
