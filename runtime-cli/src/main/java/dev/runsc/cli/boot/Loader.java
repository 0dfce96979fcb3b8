package dev.runsc.cli.boot;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.base.Stages;
import dev.runsc.cli.boot.Checkpoints.Checkpointable;
import dev.runsc.cli.boot.GuestContainer.Phase;
import dev.runsc.cli.boot.Restores.Arrival;
import dev.runsc.cli.control.ControlFault;
import dev.runsc.cli.control.ControlFault.Code;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.wire.BootDocument;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.SignalNumbers;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.kernel.ContainerSpec;
import dev.runsc.kernel.Diagnostics;
import dev.runsc.kernel.FileImage;
import dev.runsc.kernel.FileSource;
import dev.runsc.kernel.Kernel;
import dev.runsc.kernel.KernelException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The containers of this process and their kernel, which a restore replaces.
 *
 * <p>The process ends with its first container, with that one's exit code, as the one who waits for
 * it on the host expects; other containers end with it.
 */
final class Loader {
    /** The wait status of a container that we lost: exit code 1. */
    private static final int FAILED_STATUS = 1 << 8;

    /** More than any pod has; a client that makes more is not one. */
    private static final int CONTAINERS_MAX = 256;

    private final BootDocument document;
    private final BootResources resources;
    private final GuestContainer root;
    private final SandboxEnd end = new SandboxEnd();
    private final Watching watching;
    private final GuestSpecs specs = new GuestSpecs();

    /** By id; the first is {@link #root}. */
    @GuardedBy("this")
    private final Map<String, GuestContainer> containers = new LinkedHashMap<>();

    @GuardedBy("this")
    private @Nullable Kernel kernel;

    @GuardedBy("this")
    private @Nullable HostFd memory;

    @GuardedBy("this")
    private boolean paused;

    /** What the image brought. */
    @GuardedBy("this")
    private Diagnostics.Elapsed savings = new Diagnostics.Elapsed(0, 0);

    Loader(BootDocument document) {
        this.document = document;
        this.resources = new BootResources(document);
        this.watching = new Watching(document);
        root = new GuestContainer(document.containerId(), resources.descriptors());
        containers.put(root.id(), root);
    }

    /** What this process was born with. */
    BootResources resources() {
        return resources;
    }

    /** What watches the kernel. */
    Watching watching() {
        return watching;
    }

    /** What the containers were made from. */
    GuestSpecs specs() {
        return specs;
    }

    /** How this process ends. */
    SandboxEnd end() {
        return end;
    }

    /** Ends the process because of a fault outside of it. */
    void exit(int code) {
        Kernel last;
        synchronized (this) {
            last = kernel;
        }
        end.begin(code, last, () -> tellEnd(FAILED_STATUS));
    }

    /** Tells all who wait for a container; the status is the first one's. */
    private void tellEnd(int status) {
        synchronized (this) {
            for (GuestContainer container : containers.values()) {
                container.end().complete(container == root ? status : SignalNumbers.SIGKILL);
            }
            resources.tellEnds(containers.values());
        }
    }

    // ---- coming to life

    /** Boots the kernel and loads the container, if there is one in the document. */
    void boot(Stages stages) throws KernelException {
        if (document.container().isEmpty()) {
            return;
        }
        try (FileSource files = resources.files()) {
            ContainerSpec spec = resources.rootSpec(document.container(), this::terminalResized);
            Kernel booted = Kernel.boot(resources.host(resources.memory(), resources.gofers()));
            synchronized (this) {
                kernel = booted;
                memory = resources.memory();
            }
            watching.attach(booted);
            stages.end("kernel");
            booted.createContainer(spec, files);
            stages.end("first process");
            synchronized (this) {
                root.hasSavedFiles = files instanceof FileImage;
                root.phase = Phase.CREATED;
            }
            specs.put(List.of(spec));
        } catch (KernelException e) {
            watching.loadFailed(e.getMessage());
            throw e;
        } catch (JsonFault | ErrnoException e) {
            throw new KernelException(String.valueOf(e.getMessage()), e);
        }
    }

    /** Watches the first container's gofer. A restore may bring another one. */
    void watchGofer(HostFd life) {
        watchGofer(root, life);
    }

    private void watchGofer(GuestContainer container, HostFd life) {
        synchronized (this) {
            container.goferLife = life;
        }
        GoferLife.watch(life, () -> goferEnded(container, life));
    }

    /** Without its gofer a container has no files: it ends. */
    @SuppressWarnings("ReferenceEquality") // whether it is still this gofer that counts
    private void goferEnded(GuestContainer container, HostFd life) {
        Kernel last;
        synchronized (this) {
            if (container.goferLife != life || end.hasBegun() || container.isStopped()) {
                return;
            }
            stop(container);
            last = kernel;
        }
        DebugLog.write("the gofer of " + container.id() + " has ended: ending");
        container
                .end()
                .completeExceptionally(
                        new ControlFault(Code.KERNEL, "the gofer process ended unexpectedly"));
        if (container == root) {
            end.begin(1, last, () -> tellEnd(FAILED_STATUS));
        } else if (last != null) {
            container.forgetIn(last);
        }
    }

    // ---- containers

    /** What the container is doing: creating, created, running, paused or stopped. */
    synchronized String runtimeState(String id) throws ControlFault {
        return container(id).state(paused);
    }

    /**
     * Makes a further container, loaded and not yet running.
     *
     * @param descriptors what its first process gets; the kernel's from now on
     * @param files what is to be in its file systems; null for nothing
     * @param goferLife ends when its gofer does
     */
    void createSubcontainer(
            String id,
            Arrival arrival,
            Map<Integer, HostFd> descriptors,
            @Nullable FileSource files,
            HostFd goferLife)
            throws ControlFault, JsonFault {
        ContainerSpec spec = BootResources.spec(arrival.json(), descriptors);
        GuestContainer made = new GuestContainer(id, new LinkedHashMap<>());
        made.hasSavedFiles = files instanceof FileImage;
        Kernel running;
        synchronized (this) {
            requireRoom(id);
            running = kernel();
            containers.put(id, made);
        }
        boolean good = false;
        try (files) {
            running.createContainer(spec, files, arrival.gofers());
            synchronized (this) {
                made.phase = Phase.CREATED;
            }
            specs.put(List.of(spec));
            watchGofer(made, goferLife);
            good = true;
        } catch (KernelException e) {
            watching.loadFailed(e.getMessage());
            throw new ControlFault(Code.KERNEL, e.getMessage(), e);
        } finally {
            if (!good) {
                goferLife.close();
                synchronized (this) {
                    containers.remove(id);
                }
            }
        }
    }

    @GuardedBy("this")
    private void requireRoom(String id) throws ControlFault {
        if (containers.containsKey(id)) {
            throw new ControlFault(
                    Code.WRONG_STATE, "container \"" + id + "\" exists in this sandbox");
        }
        if (containers.size() >= CONTAINERS_MAX) {
            throw new ControlFault(Code.BUSY, "too many containers in this sandbox");
        }
    }

    /** Lets the first process of a container run; after a restore once all its containers may. */
    void start(String id) throws ControlFault {
        GuestContainer container;
        Kernel running = null;
        List<GuestContainer> ready = List.of();
        synchronized (this) {
            container = container(id);
            if (container.phase != Phase.CREATED) {
                throw wrongState(container, "start");
            }
            container.phase = Phase.RUNNING;
            if (!container.fromImage) {
                running = kernel();
            } else {
                ready = readyToResume();
            }
        }
        if (running != null) {
            try {
                running.startContainer(id);
            } catch (KernelException e) {
                synchronized (this) {
                    container.phase = Phase.CREATED;
                }
                throw new ControlFault(Code.KERNEL, e.getMessage(), e);
            }
            begun(running, container);
        }
        resumeRestored(ready);
    }

    /** The containers of the image when all of them have been started, else none. */
    @GuardedBy("this")
    private List<GuestContainer> readyToResume() {
        if (kernel == null) {
            return List.of();
        }
        List<GuestContainer> restored =
                containers.values().stream().filter(container -> container.fromImage).toList();
        boolean all = restored.stream().allMatch(c -> c.phase == Phase.RUNNING);
        return all ? restored : List.of();
    }

    private void resumeRestored(List<GuestContainer> ready) throws ControlFault {
        if (ready.isEmpty()) {
            return;
        }
        Kernel running;
        synchronized (this) {
            running = kernel();
        }
        running.resume();
        for (GuestContainer container : ready) {
            begun(running, container);
        }
        for (GuestContainer container : ready) {
            Restores.runHook(this, running, container);
        }
        ready.forEach(container -> container.resumed().complete(Boolean.TRUE));
    }

    private void begun(Kernel running, GuestContainer container) {
        watching.sessions().started(running, container.id());
        container.closeDescriptors();
        Thread.ofPlatform()
                .daemon()
                .name("container wait")
                .start(() -> awaitEnd(running, container));
        if (container == root && document.pauseAtCall() > 0) {
            Thread.ofPlatform().daemon().name("pause at call").start(() -> awaitCall(running));
        }
    }

    private void awaitCall(Kernel running) {
        try {
            running.awaitPauseAtCall();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        synchronized (this) {
            paused = true;
            notifyAll();
        }
    }

    /** Waits until the container is paused; false when it ended instead. */
    synchronized boolean awaitPaused(String id) throws ControlFault, InterruptedException {
        GuestContainer container = container(id);
        while (!paused && !container.isStopped()) {
            wait();
        }
        return !container.isStopped();
    }

    @GuardedBy("this")
    private void stop(GuestContainer container) {
        container.phase = Phase.STOPPED;
        container.resumed().complete(Boolean.FALSE);
        notifyAll();
    }

    @SuppressWarnings("ReferenceEquality") // whether it is this very kernel, not one like it
    private void awaitEnd(Kernel running, GuestContainer container) {
        int status;
        try {
            status = running.waitContainer(container.id());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        } catch (KernelException e) {
            DebugLog.write("waiting for " + container.id() + ": " + e.getMessage());
            status = FAILED_STATUS;
        }
        synchronized (this) {
            if (kernel != running || container.isStopped()) {
                return;
            }
            stop(container);
        }
        DebugLog.write("container " + container.id() + " ended with wait status " + status);
        if (container == root) {
            int told = status;
            end.begin(GuestContainer.exitCode(status), running, () -> tellEnd(told));
        } else {
            container.forgetIn(running);
            container.end().complete(status);
        }
    }

    /** Ends a further container, if it has not ended, and forgets it. */
    void destroySubcontainer(String id) throws ControlFault {
        GuestContainer container;
        Kernel running;
        synchronized (this) {
            container = container(id);
            if (container == root) {
                throw new ControlFault(
                        Code.BAD_REQUEST, "container \"" + id + "\" is the sandbox's first");
            }
            if (container.fromImage && kernel == null) {
                throw new ControlFault(Code.BUSY, "the sandbox is being restored");
            }
            running = container.isStopped() ? null : kernel();
            stop(container);
        }
        if (running != null) {
            container.forgetIn(running);
            container.end().complete(SignalNumbers.SIGKILL);
        }
        synchronized (this) {
            container.closeDescriptors();
            containers.remove(id);
        }
    }

    /** Waits for the end of a container; its status as in wait(2). */
    int await(String id) throws ControlFault, InterruptedException {
        GuestContainer container;
        synchronized (this) {
            container = container(id);
        }
        try {
            return container.end().get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ControlFault fault) {
                throw fault;
            }
            throw new ControlFault(Code.INTERNAL, String.valueOf(e.getMessage()), e);
        }
    }

    /** Whether the sandbox ends with it. */
    boolean isFirst(String id) {
        return root.id().equals(id);
    }

    /** A container of this sandbox. */
    synchronized GuestContainer find(String id) throws ControlFault {
        return container(id);
    }

    /** The kernel, for a request about a container that has not ended. */
    synchronized Kernel kernelFor(String id, String what) throws ControlFault {
        GuestContainer container = container(id);
        if (container.phase != Phase.RUNNING && container.phase != Phase.CREATED) {
            throw wrongState(container, what);
        }
        return kernel();
    }

    /** Refuses what needs a container whose programs make progress. */
    synchronized void requireRunning(String id, String what) throws ControlFault {
        GuestContainer container = container(id);
        if (container.phase != Phase.RUNNING || paused) {
            throw wrongState(container, what);
        }
    }

    /** The containers that have not ended. */
    synchronized List<String> livingContainers() {
        return containers.values().stream()
                .filter(each -> each.phase == Phase.RUNNING || each.phase == Phase.CREATED)
                .map(GuestContainer::id)
                .toList();
    }

    /** The same once there is one, where an image is still to come. */
    synchronized Kernel awaitKernel() throws InterruptedException {
        Kernel current = kernel;
        while (current == null) {
            wait();
            current = kernel;
        }
        return current;
    }

    /** The kernel, for a request about the whole of it. */
    synchronized Kernel anyKernel() throws ControlFault {
        return kernel();
    }

    /** The host's terminal of the first container may have another size. */
    void terminalResized() {
        Kernel current;
        synchronized (this) {
            current = kernel;
        }
        if (current != null) {
            current.consolesResized();
        }
    }

    // ---- stopping and saving

    synchronized void pause() throws ControlFault {
        if (root.phase != Phase.RUNNING || paused) {
            throw wrongState(root, "pause");
        }
        kernel().pause();
        paused = true;
        notifyAll();
    }

    synchronized void resume() throws ControlFault {
        if (root.phase != Phase.RUNNING || !paused) {
            throw wrongState(root, "resume");
        }
        kernel().resume();
        paused = false;
    }

    synchronized Checkpointable checkpointable() throws ControlFault {
        HostFd file = memory;
        if (root.phase != Phase.RUNNING && root.phase != Phase.CREATED || file == null) {
            throw wrongState(root, "checkpoint");
        }
        Kernel saved = kernel();
        try {
            return new Checkpointable(saved, file.duplicate());
        } catch (ErrnoException e) {
            throw new ControlFault(Code.KERNEL, "memory file: " + e.getMessage(), e);
        }
    }

    /** Ends all, as is wanted after a checkpoint. */
    void endCheckpointed() {
        Kernel last;
        synchronized (this) {
            containers.values().forEach(this::stop);
            last = kernel;
        }
        DebugLog.write("checkpointed: ending");
        end.begin(0, last, () -> tellEnd(0));
    }

    // ---- restoring

    /** Takes the kernel away, if there is one, for that of an image to come in its place. */
    synchronized @Nullable Kernel beginRestore() throws ControlFault {
        boolean waiting = root.phase == Phase.CREATING && !root.fromImage;
        boolean replaceable = root.phase == Phase.CREATED && kernel != null;
        if (!waiting && !replaceable || containers.size() > 1) {
            throw wrongState(root, "restore");
        }
        root.phase = Phase.CREATING;
        root.fromImage = true;
        Kernel old = kernel;
        kernel = null;
        return old;
    }

    /** The first container has come; it can be started, but does not run before all others. */
    synchronized void rootRestored() {
        root.phase = Phase.CREATED;
    }

    /** A further container of the image has come. */
    void addRestored(String id, HostFd goferLife) throws ControlFault {
        GuestContainer made = new GuestContainer(id, new LinkedHashMap<>());
        made.fromImage = true;
        made.phase = Phase.CREATED;
        synchronized (this) {
            requireRoom(id);
            containers.put(id, made);
        }
        watchGofer(made, goferLife);
    }

    /** The kernel of the image; all containers of the image are known. */
    synchronized void adopt(Kernel restored, HostFd memoryFile) {
        kernel = restored;
        memory = memoryFile;
        savings = restored.diagnostics().elapsed();
        watching.attach(restored);
        notifyAll();
    }

    /** What need not be done again because it was restored. */
    synchronized Diagnostics.Elapsed savings() {
        return savings;
    }

    // ---- what is asked of all

    @GuardedBy("this")
    private Kernel kernel() throws ControlFault {
        Kernel current = kernel;
        if (current == null) {
            throw new ControlFault(Code.WRONG_STATE, "the sandbox is being restored");
        }
        return current;
    }

    @GuardedBy("this")
    private GuestContainer container(String id) throws ControlFault {
        GuestContainer container = containers.get(id);
        if (container == null) {
            throw new ControlFault(
                    Code.NO_CONTAINER, "no container \"" + id + "\" in this sandbox");
        }
        return container;
    }

    @GuardedBy("this")
    private ControlFault wrongState(GuestContainer container, String what) {
        return new ControlFault(
                Code.WRONG_STATE,
                "cannot "
                        + what
                        + " container \""
                        + container.id()
                        + "\" in state "
                        + container.state(paused));
    }
}
