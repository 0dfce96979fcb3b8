package dev.runsc.cli.command;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.image.Checkpointer.Wanted;
import java.nio.file.Path;
import java.util.List;

/**
 * {@code fscheckpoint ID}: saves files that a sandbox holds in memory, and none of its processes.
 */
final class FsCheckpointCommand implements Command {
    /** What is saved unless told otherwise: what containers have changed in their roots. */
    private static final List<String> ROOTS = List.of("/");

    @Override
    public void declare(Options options) {
        options.about(
                "Saves files that a container's sandbox holds in memory, without the processes; it"
                        + " ends then unless told otherwise. create and run fill a new container"
                        + " from them.");
        options.value("DIR", "snapshot store to save into (required)", "--image-path");
        options.flag("let the container go on afterwards", "--leave-running");
        options.list(
                "[ID:]PATH",
                "which file systems by where they are mounted, in every container or in one;"
                        + " all-tmpfs for all (default: /)",
                "--path");
        options.value("NAME", "name of the snapshot in the store", "--snapshot");
        options.ignoredFlag("--direct");
        options.words("ID", "the container");
    }

    @Override
    public int run(RuntimeConfig config, Arguments arguments) throws Failure {
        String reference = arguments.only("container id");
        Path imagePath = arguments.findPath("--image-path");
        if (imagePath == null) {
            throw new Failure("image-path flag must be provided");
        }
        CheckpointCommand.save(
                config,
                reference,
                new Wanted(
                        imagePath,
                        arguments.is("--leave-running"),
                        arguments.find("--snapshot"),
                        orRoots(arguments.all("--path")),
                        null));
        return 0;
    }

    /** What is saved when these are wanted. */
    static List<String> orRoots(List<String> paths) {
        return paths.isEmpty() ? ROOTS : paths;
    }
}
