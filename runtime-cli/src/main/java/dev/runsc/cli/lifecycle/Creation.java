package dev.runsc.cli.lifecycle;

import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.base.Failure;
import dev.runsc.cli.base.Stages;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.container.ContainerLock;
import dev.runsc.cli.container.ContainerState;
import dev.runsc.cli.container.ContainerState.Sandbox;
import dev.runsc.cli.container.ContainerStatus;
import dev.runsc.cli.container.StateDirectory;
import dev.runsc.cli.control.ControlClient;
import dev.runsc.cli.control.ControlFault;
import dev.runsc.cli.control.Methods;
import dev.runsc.cli.launch.JvmCommand;
import dev.runsc.cli.launch.LaunchedSandbox;
import dev.runsc.cli.launch.SandboxLauncher;
import dev.runsc.cli.launch.SpecConversion;
import dev.runsc.cli.lifecycle.Foreground.TerminalUse;
import dev.runsc.cli.oci.OciSpec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A container that this command has made, with its lock. What is not let go is undone by {@link
 * #close}: processes, files and all.
 */
public final class Creation implements AutoCloseable {
    /** {@code sun_path} of unix(7) less its zero. */
    private static final int SOCKET_PATH_MAX = 107;

    private static final List<String> SHORT_FOLDERS = List.of("/var/run", "/run", "/tmp");

    private final StateDirectory directory;
    private final ContainerLock lock;
    private final LaunchedSandbox sandbox;
    private final SpecConversion conversion;
    private final OciSpec spec;
    private final Map<Integer, Integer> descriptors;
    private ContainerState state;
    private boolean unlocked;
    private volatile boolean undone;

    private Creation(
            StateDirectory directory,
            ContainerLock lock,
            LaunchedSandbox sandbox,
            SpecConversion conversion,
            OciSpec spec,
            Map<Integer, Integer> descriptors,
            ContainerState state) {
        this.directory = directory;
        this.lock = lock;
        this.sandbox = sandbox;
        this.conversion = conversion;
        this.spec = spec;
        this.descriptors = descriptors;
        this.state = state;
    }

    /**
     * What to make.
     *
     * @param bundle absolute
     * @param forRestore whether the container is to come from a snapshot, so that nothing is loaded
     *     now
     * @param descriptors host descriptors by guest number
     */
    public record Request(
            String id,
            Path bundle,
            OciSpec spec,
            boolean forRestore,
            Map<Integer, Integer> descriptors) {}

    /** Standard input, output and error of this command. */
    public static Map<Integer, Integer> ownStandardDescriptors() {
        Map<Integer, Integer> descriptors = new LinkedHashMap<>();
        for (int fd = 0; fd <= 2; fd++) {
            descriptors.put(fd, fd);
        }
        return descriptors;
    }

    /** Starts the processes of a container; {@link #awaitCreated} finishes. */
    public static Creation begin(RuntimeConfig config, Request request) throws Failure {
        StateDirectory.checkId(request.id());
        SpecConversion conversion =
                SpecConversion.of(request.id(), request.spec(), request.bundle(), config);
        StateDirectory directory = new StateDirectory(config.root());
        directory.create();
        ContainerLock lock = directory.lockForNew(request.id());
        Path socket = socketPath(config.root(), request.id());
        boolean good = false;
        try {
            // We hold the lock and there is no container: a socket of that name is left from a
            // crash.
            Containers.deleteSocket(socket);
            LaunchedSandbox sandbox =
                    new SandboxLauncher(config, "boot", request.id())
                            .launch(
                                    new SandboxLauncher.Wanted(
                                            conversion,
                                            !request.forRestore(),
                                            request.descriptors(),
                                            socket));
            ContainerState state =
                    new ContainerState(
                            request.id(),
                            request.spec().json(),
                            request.bundle().toString(),
                            Instant.now().toString(),
                            owner(),
                            ContainerStatus.CREATING,
                            new Sandbox(
                                    request.id(),
                                    sandbox.sandbox(),
                                    socket.toString(),
                                    false,
                                    request.forRestore()),
                            sandbox.gofer());
            good = true;
            Creation creation =
                    new Creation(
                            directory,
                            lock,
                            sandbox,
                            conversion,
                            request.spec(),
                            request.descriptors(),
                            state);
            Runtime.getRuntime().addShutdownHook(new Thread(creation::cleanUpAtExit));
            return creation;
        } finally {
            if (!good) {
                Containers.deleteSocket(socket);
                directory.remove(request.id(), lock);
                lock.close();
            }
        }
    }

    public ContainerState state() {
        return state;
    }

    /** What the first process has to do with terminals. */
    public TerminalUse terminalUse() {
        return terminalUse(spec.process().terminal(), descriptors);
    }

    /**
     * What a process has to do with terminals.
     *
     * @param terminal whether it wants one
     * @param descriptors what it gets
     */
    public static TerminalUse terminalUse(boolean terminal, Map<Integer, Integer> descriptors) {
        if (!terminal) {
            return TerminalUse.NONE;
        }
        boolean own = Integer.valueOf(0).equals(descriptors.get(0));
        return own ? TerminalUse.OWN : TerminalUse.OTHER;
    }

    public LaunchedSandbox sandbox() {
        return sandbox;
    }

    public SpecConversion conversion() {
        return conversion;
    }

    /** Waits until the sandbox is ready, and makes the container known. Ends a stage. */
    public void awaitCreated(Stages stages) throws Failure {
        List<Stages.Stage> parts = sandbox.awaitReady();
        stages.endSplit(parts, "sandbox: JVM start");
        save(ContainerStatus.CREATED);
        if (!spec.hooks().isEmpty()) {
            String text = OciState.compact(state);
            Hooks.run(spec, "prestart", text);
            Hooks.run(spec, "createRuntime", text);
            Hooks.run(spec, "createContainer", text);
            stages.end("hooks");
        }
    }

    /** Writes the state file. */
    public void save(ContainerStatus status) throws Failure {
        state = state.withStatus(status);
        directory.write(state, lock);
    }

    /** Lets the first process run. */
    public void start() throws Failure {
        try (ControlClient client = Containers.connect(state)) {
            client.call(Methods.START_ROOT, Containers.idArguments(state));
        } catch (ControlFault e) {
            throw new Failure("starting container: " + e.getMessage(), e);
        }
        save(ContainerStatus.RUNNING);
        Hooks.run(spec, "poststart", OciState.compact(state));
    }

    /** From now on the container lives without this command. */
    public void letGo() throws Failure {
        sandbox.letGo();
    }

    /** Lets other commands at the container while we wait for it. */
    public void unlock() {
        if (!unlocked) {
            unlocked = true;
            lock.close();
        }
    }

    /** Ends the container and removes everything of it, once. */
    public void undo() throws Failure {
        if (undone) {
            return;
        }
        undone = true;
        if (JvmCommand.isTraining()) {
            sandbox.reap();
        } else {
            sandbox.kill();
        }
        if (unlocked) {
            // Another command may have deleted it meanwhile, or restored over it.
            try (ContainerLock again = directory.lock(state.id())) {
                Containers.deleteSocket(Path.of(state.sandbox().controlSocket()));
                directory.remove(state.id(), again);
            } catch (Failure e) {
                DebugLog.write("deleting " + state.id() + ": " + e.getMessage());
            }
        } else {
            Containers.deleteSocket(Path.of(state.sandbox().controlSocket()));
            directory.remove(state.id(), lock);
        }
        Hooks.runAll(spec, "poststop", OciState.compact(state.withStatus(ContainerStatus.STOPPED)));
    }

    /**
     * When a signal ends this command early: the processes go by themselves, for they notice, and
     * the files are removed here.
     */
    private void cleanUpAtExit() {
        if (undone || sandbox.isLetGo()) {
            return;
        }
        try {
            Containers.deleteSocket(Path.of(state.sandbox().controlSocket()));
            directory.remove(state.id(), lock);
        } catch (Failure e) {
            DebugLog.write(e.getMessage());
        }
    }

    @Override
    public void close() throws Failure {
        try {
            if (!sandbox.isLetGo()) {
                undo();
            }
        } finally {
            sandbox.close();
            unlock();
        }
    }

    private static String owner() {
        String user = System.getenv("USER");
        return user == null ? "" : user;
    }

    private static Path socketPath(Path root, String id) throws Failure {
        String name = "runsc-" + id + ".sock";
        Path path = root.resolve(name);
        if (fits(path)) {
            return path;
        }
        for (String folder : SHORT_FOLDERS) {
            // The root is part of the name: two roots may have containers with one id.
            Path other =
                    Path.of(
                            folder,
                            "runsc-" + Integer.toHexString(root.hashCode()) + "-" + id + ".sock");
            if (fits(other) && java.nio.file.Files.isWritable(Path.of(folder))) {
                return other;
            }
        }
        throw new Failure("path of the control socket is too long: " + path);
    }

    private static boolean fits(Path path) {
        return path.toString().getBytes(StandardCharsets.UTF_8).length <= SOCKET_PATH_MAX;
    }
}
