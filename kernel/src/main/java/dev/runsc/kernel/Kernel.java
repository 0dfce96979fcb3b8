package dev.runsc.kernel;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.gofer.abi.SigInfo;
import dev.runsc.gofer.abi.SignalNumbers;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostMemory;
import dev.runsc.gofer.host.HostRandom;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.fs.gofer.FileReads;
import dev.runsc.kernel.fs.gofer.GoferConnections;
import dev.runsc.kernel.fs.host.HostPoller;
import dev.runsc.kernel.fs.host.HostStreams;
import dev.runsc.kernel.memory.MemoryFile;
import dev.runsc.kernel.memory.MemoryFileHost;
import dev.runsc.kernel.platform.Platform;
import dev.runsc.kernel.platform.PlatformException;
import dev.runsc.kernel.platform.stub.StubPlatform;
import dev.runsc.kernel.sync.ThreadWaiter;
import dev.runsc.kernel.syscalls.Dispatcher;
import dev.runsc.kernel.task.CheckpointRequests;
import dev.runsc.kernel.task.ControllingTerminal;
import dev.runsc.kernel.task.PidNamespace;
import dev.runsc.kernel.task.Signals;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.task.TaskBirth;
import dev.runsc.kernel.task.TaskHost;
import dev.runsc.kernel.task.ThreadGroup;
import dev.runsc.state.ObjectGraph;
import dev.runsc.state.RestoreContext;
import dev.runsc.state.SaveStats;
import dev.runsc.state.StateException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A sandbox's kernel, as the runtime drives it: boots or restores, creates containers, starts and
 * signals processes, pauses and saves. Thread safe; calls for different containers do not wait for
 * each other except around pause and save.
 */
public final class Kernel implements AutoCloseable {
    private final SandboxState state;
    private final Platform platform;
    private final HostPoller poller;
    private final GoferConnections gofers;
    private final Dispatcher dispatcher;
    private final Diagnostics diagnostics;
    private final ControlGroups controlGroups;

    /** Processes that came in by exec and that nobody has waited for. */
    private final ConcurrentHashMap<ExecutedKey, ThreadGroup> executed = new ConcurrentHashMap<>();

    private record ExecutedKey(String containerId, int pid) {}

    private Kernel(
            SandboxState state,
            Platform platform,
            HostPoller poller,
            GoferConnections gofers,
            KernelHost host) {
        this.state = state;
        this.platform = platform;
        this.poller = poller;
        this.gofers = gofers;
        this.dispatcher = new Dispatcher(Diagnostics.newTrace(host.trace(), host.traceBytes()));
        this.diagnostics = new Diagnostics(this, state, dispatcher);
        this.controlGroups = new ControlGroups(this, state);
        long machineBytes = HostMemory.totalBytes();
        if (host.memoryBytes() > 0) {
            machineBytes = Math.min(machineBytes, host.memoryBytes());
        }
        state.memoryFile.setMachineBytes(machineBytes);
        state.tasks.attach(
                dispatcher,
                new TaskHost(
                        platform,
                        state.memoryFile,
                        new HostRandom(),
                        state.pipes,
                        state.unixSockets,
                        machineBytes,
                        host.rewriteCallSites()));
        state.tasks.stopBeforeCall(host.pauseAtCall());
    }

    // ---- coming to life

    /** An empty kernel. */
    public static Kernel boot(KernelHost host) throws KernelException {
        try {
            Platform platform =
                    StubPlatform.start(host.stub(), host.memoryFile(), host.rewriteCallSites());
            SandboxState state =
                    new SandboxState(new MemoryFile(new MemoryFileHost(host.memoryFile())));
            state.vfs.setFifoOpener(state.pipes);
            GoferConnections gofers =
                    new GoferConnections(ContainerFiles.connect(host.goferRoots()));
            Kernel kernel = new Kernel(state, platform, new HostPoller(), gofers, host);
            ContainerFiles.registerTypes(state);
            return kernel;
        } catch (PlatformException | ErrnoException failed) {
            throw new KernelException("cannot start the kernel: " + failed.getMessage(), failed);
        }
    }

    /**
     * Works out what every restore needs to know of the types in an image: for a thread beside one
     * that waits for the image.
     */
    public static void prepareRestore() throws KernelException {
        try {
            KernelSchema.SCHEMA.prepareToLoad();
        } catch (StateException failed) {
            throw new KernelException("cannot restore: " + failed.getMessage(), failed);
        }
    }

    /**
     * What a restore is given besides the host.
     *
     * @param containers by container name: where streams and gofers come from, and the new ids
     */
    public record RestoreOptions(Map<String, ContainerSpec> containers) {}

    /**
     * The kernel of an image, stopped: {@link #resume} lets it run. The memory file holds the
     * image's pages already.
     */
    public static Kernel restore(KernelHost host, InputStream graph, RestoreOptions options)
            throws KernelException {
        try {
            Platform platform =
                    StubPlatform.start(host.stub(), host.memoryFile(), host.rewriteCallSites());
            HostPoller poller = new HostPoller();
            RestoreContext.Builder context = RestoreContext.builder();
            context.put(Platform.class, platform);
            context.put(MemoryFileHost.class, new MemoryFileHost(host.memoryFile()));
            GoferConnections gofers =
                    new GoferConnections(ContainerFiles.connect(host.goferRoots()));
            context.put(GoferConnections.class, gofers);
            context.put(HostStreams.class, streams(options, poller));
            SandboxState state =
                    ObjectGraph.load(
                            KernelSchema.SCHEMA, SandboxState.class, graph, context.build());
            Kernel kernel = new Kernel(state, platform, poller, gofers, host);
            state.vfs.restoreMountPoints();
            kernel.adopt(options);
            state.tasks.startRestored();
            state.consoles.startRestored();
            return kernel;
        } catch (PlatformException | ErrnoException | StateException | IOException failed) {
            throw new KernelException("cannot restore: " + failed.getMessage(), failed);
        }
    }

    private static HostStreams streams(RestoreOptions options, HostPoller poller) {
        Map<String, HostFd> byName = new HashMap<>();
        options.containers()
                .forEach((name, spec) ->
                        spec.process()
                                .descriptors()
                                .forEach((fd, file) -> byName.put(name + ":" + fd, file)));
        return new HostStreams(byName, poller);
    }

    private void adopt(RestoreOptions options) {
        for (ContainerState container : state.containers()) {
            ContainerSpec spec = options.containers().get(container.container.name());
            if (spec != null) {
                container.container.setId(spec.id());
                if (!spec.sharedNamespaces().contains("uts")) {
                    container.rename(spec.hostname());
                }
                container.container.sandboxFiles().setEnvironment(spec.process().environment());
                setLimits(spec);
            }
        }
        // Whoever waited for an exec'd process is gone with the old sandbox.
        for (Task task : state.tasks.tasks()) {
            if (task.isLeader() && task.group().isExecSession()) {
                Signals.sendFromOutside(
                        task.group(),
                        SigInfo.kill(SignalNumbers.SIGKILL, SignalNumbers.SI_KERNEL, 0, 0));
            }
        }
    }

    // ---- containers

    /**
     * Makes a container: mounts, streams, and its first process, loaded and not yet running.
     *
     * @throws KernelException when a mount or the program cannot be made; nothing of it is left
     */
    public void createContainer(ContainerSpec spec) throws KernelException {
        createContainer(spec, null);
    }

    /**
     * The same for a container whose file systems do not begin empty.
     *
     * @param source what they have; null for nothing
     */
    public void createContainer(ContainerSpec spec, @Nullable FileSource source)
            throws KernelException {
        if (containerNames().contains(spec.name())) {
            throw new KernelException("container exists in the sandbox: " + spec.name());
        }
        state.add(new ContainerBuilder(state, platform, gofers, poller).create(spec, source));
        setLimits(spec);
    }

    /**
     * The same for a container that comes later, with a gofer of its own.
     *
     * @param sockets as {@link KernelHost#goferRoots}; the kernel's from now on
     */
    public void createContainer(
            ContainerSpec spec, @Nullable FileSource source, Map<String, HostFd> sockets)
            throws KernelException {
        if (containerNames().contains(spec.name())) {
            sockets.values().forEach(HostFd::close);
            throw new KernelException("container exists in the sandbox: " + spec.name());
        }
        gofers.add(ContainerFiles.connect(sockets));
        boolean good = false;
        try {
            createContainer(spec, source);
            good = true;
        } finally {
            if (!good) {
                gofers.remove(spec.name());
            }
        }
    }

    /**
     * Mounts an EROFS image in a container that runs.
     *
     * @param image the kernel's from now on, also when this fails
     * @param destination an absolute path in the container
     */
    public void mountImage(String id, HostFd image, String destination) throws KernelException {
        boolean good = false;
        try {
            ContainerState container = require(id);
            MountSources sources = new MountSources(state, platform, gofers);
            good = true;
            ContainerFiles.mountImage(container, sources, state.users, image, destination);
        } finally {
            if (!good) {
                image.close();
            }
        }
    }

    /** What the kernel cannot take of a configuration is no reason to have no container. */
    private void setLimits(ContainerSpec spec) {
        for (Map.Entry<String, String> limit : spec.limits().entrySet()) {
            try {
                controlGroups.limit(spec.id(), Map.ofEntries(limit));
            } catch (KernelException refused) {
                System.getLogger(Kernel.class.getName())
                        .log(System.Logger.Level.WARNING, refused.getMessage());
            }
        }
    }

    public void startContainer(String id) throws KernelException {
        ContainerState container = require(id);
        if (!state.start(container)) {
            throw new KernelException("container is started already: " + id);
        }
        TaskBirth.start(container.init);
    }

    /** Runs a further process in a container; its pid there. */
    public int exec(String id, ProcessSpec spec) throws KernelException {
        ContainerState container = require(id);
        Task task = new ContainerBuilder(state, platform, gofers, poller).exec(container, spec);
        int pid = task.tid();
        executed.put(new ExecutedKey(id, pid), task.group());
        TaskBirth.start(task);
        return pid;
    }

    ContainerState require(String id) throws KernelException {
        for (ContainerState container : state.containers()) {
            if (container.container.id().equals(id)) {
                return container;
            }
        }
        throw new KernelException("no such container: " + id);
    }

    public List<String> containerNames() {
        return state.containers().stream().map(each -> each.container.name()).toList();
    }

    /** Waits for the end of a container's first process; its status as in wait(2). */
    public int waitContainer(String id) throws InterruptedException, KernelException {
        ContainerState container = require(id);
        int status = waitFor(container.process);
        state.consoles.drain(container.container.name());
        return status;
    }

    /**
     * As {@link #waitContainer} for another process. One that came in by {@link #exec} may have
     * ended before: its status is kept for the first who asks.
     */
    public int waitProcess(String id, int pid) throws InterruptedException, KernelException {
        ContainerState container = require(id);
        ExecutedKey key = new ExecutedKey(id, pid);
        ThreadGroup known = executed.get(key);
        int status = waitFor(known == null ? requireProcess(container, pid) : known);
        executed.remove(key);
        state.consoles.drain(container.container.name());
        return status;
    }

    /** As {@link #waitProcess} by the number that the sandbox's first PID namespace has. */
    public int waitRootProcess(int pid) throws InterruptedException, KernelException {
        return waitFor(requireRootProcess(pid));
    }

    private ThreadGroup requireRootProcess(int pid) throws KernelException {
        Task task = state.tasks.findTask(state.tasks.rootNamespace(), pid);
        if (task == null) {
            throw new KernelException("no such process: " + pid);
        }
        return task.group();
    }

    private static int waitFor(ThreadGroup group) throws InterruptedException {
        ThreadWaiter waiter = new ThreadWaiter();
        group.exitEvents().add(waiter, PollEvents.POLLIN);
        try {
            while (!group.isZombie()) {
                LockSupport.park(group);
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
            return group.exitStatus();
        } finally {
            group.exitEvents().remove(waiter);
        }
    }

    private ThreadGroup requireProcess(ContainerState container, int pid) throws KernelException {
        if (pid == 0) {
            return container.process;
        }
        Task task = state.tasks.findTask(container.pids(), pid);
        if (task == null) {
            throw new KernelException("no such process: " + pid);
        }
        return task.group();
    }

    /** Whom a signal is for. */
    public enum SignalScope {
        PROCESS,
        ALL,
        GROUP,
        FOREGROUND
    }

    /** Sends a signal as from outside the sandbox; pid 0 is the first process. */
    public void signal(String id, int pid, int signal, SignalScope scope) throws KernelException {
        ContainerState container = require(id);
        List<ThreadGroup> targets =
                switch (scope) {
                    case PROCESS -> List.of(requireProcess(container, pid));
                    case ALL -> groups(container);
                    case GROUP -> requireProcess(container, pid).processGroup().members();
                    case FOREGROUND -> foreground(requireProcess(container, pid));
                };
        for (ThreadGroup target : targets) {
            Signals.sendFromOutside(target, SigInfo.kill(signal, SignalNumbers.SI_USER, 0, 0));
        }
    }

    /** As {@link #signal} to a process by the number the sandbox's first PID namespace has. */
    public void signalRootProcess(int pid, int signal) throws KernelException {
        Signals.sendFromOutside(
                requireRootProcess(pid), SigInfo.kill(signal, SignalNumbers.SI_USER, 0, 0));
    }

    /** The host's terminals may have changed their sizes. */
    public void consolesResized() {
        state.consoles.adoptSizes();
    }

    /** Who is in the foreground of a process's terminal; its own group when it has none. */
    private List<ThreadGroup> foreground(ThreadGroup group) {
        state.tasks.lock().lock();
        try {
            ControllingTerminal terminal = group.terminal();
            List<ThreadGroup> found = terminal == null ? List.of() : terminal.foregroundProcesses();
            return found.isEmpty() ? group.processGroup().members() : found;
        } finally {
            state.tasks.lock().unlock();
        }
    }

    private List<ThreadGroup> groups(ContainerState container) {
        state.tasks.lock().lock();
        try {
            List<ThreadGroup> live = new ArrayList<>();
            for (ThreadGroup group : container.pids().groups()) {
                if (!group.isZombie() && group.container() == container.container) {
                    live.add(group);
                }
            }
            return live;
        } finally {
            state.tasks.lock().unlock();
        }
    }

    /** A process of a container, as ps shows it. */
    public record ProcessInfo(
            int uid,
            int pid,
            int ppid,
            int pgid,
            int threads,
            int cpuPercent,
            String tty,
            long startTimeUnixSeconds,
            long cpuTimeMillis,
            String command,
            List<String> args) {}

    public List<ProcessInfo> processes(String id) throws KernelException {
        ContainerState container = require(id);
        List<ProcessInfo> shown = new ArrayList<>();
        for (ThreadGroup group : groups(container)) {
            shown.add(describe(group, container.pids()));
        }
        return shown;
    }

    private ProcessInfo describe(ThreadGroup group, PidNamespace view) {
        Task leader = group.leader();
        long age = state.clock.monotonicNanos() - group.startNanos();
        long cpu = group.times().totalNanos();
        ThreadGroup parent = group.parent();
        ControllingTerminal terminal = group.terminal();
        Credentials credentials = leader.credentials();
        return new ProcessInfo(
                credentials.uid(),
                group.pid().in(view),
                parent == null ? 0 : parent.pid().in(view),
                group.processGroup().numbers().in(view),
                group.threads().size(),
                (int) (age <= 0 ? 0 : 100 * cpu / age),
                terminal == null ? "?" : terminal.terminalName(),
                (state.clock.realNanos() - age) / 1_000_000_000L,
                cpu / 1_000_000,
                leader.name(),
                List.of(leader.name()));
    }

    /** Ends every process of a container, and forgets it. */
    public void destroyContainer(String id) throws KernelException, InterruptedException {
        ContainerState container = require(id);
        signal(id, 0, SignalNumbers.SIGKILL, SignalScope.ALL);
        if (!container.started) {
            // Its first process must run to end.
            startContainer(id);
        }
        List<ThreadGroup> live = groups(container);
        while (!live.isEmpty()) {
            signal(id, 0, SignalNumbers.SIGKILL, SignalScope.ALL);
            for (ThreadGroup group : live) {
                waitFor(group);
            }
            live = groups(container);
        }
        gofers.remove(container.container.name());
        executed.keySet().removeIf(key -> key.containerId.equals(id));
        if (state.remove(container)) {
            container.namespaces.ipc().release();
            state.tasks.cgroups().removeContainer(container.namespaces.cgroups().roots());
        }
    }

    // ---- stopping and saving

    /** Stops every task at its next safe point and guest time with it; counted. */
    public void pause() {
        state.tasks.stop();
        state.consoles.stop();
    }

    /** Returns once the kernel has paused by itself ({@link KernelHost#pauseAtCall}). */
    public void awaitPauseAtCall() throws InterruptedException {
        state.tasks.awaitStopBeforeCall();
        state.consoles.stop();
    }

    public void resume() {
        state.consoles.resume();
        state.tasks.resume();
    }

    /** Writes the object graph. The kernel is paused and stays so. */
    public SaveStats save(OutputStream graph) throws KernelException {
        try {
            state.tasks.beforeSave();
            state.vfs.prepareSave();
            state.memoryFile.reclaim();
            return ObjectGraph.save(KernelSchema.SCHEMA, state, graph);
        } catch (StateException | ErrnoException | IOException failed) {
            throw new KernelException("cannot save: " + failed.getMessage(), failed);
        }
    }

    /**
     * Writes an image of file systems whose files memory holds, and nothing of processes. The
     * kernel is paused and stays so.
     *
     * @param paths {@code [ID:]PATH}, for every container without an id, or {@code all-tmpfs}
     * @return where the memory file holds their contents: offset and length, alternating, in bytes
     */
    public long[] saveFiles(List<String> paths, OutputStream records) throws KernelException {
        return new FileSystems(state).save(paths, records);
    }

    /** Where the memory file holds something: offset and length, alternating, in bytes. */
    public long[] memoryRanges() throws KernelException {
        try {
            return state.memoryFile.committedRanges();
        } catch (ErrnoException failed) {
            throw new KernelException("cannot list memory: " + failed.getMessage(), failed);
        }
    }

    /** What the guest's memory is used for. */
    public MemoryUsage memoryUsage() throws KernelException {
        try {
            return MemoryUsage.of(state);
        } catch (ErrnoException failed) {
            throw new KernelException("cannot measure memory: " + failed.getMessage(), failed);
        }
    }

    /** Gives up what is only kept to be fast: memory without users, descriptors of idle files. */
    public void reduce() throws KernelException {
        gofers.closeIdleFiles();
        try {
            state.memoryFile.reclaim();
        } catch (ErrnoException failed) {
            throw new KernelException("cannot give memory back: " + failed.getMessage(), failed);
        }
    }

    /** What was read of the host's files. */
    public FileReads fileReads() {
        return gofers.reads();
    }

    /** What guests ask for and learn of saves. */
    public CheckpointRequests checkpoints() {
        return state.checkpoints;
    }

    /** The same of saves of file systems. */
    public CheckpointRequests fileSaves() {
        return state.fileSaves();
    }

    /** How to look into it. */
    public Diagnostics diagnostics() {
        return diagnostics;
    }

    /** Its control groups. */
    public ControlGroups controlGroups() {
        return controlGroups;
    }

    /** Ends every guest process at once. */
    @Override
    public void close() {
        platform.close();
    }
}
