package dev.runsc.restore;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Tests that this machine cannot run; {@code ./check} counts and names them at its end. */
final class NotRunnable {
    private static final Path LIST =
            Runsc.CHECKOUT.resolve("restore-tests/target/not-runnable.txt");

    private NotRunnable() {}

    static void add(String test, String reason) throws IOException {
        Files.writeString(
                LIST,
                test + ": " + reason + "\n",
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }
}
