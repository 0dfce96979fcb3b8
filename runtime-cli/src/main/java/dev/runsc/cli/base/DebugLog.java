package dev.runsc.cli.base;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/**
 * The stream of {@code --debug}: one line per event, with time and process id. Off by default; then
 * {@link #write} costs a field read.
 */
public final class DebugLog {
    private static final long PID = ProcessHandle.current().pid();

    private static volatile @Nullable DebugLog current;

    private final OutputStream out;

    private DebugLog(OutputStream out) {
        this.out = out;
    }

    /** Sends lines to a stream from now on, until the process ends. */
    public static void to(OutputStream out) {
        current = new DebugLog(out);
    }

    /** Sends lines to the end of a file, which is made with its folder when missing. */
    public static void toFile(Path file) throws Failure {
        try {
            Path folder = file.toAbsolutePath().getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            to(
                    Files.newOutputStream(
                            file,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE,
                            StandardOpenOption.APPEND));
        } catch (IOException e) {
            throw new Failure("opening debug log: " + Failure.reason(e), e);
        }
    }

    public static boolean isOn() {
        return current != null;
    }

    /** Writes one line. A log that cannot be written never fails the command. */
    public static void write(String message) {
        DebugLog log = current;
        if (log != null) {
            log.line(message);
        }
    }

    private synchronized void line(String message) {
        String time =
                DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(
                        LocalDateTime.now(ZoneId.systemDefault()));
        String line = "D " + time + " " + PID + "] " + message + "\n";
        try {
            out.write(line.getBytes(StandardCharsets.UTF_8));
            out.flush();
        } catch (IOException e) {
            // A full disk under the log must not end the container; nobody is left to tell.
            current = null;
        }
    }
}
