package dev.runsc.cli.lifecycle;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.base.Stages;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.container.ContainerLock;
import dev.runsc.cli.container.ContainerState;
import dev.runsc.cli.container.ContainerState.Sandbox;
import dev.runsc.cli.container.StateDirectory;
import dev.runsc.cli.launch.JvmCommand;
import dev.runsc.cli.launch.LaunchedSandbox;
import dev.runsc.cli.launch.SandboxLauncher;
import dev.runsc.cli.launch.SpecConversion;
import dev.runsc.gofer.host.HostFd;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** A container with a sandbox of its own. */
public final class SandboxCreation extends Creation {
    /** {@code sun_path} of unix(7) less its zero. */
    private static final int SOCKET_PATH_MAX = 107;

    private static final List<String> SHORT_FOLDERS = List.of("/var/run", "/run", "/tmp");

    private final LaunchedSandbox sandbox;

    private SandboxCreation(
            Place place,
            Request request,
            SpecConversion conversion,
            ContainerState state,
            LaunchedSandbox sandbox) {
        super(place, request, conversion, state);
        this.sandbox = sandbox;
    }

    static SandboxCreation begin(RuntimeConfig config, StateDirectory directory, Request request)
            throws Failure {
        SpecConversion conversion =
                SpecConversion.of(request.id(), request.spec(), request.bundle(), config);
        ContainerLock lock = directory.lockForNew(request.id(), request.id());
        Path socket = socketPath(config.root(), request.id());
        boolean good = false;
        HostLimits limits = HostLimits.NONE;
        try {
            limits = HostLimits.make(config, request.spec());
            // We hold the lock and there is no container: a socket of that name is left from a
            // crash.
            Containers.deleteSocket(socket);
            LaunchedSandbox launched =
                    new SandboxLauncher(config, "boot", request.id())
                            .launch(
                                    new SandboxLauncher.Wanted(
                                            conversion,
                                            !request.forRestore(),
                                            request.descriptors(),
                                            socket,
                                            limits.shown(),
                                            limits::adopt,
                                            request.userLog(),
                                            request.files()));
            Sandbox identity =
                    new Sandbox(
                            request.id(),
                            launched.sandbox(),
                            socket.toString(),
                            false,
                            request.forRestore());
            ContainerState state = newState(request, identity, launched.gofer(), limits.state());
            SandboxCreation made =
                    new SandboxCreation(
                            new Place(directory, lock), request, conversion, state, launched);
            good = true;
            return made;
        } finally {
            if (!good) {
                limits.undo();
                Containers.deleteSocket(socket);
                directory.remove(request.id(), lock);
                lock.close();
            }
        }
    }

    /** The sandbox's memory file. */
    public HostFd memory() {
        return sandbox.memory();
    }

    @Override
    void awaitReady(Stages stages) throws Failure {
        stages.endSplit(sandbox.awaitReady(), "sandbox: JVM start");
    }

    @Override
    void letGo(boolean hasStarted) throws Failure {
        sandbox.letGo(hasStarted);
    }

    @Override
    boolean isLetGo() {
        return sandbox.isLetGo();
    }

    @Override
    void endProcesses() {
        if (JvmCommand.isTraining()) {
            sandbox.reap();
        } else {
            sandbox.kill();
        }
    }

    @Override
    void abandonProcesses() {
        // They notice that nobody holds their pipes any more.
    }

    @Override
    void closeDescriptors() {
        sandbox.close();
    }

    @Override
    public String lastWords() {
        return sandbox.lastWords();
    }

    /** Where the control socket of a sandbox is. */
    static Path socketPath(Path root, String id) throws Failure {
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
