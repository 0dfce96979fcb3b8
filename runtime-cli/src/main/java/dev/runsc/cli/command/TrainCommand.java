package dev.runsc.cli.command;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.container.ContainerState;
import dev.runsc.cli.launch.BackgroundCommand;
import dev.runsc.cli.launch.JvmCommand;
import dev.runsc.cli.launch.JvmCommand.Role;
import dev.runsc.cli.lifecycle.Containers;
import dev.runsc.cli.oci.OciReader;
import dev.runsc.cli.oci.SpecText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * {@code internal-train}: goes once through what commands, sandbox and gofer do, so that the class
 * archives which the build makes from this run hold their classes. One JVM of each kind is trained:
 * this one, and the processes of the second container, whose kernel is booted, restored and saved.
 */
final class TrainCommand implements Command {
    private static final String NAME = "internal-train";
    private static final String FIRST = "train-first";
    private static final String SECOND = "train-second";

    /** Touches files, forks and waits, and stays. */
    private static final String SCRIPT =
            "ls -l / /proc >/dev/null; echo x | cat; while :; do sleep 1; done";

    @Override
    public void declare(Options options) {
        options.about("For the build: makes class archives.");
        options.words("[ID]", "train the quick commands only, on this container");
    }

    @Override
    public int run(RuntimeConfig config, Arguments arguments) throws Failure {
        arguments.requireWords(0, 1, "");
        if (!arguments.words().isEmpty()) {
            goThroughQuickCommands(config, arguments.words().getFirst());
            return 0;
        }
        Path folder = makeFolder();
        try {
            String target = JvmCommand.stopTraining();
            Path store = folder.resolve("store");
            writeBundle(folder);
            String bundle = "--bundle=" + folder;
            String image = "--image-path=" + store;
            call(config, "do", "/bin/true");
            call(config, "create", bundle, FIRST);
            call(config, "start", FIRST);
            call(config, "checkpoint", image, FIRST);
            call(config, "restore", "--detach", bundle, image, FIRST + "-again");
            call(config, "delete", "--force", FIRST, FIRST + "-again");

            JvmCommand.train(target);
            call(config, "create", bundle, SECOND);
            JvmCommand.stopTraining();
            call(config, "restore", "--detach", image, SECOND);
            JvmCommand.train(target);
            trainQuick(config);
            JvmCommand.stopTraining();
            call(config, "exec", SECOND, "/bin/true");
            goThroughQuickCommands(config, SECOND);
            ContainerState state = new Containers(config.root()).load(SECOND);
            call(config, "checkpoint", image, SECOND);
            // It writes its archive when it ends: it must not be killed before.
            awaitEnd(state.sandbox().process().pid());
            call(config, "delete", SECOND);
            JvmCommand.train(target);
            return 0;
        } finally {
            DemoCommand.deleteTree(folder);
        }
    }

    /**
     * The archive of the commands that only ask a sandbox something comes from a JVM of its own.
     */
    private static void trainQuick(RuntimeConfig config) throws Failure {
        if (JvmCommand.isTraining()) {
            List<String> words = List.of("--root", config.root().toString(), NAME, SECOND);
            int code = BackgroundCommand.runAndWait(Role.QUICK, words);
            if (code != 0) {
                throw new Failure("training quick commands ended with " + code);
            }
        }
    }

    private static void goThroughQuickCommands(RuntimeConfig config, String id) throws Failure {
        call(config, "state", id);
        call(config, "list");
        call(config, "ps", id);
        call(config, "pause", id);
        call(config, "resume", id);
        call(config, "kill", "--all", id, "CONT");
    }

    private static void call(RuntimeConfig config, String command, String... words) throws Failure {
        int code = CommandTable.run(command, config, List.of(words));
        if (code != 0) {
            throw new Failure(command + " ended with " + code);
        }
    }

    private static Path makeFolder() throws Failure {
        try {
            return Files.createTempDirectory("runsc-train-");
        } catch (IOException e) {
            throw new Failure("making a folder: " + Failure.reason(e), e);
        }
    }

    private static void writeBundle(Path folder) throws Failure {
        String text =
                SpecText.write(
                        new SpecText.Parameters(
                                List.of("/bin/sh", "-c", SCRIPT),
                                List.of("PATH=/usr/bin:/bin"),
                                "/",
                                "/",
                                false,
                                false,
                                true,
                                "train",
                                "",
                                true));
        try {
            Files.write(
                    folder.resolve(OciReader.CONFIG_NAME), text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new Failure("writing spec: " + Failure.reason(e), e);
        }
    }

    private static void awaitEnd(int pid) {
        ProcessHandle.of(pid).ifPresent(process -> process.onExit().join());
    }
}
