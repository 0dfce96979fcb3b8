package dev.runsc.kernel.fs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Notes what this machine cannot run; the build names it at the end. */
final class NotRunnable {
    private NotRunnable() {}

    static void note(String test, String reason) {
        String file = System.getProperty("runsc.notRunnable");
        if (file == null) {
            return;
        }
        try {
            Files.writeString(
                    Path.of(file),
                    test + ": " + reason + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
