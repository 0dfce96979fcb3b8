package dev.runsc.cli.command;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.lifecycle.SaveServant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The commands by name. Asking for one loads the class of that one. */
public final class CommandTable {
    private record Row(String name, String description) {}

    private static final List<Row> ROWS =
            List.of(
                    new Row("checkpoint", "save a container as a snapshot"),
                    new Row("completion", "print a script that completes commands in bash or zsh"),
                    new Row("cpu-features", "show the features of this host's processor"),
                    new Row("create", "create a container"),
                    new Row("debug", "look into a sandbox, and switch its logs"),
                    new Row("delete", "delete containers"),
                    new Row("demo", "show what runsc can do: run, checkpoint, restore twice"),
                    new Row("do", "run a command on the host's files, changing none of them"),
                    new Row("events", "show what a container uses, again and again"),
                    new Row("exec", "run another process in a container"),
                    new Row("export-metrics", "print the numbers of a sandbox"),
                    new Row("features", "show what of the OCI specification there is"),
                    new Row("fscheckpoint", "save files that a sandbox holds in memory"),
                    new Row("help", "show help on commands, system calls and platforms"),
                    new Row("install", "make this a runtime of Docker"),
                    new Row("kill", "send a signal to a container"),
                    new Row("list", "list containers"),
                    new Row("metric-server", "serve the numbers of all sandboxes to Prometheus"),
                    new Row("pause", "stop all processes of a container"),
                    new Row("ps", "list the processes of a container"),
                    new Row("read", "print bytes of a file in a container"),
                    new Row("read-control", "print a file of a container's control group"),
                    new Row("restore", "bring a container back from a snapshot"),
                    new Row("resume", "let a paused container go on"),
                    new Row("run", "create and start a container"),
                    new Row("spec", "write a config.json to begin with"),
                    new Row("start", "start a created container"),
                    new Row("state", "show the state of a container"),
                    new Row("tar", "archive what a container has changed in its root"),
                    new Row("trace", "watch what a sandbox does"),
                    new Row("uninstall", "take a runtime out of Docker's configuration"),
                    new Row("update", "change the limits of a container"),
                    new Row("usage", "show the memory of a container's sandbox"),
                    new Row("wait", "wait for the end of a container or process"),
                    new Row("write-control", "write to a file of a container's control group"));

    private CommandTable() {}

    /** Runs a command by its name; returns the exit code. */
    public static int run(String name, RuntimeConfig config, List<String> words) throws Failure {
        Command command = find(name);
        if (command == null) {
            throw new Failure("unknown command \"" + name + "\"; runsc help lists all");
        }
        Options options = new Options(name);
        command.declare(options);
        Arguments arguments = Arguments.parse(options, words);
        if (arguments.isHelpRequested()) {
            System.out.print(Usage.text(options));
            return 0;
        }
        return command.run(config, arguments);
    }

    /** The help text of one command, or null when there is none of that name. */
    static @Nullable String usage(String name) {
        Command command = find(name);
        if (command == null) {
            return null;
        }
        Options options = new Options(name);
        command.declare(options);
        return Usage.text(options);
    }

    /** The options of all commands, for who wants to know them all. */
    static List<Options> options() {
        List<Options> all = new ArrayList<>();
        for (Row row : ROWS) {
            Command command = find(row.name());
            if (command != null) {
                Options options = new Options(row.name());
                command.declare(options);
                all.add(options);
            }
        }
        return all;
    }

    /** All commands, a line each. */
    static String describe() {
        StringBuilder text = new StringBuilder();
        for (Row row : ROWS) {
            text.append(String.format(Locale.ROOT, "  %-14s %s%n", row.name(), row.description()));
        }
        return text.toString();
    }

    private static @Nullable Command find(String name) {
        return switch (name) {
            case "checkpoint" -> new CheckpointCommand();
            case "completion" -> new CompletionCommand();
            case "cpu-features" -> new CpuFeaturesCommand();
            case "create" -> new CreateCommand();
            case "debug" -> new DebugCommand();
            case "delete" -> new DeleteCommand();
            case "demo" -> new DemoCommand();
            case "do" -> new DoCommand();
            case "events" -> new EventsCommand();
            case "exec" -> new ExecCommand();
            case "export-metrics" -> new ExportMetricsCommand();
            case "features" -> new FeaturesCommand();
            case "fscheckpoint" -> new FsCheckpointCommand();
            case "help" -> new HelpCommand();
            case "install" -> new InstallCommand();
            case "kill" -> new KillCommand();
            case "list" -> new ListCommand();
            case "metric-server" -> new MetricServerCommand();
            case "pause" -> new PauseCommand();
            case "ps" -> new PsCommand();
            case "read" -> new ReadCommand();
            case "read-control" -> new ReadControlCommand();
            case "restore" -> new RestoreCommand();
            case "resume" -> new ResumeCommand();
            case "run" -> new RunCommand();
            case "spec" -> new SpecCommand();
            case "start" -> new StartCommand();
            case "state" -> new StateCommand();
            case "tar" -> new TarCommand();
            case "trace" -> new TraceCommand();
            case "uninstall" -> new UninstallCommand();
            case "update" -> new UpdateCommand();
            case "usage" -> new UsageCommand();
            case "wait" -> new WaitCommand();
            case "write-control" -> new WriteControlCommand();
            case SaveServant.COMMAND -> new SaveCommand();
            case "internal-train" -> new TrainCommand();
            default -> null;
        };
    }
}
