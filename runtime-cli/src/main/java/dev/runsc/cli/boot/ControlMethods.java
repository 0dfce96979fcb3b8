package dev.runsc.cli.boot;

import dev.runsc.cli.base.Stages;
import dev.runsc.cli.boot.Checkpoints.Around;
import dev.runsc.cli.boot.Checkpoints.Wanted;
import dev.runsc.cli.boot.Restores.Arrival;
import dev.runsc.cli.control.ControlFault;
import dev.runsc.cli.control.ControlFault.Code;
import dev.runsc.cli.control.ControlServer;
import dev.runsc.cli.control.ControlServer.Connection;
import dev.runsc.cli.control.ControlServer.Reply;
import dev.runsc.cli.control.Methods;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import dev.runsc.cli.json.JsonText;
import dev.runsc.cli.wire.SpecCodec;
import dev.runsc.cli.wire.StageCodec;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.kernel.Diagnostics;
import dev.runsc.kernel.FileSource;
import dev.runsc.kernel.Kernel;
import dev.runsc.kernel.Kernel.ProcessInfo;
import dev.runsc.kernel.Kernel.SignalScope;
import dev.runsc.kernel.KernelException;
import dev.runsc.kernel.ProcessSpec;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/** Requests by name. A request owns the descriptors that came with it, whatever becomes of it. */
final class ControlMethods implements ControlServer.Handler {
    /** Signals are numbered from 1 to 64 (SIGRTMAX); 0 asks whether there is somebody. */
    private static final int SIGNAL_MAX = 64;

    private final Loader loader;
    private final Checkpoints checkpoints;
    private final Restores restores;

    ControlMethods(Loader loader) {
        this.loader = loader;
        this.checkpoints = new Checkpoints(loader);
        this.restores = new Restores(loader, loader.resources());
    }

    Checkpoints checkpoints() {
        return checkpoints;
    }

    @Override
    public Reply handle(
            String method, JsonReader in, List<HostFd> descriptors, Connection connection)
            throws ControlFault, JsonFault {
        try (RequestArguments arguments = RequestArguments.read(in, descriptors)) {
            return handle(method, arguments, connection);
        } catch (KernelException e) {
            throw new ControlFault(Code.KERNEL, e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ControlFault(Code.INTERNAL, "interrupted", e);
        }
    }

    private Reply handle(String method, RequestArguments a, Connection connection)
            throws ControlFault, JsonFault, KernelException, InterruptedException {
        switch (method) {
            case Methods.RUNTIME_STATE -> {
                return reply(
                        new JsonText().beginObject().field("state", loader.runtimeState(a.id)));
            }
            case Methods.CREATE_SUBCONTAINER -> createSubcontainer(a);
            case Methods.START_ROOT, Methods.START_SUBCONTAINER -> loader.start(a.id);
            case Methods.DESTROY_SUBCONTAINER -> loader.destroySubcontainer(a.id);
            case Methods.WAIT -> {
                return status(connection.park(() -> loader.await(a.id)));
            }
            case Methods.WAIT_PID -> {
                return status(connection.await(() -> awaitProcess(a)));
            }
            case Methods.SIGNAL -> signal(a);
            case Methods.PROC_SIGNAL -> signalProcess(a);
            case Methods.CONSOLE_RESIZED ->
                    loader.kernelFor(a.id, "resize the terminal of").consolesResized();
            case Methods.PROCESSES -> {
                return processes(processList(a));
            }
            case Methods.EXECUTE_ASYNC -> {
                return reply(new JsonText().beginObject().field("pid", execute(a)));
            }
            case Methods.EXECUTE -> {
                a.pid = execute(a);
                return status(connection.await(() -> awaitProcess(a)));
            }
            case Methods.EVENT -> {
                return SandboxUsage.event(loader, a.id);
            }
            case Methods.GET_SAVINGS -> {
                return savings();
            }
            case Methods.PAUSE -> loader.pause();
            case Methods.WAIT_PAUSED -> {
                boolean paused = connection.await(() -> loader.awaitPaused(a.id));
                return reply(new JsonText().beginObject().field("paused", paused));
            }
            case Methods.RESUME -> loader.resume();
            case Methods.MOUNT -> mount(a);
            case Methods.CHECKPOINT -> {
                return checkpoint(Wanted.SANDBOX, a, connection);
            }
            case Methods.FS_CHECKPOINT -> {
                return checkpoint(new Wanted(a.paths), a, connection);
            }
            case Methods.CHECKPOINT_END -> endCheckpoint(a, connection);
            case Methods.RESTORE -> {
                return restore(a);
            }
            case Methods.RESTORE_SUBCONTAINER -> {
                return restoreSubcontainer(a);
            }
            default -> throw ControlObjects.unknown(method);
        }
        return Reply.EMPTY;
    }

    private void endCheckpoint(RequestArguments a, Connection connection)
            throws ControlFault, InterruptedException {
        connection.onEnd(null);
        checkpoints.complete(a.exit);
    }

    private Reply savings() throws ControlFault {
        Diagnostics.Elapsed saved = loader.savings();
        return reply(
                new JsonText()
                        .beginObject()
                        .field("CPUTimeSaved", saved.cpuNanos())
                        .field("WallTimeSaved", saved.wallNanos()));
    }

    private void createSubcontainer(RequestArguments a) throws ControlFault, JsonFault {
        FileSource files = a.takeFiles();
        HostFd goferLife = a.take("gofer's life");
        Arrival arrival = a.takeArrival();
        loader.createSubcontainer(a.id, arrival, a.takeDescriptors(), files, goferLife);
        a.keepTaken();
    }

    private void mount(RequestArguments a) throws ControlFault, KernelException {
        if (!a.fsType.equals("erofs")) {
            throw new ControlFault(
                    Code.BAD_REQUEST,
                    "file systems of type \"" + a.fsType + "\" cannot be mounted");
        }
        if (!a.destination.startsWith("/")) {
            throw new ControlFault(Code.BAD_REQUEST, "the place of the mount is not absolute");
        }
        Kernel kernel = loader.kernelFor(a.id, "mount in");
        HostFd image = a.take("image");
        a.keepTaken();
        kernel.mountImage(a.id, image, a.destination);
    }

    private int awaitProcess(RequestArguments a) throws ControlFault, InterruptedException {
        try {
            Kernel kernel = loader.kernelFor(a.id, "wait in");
            return a.root ? kernel.waitRootProcess(a.pid) : kernel.waitProcess(a.id, a.pid);
        } catch (KernelException e) {
            throw noProcess(e);
        }
    }

    private static ControlFault noProcess(KernelException e) {
        return new ControlFault(Code.NO_PROCESS, e.getMessage(), e);
    }

    private static void requireSignal(RequestArguments a) throws ControlFault {
        if (a.signal < 0 || a.signal > SIGNAL_MAX) {
            throw new ControlFault(Code.BAD_REQUEST, "signal " + a.signal + " does not exist");
        }
    }

    /** To one process and no other; without a container its number is the sandbox's. */
    private void signalProcess(RequestArguments a) throws ControlFault {
        requireSignal(a);
        if (a.pid == 0) {
            throw new ControlFault(Code.BAD_REQUEST, "\"pid\" is missing");
        }
        Kernel kernel = a.id.isEmpty() ? loader.anyKernel() : loader.kernelFor(a.id, "signal");
        try {
            if (a.id.isEmpty()) {
                kernel.signalRootProcess(a.pid, a.signal);
            } else {
                kernel.signal(a.id, a.pid, a.signal, SignalScope.PROCESS);
            }
        } catch (KernelException e) {
            throw noProcess(e);
        }
    }

    private void signal(RequestArguments a) throws ControlFault {
        requireSignal(a);
        SignalScope scope =
                switch (a.mode) {
                    case "process" -> SignalScope.PROCESS;
                    case "all" -> SignalScope.ALL;
                    case "group" -> SignalScope.GROUP;
                    case "foreground" -> SignalScope.FOREGROUND;
                    default ->
                            throw new ControlFault(
                                    Code.BAD_REQUEST, "unknown signal mode " + a.mode);
                };
        Kernel kernel = loader.kernelFor(a.id, "signal");
        try {
            kernel.signal(a.id, a.pid, a.signal, scope);
        } catch (KernelException e) {
            throw noProcess(e);
        }
    }

    private List<ProcessInfo> processList(RequestArguments a) throws ControlFault, KernelException {
        return loader.kernelFor(a.id, "list processes of").processes(a.id);
    }

    private int execute(RequestArguments a) throws ControlFault, JsonFault, KernelException {
        Map<Integer, HostFd> guest = a.takeDescriptors();
        JsonReader process = new JsonReader("process", a.process.getBytes(StandardCharsets.UTF_8));
        ProcessSpec spec = SpecCodec.readProcess(process, guest);
        Kernel kernel = loader.kernelFor(a.id, "exec in");
        try {
            int pid = kernel.exec(a.id, spec);
            a.keepTaken();
            return pid;
        } catch (KernelException e) {
            loader.watching().loadFailed(e.getMessage());
            throw e;
        }
    }

    private Reply checkpoint(Wanted wanted, RequestArguments a, Connection connection)
            throws ControlFault, JsonFault {
        if (a.descriptorsLeft() != (a.hasHook() ? 3 : 2)) {
            throw new ControlFault(
                    Code.BAD_REQUEST, "a checkpoint takes two descriptors, and one for a hook");
        }
        Stages stages = new Stages();
        Checkpoints.Saved saved;
        try (HostFd graph = a.take("graph");
                HostFd ranges = a.take("list of memory")) {
            Around hook = a.hasHook() ? new Around(a.takeHook(), a.id) : null;
            a.keepTaken();
            saved = checkpoints.begin(wanted, graph, ranges, hook, stages, connection);
        }
        // A client that goes away now leaves the container as it was.
        connection.onEnd(() -> checkpoints.end());
        JsonText json = new JsonText().beginObject();
        json.field("containers", saved.containers());
        StageCodec.write(json, stages);
        return new Reply(json.endObject().text(), List.of(saved.memory()));
    }

    private Reply restore(RequestArguments a) throws ControlFault, JsonFault {
        HostFd memory = a.take("memory");
        HostFd graph = a.take("graph");
        Around hook = a.hasHook() ? new Around(a.takeHook(), a.hookContainer) : null;
        HostFd goferLife = a.hasGofers() ? a.take("gofer's life") : null;
        Arrival first = a.takeArrival();
        PendingRestore image =
                new PendingRestore(new LinkedHashSet<>(a.containers), memory, graph, hook);
        Stages stages = new Stages();
        Kernel old = loader.beginRestore();
        // From here on a failure ends the process.
        a.keepTaken();
        restores.restore(old, image, first, goferLife, stages);
        return stages(stages);
    }

    private Reply restoreSubcontainer(RequestArguments a) throws ControlFault, JsonFault {
        HostFd goferLife = a.take("gofer's life");
        Arrival arrival = a.takeArrival();
        PendingRestore image = restores.join(a.id, arrival, a.takeDescriptors());
        // From here on a failure ends the process.
        a.keepTaken();
        Stages stages = new Stages();
        restores.restoreSubcontainer(a.id, image, goferLife, stages);
        return stages(stages);
    }

    private static Reply stages(Stages stages) {
        JsonText json = new JsonText().beginObject();
        StageCodec.write(json, stages);
        return reply(json);
    }

    private static Reply status(int waitStatus) {
        return reply(new JsonText().beginObject().field("waitStatus", waitStatus));
    }

    private static Reply processes(List<ProcessInfo> processes) {
        JsonText json = new JsonText().beginObject();
        json.name("processes").beginArray();
        for (ProcessInfo process : processes) {
            json.beginObject();
            json.field("uid", process.uid() & 0xffff_ffffL);
            json.field("pid", process.pid());
            json.field("ppid", process.ppid());
            json.field("pgid", process.pgid());
            json.field("threads", process.threads());
            json.field("c", process.cpuPercent());
            json.field("tty", process.tty());
            json.field("stime", process.startTimeUnixSeconds());
            json.field("timeMillis", process.cpuTimeMillis());
            json.field("cmd", process.command());
            json.field("args", process.args());
            json.endObject();
        }
        json.endArray();
        return reply(json);
    }

    private static Reply reply(JsonText openObject) {
        return new Reply(openObject.endObject().text());
    }
}
