package dev.runsc.cli.base;

import dev.runsc.cli.json.JsonText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * Where a failure of a command is told: plain text on standard error, and one JSON object appended
 * to the file of {@code --log}, where container engines look for it.
 */
public final class ErrorLog {
    private ErrorLog() {}

    /** Tells a failure; {@code logFile} is null without {@code --log}. */
    public static void report(@Nullable Path logFile, String message) {
        System.err.println(message);
        if (logFile == null) {
            return;
        }
        JsonText json = new JsonText();
        json.beginObject();
        json.name("msg").value(message);
        json.name("level").value("error");
        json.name("time").value(Timestamps.now());
        json.endObject();
        try {
            Files.write(
                    logFile,
                    (json.text() + "\n").getBytes(StandardCharsets.UTF_8),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            System.err.println("cannot write --log file: " + Failure.reason(e));
        }
    }
}
