package dev.runsc.cli.command;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.base.Stages;
import dev.runsc.cli.config.FlagAnnotations;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.container.ContainerLock;
import dev.runsc.cli.container.ContainerState;
import dev.runsc.cli.container.ContainerStatus;
import dev.runsc.cli.container.ProcessIdentity;
import dev.runsc.cli.container.StateDirectory;
import dev.runsc.cli.image.Restorer;
import dev.runsc.cli.launch.SandboxLauncher;
import dev.runsc.cli.launch.SandboxLauncher.LaunchedGofer;
import dev.runsc.cli.launch.SpecConversion;
import dev.runsc.cli.lifecycle.Containers;
import dev.runsc.cli.lifecycle.Creation;
import dev.runsc.cli.lifecycle.Foreground;
import dev.runsc.cli.lifecycle.Foreground.TerminalUse;
import dev.runsc.cli.lifecycle.HostLimits;
import dev.runsc.cli.lifecycle.PidFile;
import dev.runsc.cli.lifecycle.SandboxCreation;
import dev.runsc.cli.oci.OciReader;
import dev.runsc.cli.oci.OciSpec;
import dev.runsc.gofer.abi.DescriptorFlags;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import java.nio.file.Path;
import java.util.EnumSet;
import org.jspecify.annotations.Nullable;

/** {@code restore ID}: brings a container back from a snapshot. */
final class RestoreCommand implements Command {
    @Override
    public void declare(Options options) {
        options.about(
                "Brings a container back from a snapshot: into a created one, or into a new one made from"
                        + " the bundle.");
        CreateOptions.declare(options);
        options.value(
                "DIR",
                "snapshot store to restore from, or folder with checkpoint.img and pages.img"
                        + " of State.Save (required)",
                "--image-path");
        options.value("SNAPSHOT", "id or name of the snapshot (default: the newest)", "--snapshot");
        options.flag("return once the container runs", "--detach", "-d");
        options.ignoredFlag("--no-subreaper");
        options.ignoredFlag("--direct");
        options.ignoredFlag("--background");
        CreateOptions.declareCriu(options);
        options.words("ID", "name of the container");
    }

    @Override
    public int run(RuntimeConfig config, Arguments arguments) throws Failure {
        String id = arguments.only("container id");
        Path imagePath = arguments.findPath("--image-path");
        if (imagePath == null) {
            throw new Failure("image-path flag must be provided");
        }
        StateDirectory.checkId(id);
        boolean detach = arguments.is("--detach");
        String snapshot = arguments.find("--snapshot");
        Stages stages = new Stages();
        if (new StateDirectory(config.root()).list().contains(id)) {
            return restoreInto(config, id, imagePath, snapshot, detach, stages);
        }
        Path bundle = arguments.path(CreateOptions.BUNDLE, ".");
        OciSpec spec = OciReader.readBundle(bundle);
        RuntimeConfig own = FlagAnnotations.apply(config, spec.annotations());
        Creation.Request request =
                new Creation.Request(
                        id,
                        bundle,
                        spec,
                        true,
                        CreateOptions.descriptors(arguments, spec.process().terminal(), detach),
                        arguments.findPath(CreateOptions.USER_LOG),
                        null);
        return restoreNew(
                own,
                request,
                imagePath,
                snapshot,
                detach,
                arguments.findPath(CreateOptions.PID_FILE),
                stages);
    }

    /** Makes the container; its processes start while the snapshot is read. */
    static int restoreNew(
            RuntimeConfig config,
            Creation.Request request,
            Path imagePath,
            @Nullable String snapshot,
            boolean detach,
            @Nullable Path pidFile,
            Stages stages)
            throws Failure {
        stages.end("read spec");
        try (Creation creation = Creation.begin(config, request)) {
            stages.end("spawn processes");
            try (Restorer restorer = Restorer.open(config, stages, imagePath, snapshot)) {
                restorer.checkSpec(request.id(), request.spec(), creation.conversion());
                if (creation instanceof SandboxCreation own) {
                    load(restorer, own, stages);
                } else {
                    // The sandbox has the image: what it lacks is this container.
                    creation.awaitCreated(stages);
                }
            }
            if (pidFile != null) {
                PidFile.write(pidFile, creation.state().sandbox().process().pid());
            }
            return RunCommand.startAndWait(config, creation, detach, stages, "restore");
        }
    }

    private static void load(Restorer restorer, SandboxCreation creation, Stages stages)
            throws Failure {
        restorer.loadMemory(creation.memory());
        try (HostFd graph = restorer.loadGraph()) {
            creation.awaitCreated(stages);
            restorer.handOver(
                    Path.of(creation.state().sandbox().controlSocket()),
                    creation.conversion(),
                    creation.memory(),
                    graph,
                    null);
        }
    }

    /** Replaces the kernel and the files of a created container. */
    private static int restoreInto(
            RuntimeConfig given,
            String id,
            Path imagePath,
            @Nullable String snapshot,
            boolean detach,
            Stages stages)
            throws Failure {
        Containers containers = new Containers(given.root());
        StateDirectory directory = containers.directory();
        Foreground foreground;
        try (ContainerLock lock = directory.lock(id)) {
            ContainerState state = containers.check(directory.read(id));
            Containers.require(state, "restore", EnumSet.of(ContainerStatus.CREATED));
            OciSpec spec = OciReader.read("spec of " + id, state.specBytes());
            RuntimeConfig config = FlagAnnotations.apply(given, spec.annotations());
            SpecConversion conversion =
                    SpecConversion.of(id, spec, Path.of(state.bundle()), config);
            stages.end("read spec");
            try (Restorer restorer = Restorer.open(config, stages, imagePath, snapshot)) {
                restorer.checkSpec(id, spec, conversion);
                state = handOver(config, state, spec, conversion, restorer, stages);
            }
            directory.write(state, lock);
            foreground =
                    detach
                            ? null
                            : Foreground.begin(
                                    state,
                                    0,
                                    spec.process().terminal()
                                            ? TerminalUse.OTHER
                                            : TerminalUse.NONE);
            containers.start(state);
            directory.write(state.withStatus(ContainerStatus.RUNNING), lock);
            stages.end("start");
            Timings.print(config, stages, "restore of " + id);
        }
        if (foreground == null) {
            return 0;
        }
        try (Foreground waiting = foreground) {
            waiting.forwardSignals();
            return waiting.await();
        }
    }

    private static ContainerState handOver(
            RuntimeConfig config,
            ContainerState state,
            OciSpec spec,
            SpecConversion conversion,
            Restorer restorer,
            Stages stages)
            throws Failure {
        SandboxLauncher launcher = new SandboxLauncher(config, "gofer", state.id());
        ProcessIdentity goferProcess;
        try (LaunchedGofer gofer =
                        launcher.launchGofer(
                                conversion.exports(),
                                pid -> HostLimits.adoptGofer(config, state, spec, pid));
                HostFd memory =
                        HostFiles.memfdCreate("runsc-memory", DescriptorFlags.MFD_CLOEXEC)) {
            stages.end("spawn gofer");
            goferProcess = ProcessIdentity.of(gofer.pid());
            restorer.loadMemory(memory);
            try (HostFd graph = restorer.loadGraph()) {
                restorer.handOver(
                        Path.of(state.sandbox().controlSocket()), conversion, memory, graph, gofer);
            }
        } catch (ErrnoException e) {
            throw new Failure("memory file: " + e.getMessage(), e);
        }
        return state.withProcesses(state.sandbox().asRestored(), goferProcess);
    }
}
