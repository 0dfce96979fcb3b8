package dev.runsc.kernel;

import dev.runsc.kernel.auth.UserNamespace;
import dev.runsc.kernel.fs.pipe.PipeFiles;
import dev.runsc.kernel.fs.tty.Consoles;
import dev.runsc.kernel.memory.MemoryFile;
import dev.runsc.kernel.net.unix.UnixSockets;
import dev.runsc.kernel.task.TaskSet;
import dev.runsc.kernel.time.Timekeeper;
import dev.runsc.kernel.time.TimerQueue;
import dev.runsc.kernel.vfs.FileSystem;
import dev.runsc.kernel.vfs.VirtualFileSystem;
import dev.runsc.state.Savable;
import java.util.LinkedHashMap;

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
    final UserNamespace users = new UserNamespace();

    /** Memory that several containers mount, by name ({@link ContainerSpec.MountSpec#SHARED}). */
    final LinkedHashMap<String, FileSystem> sharedMounts = new LinkedHashMap<>();

    /** By container name. */
    final LinkedHashMap<String, ContainerState> containers = new LinkedHashMap<>();

    SandboxState(MemoryFile memoryFile) {
        this.memoryFile = memoryFile;
        clock = new Timekeeper();
        timers = new TimerQueue(clock);
        vfs = new VirtualFileSystem(clock);
        pipes = new PipeFiles(vfs);
        unixSockets = new UnixSockets(vfs);
        tasks = new TaskSet(clock, timers);
    }
}
