package dev.runsc.cli.base;

import com.google.errorprone.annotations.concurrent.GuardedBy;
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
    private static volatile @Nullable DebugLog current;

    private static volatile @Nullable DebugLog suspended;

    private final long pid = ProcessHandle.current().pid();
    private final OutputStream out;

    @GuardedBy("this")
    private boolean retired;

    private DebugLog(OutputStream out) {
        this.out = out;
    }

    /** Sends lines to a stream from now on, until the process ends. */
    public static void to(OutputStream out) {
        current = new DebugLog(out);
    }

    /**
     * As {@link #to}; once this returns nobody writes where lines went before.
     *
     * @param out where they go now
     */
    public static void replace(OutputStream out) {
        DebugLog old = current;
        DebugLog paused = suspended;
        suspended = null;
        to(out);
        if (old != null) {
            old.retire();
        }
        if (paused != null) {
            paused.retire();
        }
    }

    /** Who is about to write finds out. */
    private synchronized void retire() {
        retired = true;
    }

    /** Writes nothing more until {@link #resume}. */
    public static void suspend() {
        DebugLog log = current;
        if (log != null) {
            suspended = log;
            current = null;
        }
    }

    /** Writes where it wrote before {@link #suspend}; false when there is no such place. */
    public static boolean resume() {
        if (current == null) {
            current = suspended;
        }
        return current != null;
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
        if (retired) {
            return;
        }
        String time =
                DateTimeFormatter.ISO_LOCAL_DATE_TIME.format(
                        LocalDateTime.now(ZoneId.systemDefault()));
        String line = "D " + time + " " + pid + "] " + message + "\n";
        try {
            out.write(line.getBytes(StandardCharsets.UTF_8));
            out.flush();
        } catch (IOException e) {
            // A full disk under the log must not end the container; nobody is left to tell.
            if (current == this) {
                current = null;
            }
        }
    }
}
