package dev.runsc.kernel;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.fs.proc.ProcessDump;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.syscalls.CallObserver;
import dev.runsc.kernel.syscalls.Dispatcher;
import dev.runsc.kernel.syscalls.SyscallTrace;
import dev.runsc.kernel.task.PidNamespace;
import dev.runsc.kernel.task.TaskObserver;
import dev.runsc.kernel.task.ThreadGroup;
import dev.runsc.kernel.task.Watchdog;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.FsContext;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.PathWalk;
import dev.runsc.kernel.vfs.RawName;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How operators look into a kernel that runs, and what they switch on to do so. Nothing of it is
 * saved. Thread safe.
 */
public final class Diagnostics {
    /** How much of a buffer a trace shows unless told otherwise. */
    public static final int TRACE_BYTES = 1024;

    private final Kernel kernel;
    private final SandboxState state;
    private final Dispatcher dispatcher;

    Diagnostics(Kernel kernel, SandboxState state, Dispatcher dispatcher) {
        this.kernel = kernel;
        this.state = state;
        this.dispatcher = dispatcher;
    }

    // ---- system calls

    /**
     * Prints system calls on the log from now on.
     *
     * @param calls names separated by commas, {@code all}, or empty for none
     * @param bytesMax how much of a buffer is shown
     */
    public void trace(String calls, int bytesMax) {
        dispatcher.setTrace(newTrace(calls, bytesMax));
    }

    static @Nullable SyscallTrace newTrace(String calls, int bytesMax) {
        if (calls.isEmpty()) {
            return null;
        }
        Set<String> only = calls.equals("all") ? Set.of() : Set.of(calls.split(","));
        Logger log = System.getLogger(Kernel.class.getName());
        return new SyscallTrace(line -> log.log(Level.INFO, line), only, bytesMax);
    }

    /** Tells somebody of system calls and of tasks from now on; null for nobody. */
    public void observe(@Nullable CallObserver calls, @Nullable TaskObserver tasks) {
        dispatcher.observe(calls);
        state.tasks.observe(tasks);
    }

    /** Tells somebody of the first call of each number that nothing answers. */
    public void onUnknownCall(Dispatcher.UnknownCallListener listener) {
        dispatcher.onUnknownCall(listener);
    }

    /** Calls that came and that no row answers, as numbers. */
    public Set<Long> unknownCalls() {
        return dispatcher.unknownCalls().keySet();
    }

    /** Looks for tasks that do not get out of the kernel; it is to be started. */
    public Watchdog watchdog(long limitMillis, Consumer<Watchdog.Stuck> report) {
        return new Watchdog(state.tasks, limitMillis, report);
    }

    // ---- processes

    /** Every process of the sandbox, as /proc of its first container shows it. */
    public List<ProcessDump> processes() {
        PidNamespace view = state.tasks.rootNamespace();
        List<ThreadGroup> groups = new ArrayList<>();
        state.tasks.lock().lock();
        try {
            for (ThreadGroup group : view.groups()) {
                if (!group.isZombie()) {
                    groups.add(group);
                }
            }
        } finally {
            state.tasks.lock().unlock();
        }
        List<ProcessDump> shown = new ArrayList<>();
        for (ThreadGroup group : groups) {
            ProcessDump dump = ProcessDump.of(group, containerView(group));
            if (dump != null) {
                shown.add(dump);
            }
        }
        return shown;
    }

    /** The numbers that a container's own processes see. */
    private PidNamespace containerView(ThreadGroup group) {
        for (ContainerState container : state.containers()) {
            if (container.container == group.container()) {
                return container.pids();
            }
        }
        return state.tasks.rootNamespace();
    }

    /**
     * What the processes there are have used.
     *
     * @param cpuNanos the processor time of all of them
     * @param wallNanos since the first of them began, by the sandbox's monotonic clock
     */
    public record Elapsed(long cpuNanos, long wallNanos) {}

    /** Asked of a kernel that has just come from an image: what need not be done again. */
    public Elapsed elapsed() {
        long now = state.clock.monotonicNanos();
        long cpu = 0;
        long wall = 0;
        state.tasks.lock().lock();
        try {
            for (ThreadGroup group : state.tasks.rootNamespace().groups()) {
                cpu += group.times().totalNanos();
                wall = Math.max(wall, now - group.startNanos());
            }
        } finally {
            state.tasks.lock().unlock();
        }
        return new Elapsed(cpu, wall);
    }

    /** How many tasks there are. */
    public int taskCount() {
        return state.tasks.taskCount();
    }

    // ---- files

    private BootCaller caller(ContainerState container) {
        Location root = container.mounts.rootLocation();
        return new BootCaller(new FsContext(root, root, 0), Credentials.root(state.users));
    }

    /**
     * Reads from a file of a container.
     *
     * @param path from the container's root
     * @param target filled as far as the file goes
     * @return how many bytes were read
     */
    public int read(String id, String path, long offset, byte[] target) throws KernelException {
        BootCaller caller = caller(kernel.require(id));
        try {
            Location location = PathWalk.find(caller, RawName.ofText(path), PathWalk.FOLLOW);
            Inode inode = location.inode();
            if (inode.isDirectory()) {
                throw Errno.EISDIR.error();
            }
            if (!inode.isRegular()) {
                // A pipe or device could keep us waiting, or change by being read.
                throw Errno.EINVAL.error();
            }
            FileDescription file = inode.open(caller, location, OpenFlags.O_RDONLY);
            try {
                return readFully(caller, file, offset, target);
            } finally {
                file.release();
            }
        } catch (ErrnoException failed) {
            throw new KernelException(path + ": " + failed.errno().message(), failed);
        }
    }

    private static int readFully(
            BootCaller caller, FileDescription file, long offset, byte[] target)
            throws ErrnoException {
        UserBuffer buffer = UserBuffer.of(target);
        long position = offset;
        while (buffer.remaining() > 0) {
            long count = file.readAt(caller, buffer, position);
            if (count <= 0) {
                break;
            }
            position += count;
        }
        return (int) (position - offset);
    }

    /**
     * Walks the upper layer of a container's root while nothing changes it.
     *
     * @param reader gets the layer, to read its files while they are met
     * @throws IOException of the reader
     */
    public void walkRootUpper(String id, UpperReader reader) throws KernelException, IOException {
        UpperLayer upper = UpperLayer.of(kernel.require(id), state.users);
        kernel.pause();
        try {
            reader.read(upper);
        } finally {
            kernel.resume();
        }
    }

    /** Reads a layer. */
    public interface UpperReader {
        void read(UpperLayer upper) throws KernelException, IOException;
    }
}
