package dev.runsc.cli.command;

import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.base.Failure;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.container.ContainerLock;
import dev.runsc.cli.container.ContainerState;
import dev.runsc.cli.container.ContainerStatus;
import dev.runsc.cli.container.StateDirectory;
import dev.runsc.cli.image.Checkpointer;
import dev.runsc.cli.image.Checkpointer.Wanted;
import dev.runsc.cli.lifecycle.Containers;
import dev.runsc.cli.oci.SaveHook;
import dev.runsc.snapshot.model.SnapshotManifest;
import java.nio.file.Path;
import java.util.EnumSet;

/** {@code checkpoint ID}: saves a container as a snapshot. */
final class CheckpointCommand implements Command {
    private static final String HOOK = "--save-restore-exec-argv";
    private static final String HOOK_TIMEOUT = "--save-restore-exec-timeout";

    @Override
    public void declare(Options options) {
        options.about("Saves a container as a snapshot; it ends then unless told otherwise.");
        options.value("DIR", "snapshot store to save into (required)", "--image-path");
        options.flag("let the container go on afterwards", "--leave-running");
        options.value("NAME", "name of the snapshot in the store", "--snapshot");
        options.value(
                "COMMAND",
                "run this in the container before the save and after it (words split at spaces)",
                HOOK);
        options.value("DURATION", "how long that may take (default: 10m)", HOOK_TIMEOUT);
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
                new Wanted(
                        imagePath,
                        arguments.is("--leave-running"),
                        arguments.find("--snapshot"),
                        null,
                        SaveHook.of(
                                arguments.find(HOOK), arguments.find(HOOK_TIMEOUT), HOOK_TIMEOUT)));
        return 0;
    }

    /**
     * Saves a container, or file systems of its sandbox.
     *
     * @param reference its id or the beginning of it
     */
    static void save(RuntimeConfig config, String reference, Wanted wanted) throws Failure {
        Containers containers = new Containers(config.root());
        StateDirectory directory = containers.directory();
        String id = directory.resolve(reference);
        try (ContainerLock lock = directory.lock(id)) {
            ContainerState state = containers.check(directory.read(id));
            Containers.require(
                    state,
                    wanted.command(),
                    EnumSet.of(
                            ContainerStatus.CREATED,
                            ContainerStatus.RUNNING,
                            ContainerStatus.PAUSED));
            Checkpointer checkpointer = checkpointer(containers, state, wanted);
            SaveHook hook = wanted.hook();
            if (hook != null) {
                checkpointer.runAround(state, hook);
            }
            SnapshotManifest manifest = checkpointer.checkpoint(VERSION);
            if (!wanted.leaveRunning()) {
                directory.write(
                        state.withStatus(ContainerStatus.STOPPED)
                                .withProcesses(state.sandbox().asCheckpointed(), state.gofer()),
                        lock);
            }
            Timings.print(config, checkpointer.stages(), wanted.command() + " of " + id);
            DebugLog.write("snapshot " + manifest.id());
        }
    }

    /** A checkpoint saves the whole sandbox, whichever of its containers is named. */
    private static Checkpointer checkpointer(
            Containers containers, ContainerState named, Wanted wanted) throws Failure {
        StateDirectory directory = containers.directory();
        String sandbox = named.sandbox().id();
        ContainerState first = named.isSubcontainer() ? directory.read(sandbox) : named;
        return new Checkpointer(first, directory.further(sandbox), wanted);
    }

    /** Of this program, for the manifest. */
    static final String VERSION = "0.1.0";
}
