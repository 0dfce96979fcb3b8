package dev.runsc.cli.command;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.config.GlobalFlags;
import dev.runsc.cli.config.RuntimeConfig;
import java.util.List;

/** {@code help [COMMAND | syscalls | platforms]}. */
final class HelpCommand implements Command {
    @Override
    public void declare(Options options) {
        options.about("Shows help on commands, system calls and platforms.");
        options.value("FORMAT", "for syscalls: table, json or csv (default: table)", "--format");
        options.words("TOPIC", "a command, syscalls, or platforms");
    }

    @Override
    public int run(RuntimeConfig config, Arguments arguments) throws Failure {
        arguments.requireWords(0, 3, "");
        List<String> words = arguments.words();
        if (words.isEmpty()) {
            System.out.print(
                    """
                    Usage: runsc [flags] COMMAND [flags] [arguments]

                    Commands:
                    %s
                    More: runsc help COMMAND, runsc help syscalls, runsc help platforms

                    Flags before the command:
                    %s\
                    """
                            .formatted(CommandTable.describe(), GlobalFlags.describe()));
            return 0;
        }
        String topic = words.getFirst();
        switch (topic) {
            case "syscalls" -> System.out.print(SyscallHelp.text(format(arguments)));
            case "platforms" ->
                    System.out.println(
                            "systrap: guest code runs in a process of its own that may make no system call"
                                    + " of the host; seccomp hands each one to our kernel");
            default -> {
                String usage = CommandTable.usage(topic);
                if (usage == null) {
                    throw new Failure("no help on \"" + topic + "\"");
                }
                System.out.print(usage);
            }
        }
        return 0;
    }

    /** Also behind the topic, where users of other runtimes write it. */
    private static String format(Arguments arguments) throws Failure {
        List<String> words = arguments.words();
        String format = arguments.text("--format", "table");
        if (words.size() > 1) {
            String last = words.get(1);
            if (last.equals("--format") && words.size() == 3) {
                return words.get(2);
            }
            if (last.startsWith("--format=") && words.size() == 2) {
                return last.substring("--format=".length());
            }
            throw new Failure("runsc help: unexpected argument: " + last);
        }
        return format;
    }
}
