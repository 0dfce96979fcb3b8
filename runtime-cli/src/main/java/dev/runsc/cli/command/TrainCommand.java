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
 * archives which the build makes from this run hold their classes, and no others: each class costs
 * a start 10 us. One JVM of each role is trained: this one, one for each family of quick commands,
 * and the processes of the second container, whose kernel is booted, restored and saved.
 */
final class TrainCommand implements Command {
    private static final String NAME = "internal-train";
    private static final String FIRST = "train-first";
    private static final String SECOND = "train-second";
    private static final String THIRD = "train-third";

    /** Touches files, misses one, forks and waits, and stays. */
    private static final String SCRIPT =
            "ls -l / /proc /missing >/dev/null 2>&1; echo x | cat; while :; do sleep 1; done";

    @Override
    public void declare(Options options) {
        options.about("For the build: makes class archives.");
        options.words("[ROLE ID BUNDLE]", "train one family of commands only, on this container");
    }

    @Override
    public int run(RuntimeConfig config, Arguments arguments) throws Failure {
        arguments.requireWords(0, 3, "");
        List<String> words = arguments.words();
        String target = JvmCommand.stopTraining();
        if (words.size() == 3) {
            String id = words.get(1);
            if (Role.valueOf(words.getFirst()) == Role.QUICK) {
                goThroughQuickCommands(config, id);
            } else {
                goThroughStarts(config, id, "--bundle=" + words.get(2));
            }
        } else {
            Path folder = makeFolder();
            try {
                train(config, target, folder);
            } finally {
                DemoCommand.deleteTree(folder);
            }
        }
        // This JVM writes an archive, too.
        JvmCommand.train(target, Role.CLI);
        return 0;
    }

    private static void train(RuntimeConfig config, String target, Path folder) throws Failure {
        Path store = folder.resolve("store");
        writeBundle(folder, List.of("/bin/sh", "-c", SCRIPT));
        Path nothing = folder.resolve("true");
        writeBundle(nothing, List.of("/bin/true"));
        String bundle = "--bundle=" + folder;
        String image = "--image-path=" + store;
        call(config, "create", bundle, FIRST);
        call(config, "start", FIRST);
        call(config, "checkpoint", image, FIRST);
        call(config, "restore", "--detach", bundle, image, FIRST + "-again");
        call(config, "delete", "--force", FIRST, FIRST + "-again");

        JvmCommand.train(target, Role.SANDBOX);
        call(config, "create", bundle, SECOND);
        JvmCommand.stopTraining();
        JvmCommand.train(target, Role.GOFER);
        call(config, "restore", "--detach", image, SECOND);
        JvmCommand.stopTraining();
        for (Role role : List.of(Role.QUICK, Role.START)) {
            trainCommands(config, target, role, nothing);
        }
        call(config, "exec", SECOND, "/bin/true");
        goThroughQuickCommands(config, SECOND);
        Thread waiting = Thread.ofPlatform().start(() -> awaitContainer(config));
        ContainerState state = new Containers(config.root()).load(SECOND);
        call(config, "checkpoint", image, "--leave-running", SECOND);
        call(config, "kill", SECOND, "KILL");
        // They write their archives when they end: they must not be killed before.
        awaitEnd(state.sandbox().process().pid());
        awaitEnd(state.gofer().pid());
        try {
            waiting.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        call(config, "delete", SECOND);
    }

    /** So that the sandbox has someone who waits for its end. */
    private static void awaitContainer(RuntimeConfig config) {
        try {
            call(config, "wait", SECOND);
        } catch (Failure e) {
            System.err.println("waiting: " + e.getMessage());
        }
    }

    /** The archive of a family of commands comes from a JVM of its own. */
    private static void trainCommands(RuntimeConfig config, String target, Role role, Path bundle)
            throws Failure {
        if (target.isEmpty()) {
            return;
        }
        JvmCommand.train(target, role);
        List<String> words =
                List.of(
                        "--root",
                        config.root().toString(),
                        NAME,
                        role.name(),
                        SECOND,
                        bundle.toString());
        int code = BackgroundCommand.runAndWait(role, words);
        JvmCommand.stopTraining();
        if (code != 0) {
            throw new Failure("training " + role + " ended with " + code);
        }
    }

    private static void goThroughStarts(RuntimeConfig config, String id, String bundle)
            throws Failure {
        call(config, "do", "/bin/true");
        call(config, "run", bundle, THIRD);
        call(config, "exec", id, "/bin/true");
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

    private static void writeBundle(Path folder, List<String> command) throws Failure {
        String text =
                SpecText.write(
                        new SpecText.Parameters(
                                command,
                                List.of("PATH=/usr/bin:/bin"),
                                "/",
                                "/",
                                false,
                                false,
                                false,
                                "train",
                                "",
                                true,
                                List.of()));
        try {
            Files.createDirectories(folder);
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
