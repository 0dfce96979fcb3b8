package dev.runsc.cli.command;

import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.base.Failure;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.container.ContainerLock;
import dev.runsc.cli.container.ContainerState;
import dev.runsc.cli.container.ContainerStatus;
import dev.runsc.cli.container.StateDirectory;
import dev.runsc.cli.image.Checkpointer;
import dev.runsc.cli.lifecycle.Containers;
import dev.runsc.snapshot.model.SnapshotManifest;
import java.nio.file.Path;
import java.util.EnumSet;
import org.jspecify.annotations.Nullable;

/** {@code checkpoint ID}: saves a container as a snapshot. */
final class CheckpointCommand implements Command {
    @Override
    public void declare(Options options) {
        options.about("Saves a container as a snapshot; it ends then unless told otherwise.");
        options.value("DIR", "snapshot store to save into (required)", "--image-path");
        options.flag("let the container go on afterwards", "--leave-running");
        options.value("NAME", "name of the snapshot in the store", "--snapshot");
        options.ignoredValue("--compression");
        CreateOptions.declareCriu(options);
        options.words("ID", "the container");
    }

    @Override
    public int run(RuntimeConfig config, Arguments arguments) throws Failure {
        String reference = arguments.only("container id");
        Path imagePath = arguments.findPath("--image-path");
        if (imagePath == null) {
            throw new Failure("image-path flag must be provided");
        }
        save(
                config,
                reference,
                imagePath,
                arguments.is("--leave-running"),
                arguments.find("--snapshot"));
        return 0;
    }

    /**
     * Saves a container.
     *
     * @param reference its id or the beginning of it
     * @param snapshot the name it gets in the store; null for none
     */
    static void save(
            RuntimeConfig config,
            String reference,
            Path imagePath,
            boolean leaveRunning,
            @Nullable String snapshot)
            throws Failure {
        Containers containers = new Containers(config.root());
        StateDirectory directory = containers.directory();
        String id = directory.resolve(reference);
        try (ContainerLock lock = directory.lock(id)) {
            ContainerState state = containers.check(directory.read(id));
            Containers.require(
                    state,
                    "checkpoint",
                    EnumSet.of(
                            ContainerStatus.CREATED,
                            ContainerStatus.RUNNING,
                            ContainerStatus.PAUSED));
            Checkpointer checkpointer = checkpointer(containers, state, imagePath);
            SnapshotManifest manifest = checkpointer.checkpoint(leaveRunning, snapshot, VERSION);
            if (!leaveRunning) {
                directory.write(
                        state.withStatus(ContainerStatus.STOPPED)
                                .withProcesses(state.sandbox().asCheckpointed(), state.gofer()),
                        lock);
            }
            Timings.print(config, checkpointer.stages(), "checkpoint of " + id);
            DebugLog.write("snapshot " + manifest.id());
        }
    }

    /** A checkpoint saves the whole sandbox, whichever of its containers is named. */
    private static Checkpointer checkpointer(
            Containers containers, ContainerState named, Path imagePath) throws Failure {
        StateDirectory directory = containers.directory();
        String sandbox = named.sandbox().id();
        ContainerState first = named.isSubcontainer() ? directory.read(sandbox) : named;
        return new Checkpointer(first, directory.further(sandbox), imagePath);
    }

    /** Of this program, for the manifest. */
    static final String VERSION = "0.1.0";
}
