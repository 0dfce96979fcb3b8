package dev.runsc.cli.config;

import java.nio.file.Path;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The file a process of ours writes its debug log to, from the pattern of {@code --debug-log}. */
public final class DebugLogName {
    private static final String DIRECTORY_NAME = "runsc.log.%TIMESTAMP%.%COMMAND%.txt";

    private static final Pattern NAME = Pattern.compile("[\\w+.-]*");

    private DebugLogName() {}

    /**
     * Fills in the pattern; null when there is to be no such file.
     *
     * @param command what the process does
     * @param id of the container; left out when it cannot be one
     */
    public static @Nullable Path of(RuntimeConfig config, String command, String id) {
        if (!config.debug() || config.debugLog().isEmpty()) {
            return null;
        }
        String pattern = config.debugLog();
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
