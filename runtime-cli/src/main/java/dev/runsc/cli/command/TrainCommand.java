package dev.runsc.cli.command;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.config.GlobalFlags;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.container.ContainerState;
import dev.runsc.cli.launch.BackgroundCommand;
import dev.runsc.cli.launch.JvmCommand;
import dev.runsc.cli.launch.JvmCommand.Role;
import dev.runsc.cli.lifecycle.Containers;
import dev.runsc.cli.oci.OciReader;
import dev.runsc.gofer.host.HostProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
    private static final String FOURTH = "train-fourth";

    /** The folder of the bundle whose program does nothing. */
    private static final String NOTHING = "nothing";

    /** Touches files, misses one, forks and waits, asks about itself, and stays. */
    private static final String SCRIPT =
            "ls -l / /proc /missing >/dev/null 2>&1; echo x | cat; readlink /proc/self/exe;"
                    + " setpriv --dump; bash --norc -c 'kill -0 $$'; while :; do sleep 1; done";

    @Override
    public void declare(Options options) {
        options.about("For the build: makes class archives.");
        options.words(
                "CONFIG | ROLE FOLDER",
                "train all on a config.json like those of engines, or a family of commands only");
    }

    @Override
    public int run(RuntimeConfig config, Arguments arguments) throws Failure {
        arguments.requireWords(1, 2, "configuration");
        List<String> words = arguments.words();
        String target = JvmCommand.stopTraining();
        if (words.size() == 2) {
            Path folder = Path.of(words.get(1));
            if (Role.valueOf(words.getFirst()) == Role.QUICK) {
                goThroughQuickCommands(config);
            } else {
                goThroughStarts(config, folder);
            }
        } else {
            Path folder = makeFolder();
            try {
                train(config, target, folder, Path.of(words.getFirst()));
            } finally {
                DemoCommand.deleteTree(folder);
            }
        }
        // This JVM writes an archive, too.
        JvmCommand.train(target, Role.CLI);
        return 0;
    }

    private static void train(RuntimeConfig config, String target, Path folder, Path template)
            throws Failure {
        Path store = folder.resolve("store");
        writeBundle(template, folder, SCRIPT);
        writeBundle(template, folder.resolve(NOTHING), "true");
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
        call(config, "create", "--bundle=" + folder.resolve(NOTHING), THIRD);
        for (Role role : List.of(Role.QUICK, Role.START)) {
            trainCommands(config, target, role, folder.resolve(NOTHING));
        }
        // What is written to is copied up with its attributes, for which the gofer is asked.
        call(config, "exec", SECOND, "/bin/sh", "-c", ": >/usr/train");
        goThroughRequests(config);
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
    private static void trainCommands(RuntimeConfig config, String target, Role role, Path folder)
            throws Failure {
        if (target.isEmpty()) {
            return;
        }
        JvmCommand.train(target, role);
        List<String> words = new ArrayList<>(List.of("--root", config.root().toString()));
        if (config.cgroups().ignored()) {
            words.add("--ignore-cgroups");
        }
        words.addAll(List.of(NAME, role.name(), folder.toString()));
        int code = BackgroundCommand.runAndWait(role, words);
        JvmCommand.stopTraining();
        if (code != 0) {
            throw new Failure("training " + role + " ended with " + code);
        }
    }

    private static void goThroughStarts(RuntimeConfig config, Path folder) throws Failure {
        String bundle = "--bundle=" + folder;
        call(config, "do", "/bin/true");
        call(config, "run", bundle, FOURTH);
        call(config, "create", bundle, "--pid-file=" + folder.resolve("pid"), FOURTH);
        call(config, "exec", SECOND, "/bin/true");
        call(config, "delete", "--force", FOURTH);
    }

    /** On a container that is made, and one that runs. */
    private static void goThroughQuickCommands(RuntimeConfig config) throws Failure {
        // Engines name no root: it is looked up in the environment.
        GlobalFlags.parse(new String[] {"start"});
        call(config, "start", THIRD);
        goThroughRequests(config);
        call(config, "delete", "--force", THIRD);
        // A command that is not trained ends by this class.
        HostProcess.getpid();
    }

    private static void goThroughRequests(RuntimeConfig config) throws Failure {
        call(config, "state", SECOND);
        call(config, "list");
        call(config, "ps", SECOND);
        call(config, "pause", SECOND);
        call(config, "resume", SECOND);
        call(config, "kill", "--all", SECOND, "CONT");
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

    /** A bundle whose first process is a shell. */
    private static void writeBundle(Path template, Path folder, String script) throws Failure {
        try {
            Files.createDirectories(folder);
            String text =
                    Files.readString(template)
                            .replace("@SCRIPT@", script)
                            .replace("@FOLDER@", folder.toString())
                            .replace("@CGROUP@", "/" + folder.getFileName());
            Files.writeString(folder.resolve(OciReader.CONFIG_NAME), text);
        } catch (IOException e) {
            throw new Failure("writing spec: " + Failure.reason(e), e);
        }
    }

    private static void awaitEnd(int pid) {
        ProcessHandle.of(pid).ifPresent(process -> process.onExit().join());
    }
}
