package dev.runsc.cli.boot;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.base.HostSignals;
import dev.runsc.cli.base.Stages;
import dev.runsc.cli.boot.GuestKernel.KernelFailure;
import dev.runsc.cli.boot.GuestKernel.SignalTarget;
import dev.runsc.cli.control.ControlFault;
import dev.runsc.cli.control.ControlFault.Code;
import dev.runsc.cli.control.ControlServer;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import dev.runsc.cli.launch.Console;
import dev.runsc.cli.launch.JvmCommand;
import dev.runsc.cli.wire.BootDocument;
import dev.runsc.cli.wire.FdInput;
import dev.runsc.cli.wire.FdOutput;
import dev.runsc.cli.wire.SpecCodec;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.kernel.ContainerSpec;
import dev.runsc.kernel.KernelHost;
import dev.runsc.kernel.ProcessSpec;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The life of the root container and its kernel within this process.
 *
 * <pre>
 *   AWAITING_RESTORE -> RESTORED -> RUNNING -> STOPPED
 *   CREATED          -> RESTORED
 *   CREATED          -> RUNNING
 * </pre>
 *
 * The process ends with the container, with the container's exit code, as the one who waits for it
 * on the host expects.
 */
final class Loader {
    private enum Phase {
        AWAITING_RESTORE,
        CREATED,
        RESTORING,
        RESTORED,
        RUNNING,
        STOPPED
    }

    private static final int EXIT_LIMIT_MILLIS = 10_000;

    /** Signals are numbered from 1 to 64 (SIGRTMAX). */
    private static final int SIGNAL_MAX = 64;

    /** The wait status of a container that we lost: exit code 1. */
    private static final int FAILED_STATUS = 1 << 8;

    private final BootDocument document;
    private final String containerId;
    private final CountDownLatch kernelClosed = new CountDownLatch(1);
    private final CompletableFuture<Integer> rootExit = new CompletableFuture<>();
    private final Map<Integer, HostFd> descriptors = new LinkedHashMap<>();
    private final HostFd bootMemory;

    @GuardedBy("this")
    private Phase phase = Phase.AWAITING_RESTORE;

    @GuardedBy("this")
    private @Nullable GuestKernel kernel;

    @GuardedBy("this")
    private @Nullable HostFd memory;

    @GuardedBy("this")
    private @Nullable HostFd goferLife;

    @GuardedBy("this")
    private boolean paused;

    @GuardedBy("this")
    private boolean checkpointing;

    @GuardedBy("this")
    private boolean exiting;

    private volatile @Nullable ControlServer server;

    Loader(BootDocument document) {
        this.document = document;
        this.containerId = document.containerId();
        this.bootMemory = HostFd.own(document.memory());
        for (Map.Entry<Integer, Integer> entry : document.descriptors().entrySet()) {
            descriptors.put(entry.getKey(), HostFd.own(entry.getValue()));
        }
    }

    /** Boots the kernel and loads the container, if there is one in the document. */
    void boot(Stages stages) throws KernelFailure {
        if (document.container().isEmpty()) {
            return;
        }
        try {
            ContainerSpec spec = containerSpec(document.container());
            GuestKernel booted = GuestKernels.boot(host(bootMemory, bootGofers()));
            synchronized (this) {
                kernel = booted;
                memory = bootMemory;
            }
            stages.end("kernel");
            booted.createContainer(spec);
            stages.end("first process");
            synchronized (this) {
                phase = Phase.CREATED;
            }
        } catch (JsonFault | ErrnoException e) {
            throw new KernelFailure(String.valueOf(e.getMessage()), e);
        }
    }

    private Map<String, HostFd> bootGofers() {
        Map<String, HostFd> gofers = new LinkedHashMap<>();
        document.gofers().forEach((key, fd) -> gofers.put(key, HostFd.own(fd)));
        return gofers;
    }

    private ContainerSpec containerSpec(String json) throws JsonFault, ErrnoException {
        JsonReader in = new JsonReader("container", json.getBytes(StandardCharsets.UTF_8));
        // Copies, for a restore in place of the start needs them once more.
        Map<Integer, HostFd> copies = new LinkedHashMap<>();
        for (Map.Entry<Integer, HostFd> entry : descriptors.entrySet()) {
            copies.put(entry.getKey(), entry.getValue().duplicate());
        }
        ContainerSpec spec = SpecCodec.readContainer(in, copies);
        HostFd console = descriptors.get(0);
        if (spec.process().terminal() && console != null) {
            Console.takeAsControlling(console.number());
            HostSignals.handle(List.of("WINCH"), signal -> terminalResized());
        }
        return spec;
    }

    private KernelHost host(HostFd memoryFile, Map<String, HostFd> gofers) {
        return new KernelHost(
                Path.of(document.stub()),
                memoryFile,
                gofers,
                document.rewriteCallSites(),
                document.trace(),
                document.pauseAtCall());
    }

    /** Without its gofer a container has no files: it ends. A restore may bring another gofer. */
    void watchGofer(HostFd life) {
        synchronized (this) {
            goferLife = life;
        }
        Thread.ofPlatform().daemon().name("gofer life").start(() -> awaitGoferEnd(life));
    }

    @SuppressWarnings("ReferenceEquality") // whether it is still this gofer that counts
    private void awaitGoferEnd(HostFd life) {
        try (life) {
            HostFiles.read(life.number(), ByteBuffer.allocateDirect(1));
        } catch (ErrnoException e) {
            DebugLog.write("gofer life: " + e.getMessage());
        }
        synchronized (this) {
            if (goferLife != life || exiting) {
                return;
            }
            stopped();
        }
        DebugLog.write("the gofer has ended: ending");
        ControlFault fault = new ControlFault(Code.KERNEL, "the gofer process ended unexpectedly");
        exit(1, () -> rootExit.completeExceptionally(fault));
    }

    /** What the container is doing: created, running, paused or stopped. */
    synchronized String runtimeState(String id) throws ControlFault {
        requireContainer(id);
        return switch (phase) {
            case AWAITING_RESTORE, RESTORING -> "creating";
            case CREATED, RESTORED -> "created";
            case RUNNING -> paused ? "paused" : "running";
            case STOPPED -> "stopped";
        };
    }

    /** Lets the first process run. */
    void start(String id) throws ControlFault {
        GuestKernel running;
        boolean restored;
        synchronized (this) {
            requireContainer(id);
            if (phase != Phase.CREATED && phase != Phase.RESTORED) {
                throw wrongState("start");
            }
            restored = phase == Phase.RESTORED;
            running = kernel();
            phase = Phase.RUNNING;
        }
        try {
            if (restored) {
                running.resume();
            } else {
                running.startContainer(containerId);
            }
        } catch (KernelFailure e) {
            synchronized (this) {
                phase = Phase.CREATED;
            }
            throw new ControlFault(Code.KERNEL, e.getMessage(), e);
        }
        // Ours would keep pipes open that the guest has closed.
        descriptors.values().forEach(HostFd::close);
        Thread.ofPlatform().daemon().name("container wait").start(() -> awaitRoot(running));
        if (document.pauseAtCall() > 0) {
            Thread.ofPlatform().daemon().name("pause at call").start(() -> awaitCall(running));
        }
    }

    private void awaitCall(GuestKernel running) {
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
    synchronized boolean awaitPaused(String id) throws ControlFault {
        requireContainer(id);
        try {
            while (!paused && phase != Phase.STOPPED) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ControlFault(Code.INTERNAL, "interrupted", e);
        }
        return phase != Phase.STOPPED;
    }

    @GuardedBy("this")
    private void stopped() {
        phase = Phase.STOPPED;
        notifyAll();
    }

    @SuppressWarnings("ReferenceEquality") // whether it is this very kernel, not one like it
    private void awaitRoot(GuestKernel running) {
        int status;
        try {
            status = running.waitContainer(containerId);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        } catch (KernelFailure e) {
            DebugLog.write("waiting for the container: " + e.getMessage());
            status = FAILED_STATUS;
        }
        synchronized (this) {
            if (kernel != running) {
                return;
            }
            stopped();
        }
        DebugLog.write("container ended with wait status " + status);
        int told = status;
        exit(exitCode(status), () -> rootExit.complete(told));
    }

    /** What a shell would call the exit code: the program's own, or 128 and the signal. */
    static int exitCode(int waitStatus) {
        int signal = waitStatus & 0x7f;
        return signal == 0 ? waitStatus >> 8 & 0xff : 128 + signal;
    }

    /** Waits for the end of the container; its status as in wait(2). */
    int await(String id) throws ControlFault {
        synchronized (this) {
            requireContainer(id);
        }
        try {
            return rootExit.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ControlFault(Code.INTERNAL, "interrupted", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ControlFault fault) {
                throw fault;
            }
            throw new ControlFault(Code.INTERNAL, String.valueOf(e.getMessage()), e);
        }
    }

    int awaitProcess(String id, int pid) throws ControlFault {
        GuestKernel running = running(id, "wait in");
        try {
            return running.waitProcess(containerId, pid);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ControlFault(Code.INTERNAL, "interrupted", e);
        } catch (KernelFailure e) {
            throw new ControlFault(Code.NO_PROCESS, e.getMessage(), e);
        }
    }

    int exec(String id, ProcessSpec spec) throws ControlFault {
        GuestKernel running = running(id, "exec in");
        try {
            return running.exec(containerId, spec);
        } catch (KernelFailure e) {
            throw new ControlFault(Code.KERNEL, e.getMessage(), e);
        }
    }

    void signal(String id, int pid, int signal, SignalTarget target) throws ControlFault {
        if (signal < 0 || signal > SIGNAL_MAX) {
            throw new ControlFault(Code.BAD_REQUEST, "signal " + signal + " does not exist");
        }
        GuestKernel running = running(id, "signal");
        try {
            running.signal(containerId, pid, signal, target);
        } catch (KernelFailure e) {
            throw new ControlFault(Code.NO_PROCESS, e.getMessage(), e);
        }
    }

    void consolesResized(String id) throws ControlFault {
        running(id, "resize the terminal of").consolesResized();
    }

    private void terminalResized() {
        GuestKernel current;
        synchronized (this) {
            current = kernel;
        }
        if (current != null) {
            current.consolesResized();
        }
    }

    List<GuestKernel.GuestProcess> processes(String id) throws ControlFault {
        try {
            return running(id, "list processes of").processes(containerId);
        } catch (KernelFailure e) {
            throw new ControlFault(Code.KERNEL, e.getMessage(), e);
        }
    }

    synchronized void pause() throws ControlFault {
        if (phase != Phase.RUNNING || paused) {
            throw wrongState("pause");
        }
        kernel().pause();
        paused = true;
        notifyAll();
    }

    synchronized void resume() throws ControlFault {
        if (phase != Phase.RUNNING || !paused) {
            throw wrongState("resume");
        }
        kernel().resume();
        paused = false;
    }

    /**
     * Stops the kernel and writes its graph and the list of its memory. The kernel stays stopped
     * until {@link #endCheckpoint}.
     *
     * @return the memory file, as a copy
     */
    HostFd checkpoint(HostFd graph, HostFd ranges, Stages stages) throws ControlFault {
        GuestKernel saved;
        HostFd memoryCopy;
        synchronized (this) {
            if (checkpointing) {
                throw new ControlFault(Code.BUSY, "another checkpoint is going on");
            }
            if (phase != Phase.RUNNING && phase != Phase.CREATED && phase != Phase.RESTORED) {
                throw wrongState("checkpoint");
            }
            saved = kernel();
            memoryCopy = copyOf(memory);
            checkpointing = true;
        }
        boolean good = false;
        saved.pause();
        try {
            stages.end("pause");
            try (FdOutput out = new FdOutput(graph)) {
                saved.save(out);
            }
            stages.end("graph");
            writeRanges(saved, ranges);
            stages.end("page list");
            good = true;
            return memoryCopy;
        } catch (KernelFailure | IOException e) {
            throw new ControlFault(Code.KERNEL, "saving: " + e.getMessage(), e);
        } finally {
            if (!good) {
                memoryCopy.close();
                endCheckpoint(false);
            }
        }
    }

    private static void writeRanges(GuestKernel saved, HostFd target)
            throws KernelFailure, IOException {
        try (DataOutputStream out = new DataOutputStream(new FdOutput(target))) {
            for (long number : saved.memoryRanges()) {
                out.writeLong(number);
            }
        }
    }

    private static HostFd copyOf(@Nullable HostFd fd) throws ControlFault {
        if (fd == null) {
            throw new ControlFault(Code.INTERNAL, "no memory file");
        }
        try {
            return fd.duplicate();
        } catch (ErrnoException e) {
            throw new ControlFault(Code.KERNEL, "memory file: " + e.getMessage(), e);
        }
    }

    /**
     * After a checkpoint: ends the sandbox, or lets it go on as it was. Does nothing without one.
     */
    void endCheckpoint(boolean exit) {
        GuestKernel saved;
        synchronized (this) {
            if (!checkpointing) {
                return;
            }
            checkpointing = false;
            saved = kernel;
            if (exit) {
                stopped();
            }
        }
        if (exit) {
            DebugLog.write("checkpointed: ending");
            exit(0, () -> rootExit.complete(0));
        } else if (saved != null) {
            saved.resume();
        }
    }

    /**
     * Replaces the kernel, if there is one, by that of an image. The container can be started then.
     *
     * @param gofers empty when those of the boot document are still unused
     */
    void restore(
            JsonReader container,
            HostFd memoryFile,
            HostFd graph,
            @Nullable HostFd newGoferLife,
            Map<String, HostFd> gofers,
            Stages stages)
            throws ControlFault, JsonFault {
        GuestKernel old;
        synchronized (this) {
            if (phase != Phase.AWAITING_RESTORE && phase != Phase.CREATED) {
                throw wrongState("restore");
            }
            phase = Phase.RESTORING;
            old = kernel;
            kernel = null;
        }
        if (newGoferLife != null) {
            watchGofer(newGoferLife);
        }
        Map<String, HostFd> roots = old == null && gofers.isEmpty() ? bootGofers() : gofers;
        boolean good = false;
        try {
            if (old != null) {
                old.close();
                stages.end("old kernel");
            }
            ContainerSpec spec = containerSpec(container.raw());
            GuestKernel restored =
                    GuestKernels.restore(
                            host(memoryFile, roots), new FdInput(graph), Map.of(spec.name(), spec));
            stages.end("kernel");
            synchronized (this) {
                kernel = restored;
                memory = memoryFile;
                phase = Phase.RESTORED;
            }
            good = true;
        } catch (KernelFailure | ErrnoException e) {
            throw new ControlFault(Code.KERNEL, "restoring: " + e.getMessage(), e);
        } finally {
            graph.close();
            if (!good) {
                // What was there is gone and nothing came in its place.
                exit(1, () -> rootExit.complete(FAILED_STATUS));
            }
        }
    }

    void exitAfterAnswersOf(ControlServer controlServer) {
        server = controlServer;
    }

    /**
     * Ends this process soon, once the answers under way are given: who is told of the end may kill
     * us. The first call counts.
     *
     * @param tell tells those who wait for the end
     */
    void exit(int code, Runnable tell) {
        boolean first;
        GuestKernel last;
        synchronized (this) {
            first = !exiting;
            exiting = true;
            last = kernel;
        }
        if (!first) {
            tell.run();
            return;
        }
        Thread.ofPlatform().name("exit").start(() -> end(last, code, tell));
        if (!JvmCommand.isTraining()) {
            Thread.ofPlatform().daemon().name("exit limit").start(() -> endAtLast(code));
        }
    }

    private void end(@Nullable GuestKernel last, int code, Runnable tell) {
        ControlServer answering = server;
        try {
            if (answering != null) {
                answering.awaitPromptAnswers();
            }
            tell.run();
            if (last != null) {
                last.close();
            }
            kernelClosed.countDown();
            if (answering != null) {
                answering.awaitAnswers();
            }
        } finally {
            JvmCommand.end(code);
        }
    }

    /** A kernel that does not stop must not keep the process: its guests go with it. */
    private void endAtLast(int code) {
        try {
            if (!kernelClosed.await(EXIT_LIMIT_MILLIS, TimeUnit.MILLISECONDS)) {
                DebugLog.write("the kernel did not stop in time");
                Runtime.getRuntime().halt(code);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Keeps the main thread, for ever: only {@link #exit} ends the process, once all is told. */
    static void park() throws InterruptedException {
        new CountDownLatch(1).await();
    }

    private GuestKernel running(String id, String what) throws ControlFault {
        synchronized (this) {
            requireContainer(id);
            if (phase != Phase.RUNNING && phase != Phase.CREATED && phase != Phase.RESTORED) {
                throw wrongState(what);
            }
            return kernel();
        }
    }

    @GuardedBy("this")
    private GuestKernel kernel() throws ControlFault {
        GuestKernel current = kernel;
        if (current == null) {
            throw new ControlFault(Code.INTERNAL, "no kernel");
        }
        return current;
    }

    private void requireContainer(String id) throws ControlFault {
        if (!id.equals(containerId)) {
            throw new ControlFault(
                    Code.NO_CONTAINER, "no container \"" + id + "\" in this sandbox");
        }
    }

    @GuardedBy("this")
    private ControlFault wrongState(String what) {
        String state =
                switch (phase) {
                    case RUNNING -> paused ? "paused" : "running";
                    case STOPPED -> "stopped";
                    case CREATED, RESTORED -> "created";
                    case AWAITING_RESTORE, RESTORING -> "creating";
                };
        return new ControlFault(
                Code.WRONG_STATE,
                "cannot " + what + " container \"" + containerId + "\" in state " + state);
    }
}
