package dev.runsc.restore;

import dev.runsc.restore.Runsc.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/** What tests of other people's clients have in common: a runtime to name, and files to run. */
final class HostClient {
    private static final List<String> APPLETS =
            List.of("cat", "echo", "hostname", "id", "ls", "mkdir", "ps", "sh", "sleep", "tty");

    private final Path scratch;

    HostClient(Path scratch) {
        this.scratch = scratch;
    }

    /** A program to name as runtime; its containers are in the root directory of {@code runsc}. */
    Path runtime(Runsc runsc) throws IOException {
        Path program = scratch.resolve("runsc");
        String words = String.join(" ", runsc.words());
        Files.writeString(program, "#!/bin/sh\nexec " + words + " \"$@\"\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        return program;
    }

    /** A root file system with busybox. */
    Path busybox() throws IOException {
        Path root = scratch.resolve("rootfs");
        Path bin = Files.createDirectories(root.resolve("bin"));
        Files.copy(Path.of("/bin/busybox"), bin.resolve("busybox"));
        for (String applet : APPLETS) {
            Files.createSymbolicLink(bin.resolve(applet), Path.of("busybox"));
        }
        return root;
    }

    /** Calls a program of the host and waits for its end. */
    static Outcome call(List<String> first, String... more)
            throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(first);
        words.addAll(List.of(more));
        try (Command command = Command.start(words)) {
            command.closeInput();
            return command.awaitEnd();
        }
    }
}
