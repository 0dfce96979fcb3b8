package dev.runsc.cli.config;

import java.nio.file.Path;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The files that processes of ours write logs to, from the patterns that flags give. */
public final class LogNames {
    private static final String DIRECTORY_NAME = "runsc.log.%TIMESTAMP%.%COMMAND%.txt";

    private static final Pattern NAME = Pattern.compile("[\\w+.-]*");

    private LogNames() {}

    /**
     * The debug log of {@code --debug-log}; null when there is to be no such file.
     *
     * @param command what the process does
     * @param id of the container; left out when it cannot be one
     */
    public static @Nullable Path debug(RuntimeConfig config, String command, String id) {
        boolean wanted = config.debug() && isWanted(config.watch().debugCommands(), command);
        return wanted ? fill(config.debugLog(), command, id) : null;
    }

    /** Whether a command is among those that a list names, or not among those after a {@code !}. */
    static boolean isWanted(String commands, String command) {
        if (commands.isEmpty()) {
            return true;
        }
        boolean not = commands.startsWith("!");
        List<String> named = List.of((not ? commands.substring(1) : commands).split(","));
        return named.contains(command) != not;
    }

    /** The same for {@code --panic-log}: where a sandbox reports a fault of ours. */
    public static @Nullable Path panic(RuntimeConfig config, String id) {
        return fill(config.panicLog(), "panic", id);
    }

    private static @Nullable Path fill(String given, String command, String id) {
        if (given.isEmpty()) {
            return null;
        }
        String pattern = given;
        if (pattern.endsWith("/")) {
            pattern += DIRECTORY_NAME;
        }
        String name = NAME.matcher(id).matches() ? id : "";
        String time =
                DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss.SSSSSS")
                        .format(ZonedDateTime.now(ZoneId.systemDefault()));
        return Path.of(
                        pattern.replace("%TIMESTAMP%", time)
                                .replace("%COMMAND%", command)
                                .replace("%ID%", name)
                                .replace("%CID%", name))
                .toAbsolutePath();
    }
}
