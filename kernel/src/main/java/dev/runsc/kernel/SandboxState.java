package dev.runsc.kernel;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.kernel.auth.UserNamespace;
import dev.runsc.kernel.fs.pipe.PipeFiles;
import dev.runsc.kernel.fs.tty.Consoles;
import dev.runsc.kernel.ipc.IpcNamespace;
import dev.runsc.kernel.memory.MemoryFile;
import dev.runsc.kernel.net.unix.UnixSockets;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.kernel.task.CheckpointRequests;
import dev.runsc.kernel.task.TaskSet;
import dev.runsc.kernel.time.Timekeeper;
import dev.runsc.kernel.time.TimerQueue;
import dev.runsc.kernel.vfs.FileSystem;
import dev.runsc.kernel.vfs.VirtualFileSystem;
import dev.runsc.state.Savable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The root of the object graph: all that an image holds. */
final class SandboxState implements Savable {
    final Timekeeper clock;
    final TimerQueue timers;
    final MemoryFile memoryFile;
    final VirtualFileSystem vfs;
    final PipeFiles pipes;
    final UnixSockets unixSockets;
    final TaskSet tasks;
    final Consoles consoles = new Consoles();
    final UserNamespace users;
    final CheckpointRequests checkpoints = new CheckpointRequests();

    /** Saves of file systems; null in images from before there were any. */
    @GuardedBy("lock")
    private @Nullable CheckpointRequests fileSaves;

    /** Beside it every container gets its own; nothing is ever in this one. */
    final IpcNamespace ipc;

    private final KernelLock lock = new KernelLock(LockClass.CONTAINERS);

    /** Memory that several containers mount, by name ({@link ContainerSpec.MountSpec#SHARED}). */
    @GuardedBy("lock")
    private final LinkedHashMap<String, FileSystem> sharedMounts = new LinkedHashMap<>();

    /** By container name. */
    @GuardedBy("lock")
    private final LinkedHashMap<String, ContainerState> containers = new LinkedHashMap<>();

    SandboxState(MemoryFile memoryFile) {
        this.memoryFile = memoryFile;
        clock = new Timekeeper();
        timers = new TimerQueue(clock);
        vfs = new VirtualFileSystem(clock);
        pipes = new PipeFiles(vfs);
        unixSockets = new UnixSockets(vfs);
        tasks = new TaskSet(clock, timers);
        users = tasks.users();
        ipc = IpcNamespace.first(users, clock, memoryFile);
    }

    /** Saves of file systems, as guests see them. */
    CheckpointRequests fileSaves() {
        lock.lock();
        try {
            CheckpointRequests known = fileSaves;
            if (known == null) {
                known = new CheckpointRequests();
                fileSaves = known;
            }
            return known;
        } finally {
            lock.unlock();
        }
    }

    /** Adds a container. */
    void add(ContainerState container) {
        lock.lock();
        try {
            containers.put(container.container.name(), container);
        } finally {
            lock.unlock();
        }
    }

    /** Forgets a container; false when it is not there. */
    boolean remove(ContainerState container) {
        lock.lock();
        try {
            return containers.remove(container.container.name(), container);
        } finally {
            lock.unlock();
        }
    }

    /** The containers, oldest first. */
    List<ContainerState> containers() {
        lock.lock();
        try {
            return List.copyOf(containers.values());
        } finally {
            lock.unlock();
        }
    }

    /** Marks a container as started; false when it was. */
    boolean start(ContainerState container) {
        lock.lock();
        try {
            boolean first = !container.started;
            container.started = true;
            return first;
        } finally {
            lock.unlock();
        }
    }

    /** A number for one more process that is exec'd in a container. */
    int nextExec(ContainerState container) {
        lock.lock();
        try {
            return container.execCount++;
        } finally {
            lock.unlock();
        }
    }

    /** Memory that all containers see which mount it by this name; null when there is none yet. */
    @Nullable FileSystem findSharedMount(String name) {
        lock.lock();
        try {
            return sharedMounts.get(name);
        } finally {
            lock.unlock();
        }
    }

    /** Makes memory known by a name, unless another has come first: that one is returned then. */
    FileSystem addSharedMount(String name, FileSystem made) {
        lock.lock();
        try {
            FileSystem known = sharedMounts.putIfAbsent(name, made);
            return known == null ? made : known;
        } finally {
            lock.unlock();
        }
    }

    /** The name under which containers share memory; empty for what is not shared. */
    String sharedName(FileSystem files) {
        lock.lock();
        try {
            for (Map.Entry<String, FileSystem> entry : sharedMounts.entrySet()) {
                if (entry.getValue() == files) {
                    return entry.getKey();
                }
            }
            return "";
        } finally {
            lock.unlock();
        }
    }
}
