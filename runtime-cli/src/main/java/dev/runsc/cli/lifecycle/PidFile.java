package dev.runsc.cli.lifecycle;

import dev.runsc.cli.base.Failure;
import dev.runsc.gofer.host.HostProcess;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A file with a process number that appears whole: engines watch for it and take its existence as
 * "the container is created", so it is written last.
 */
public final class PidFile {
    private PidFile() {}

    public static void write(Path file, int pid) throws Failure {
        byte[] text = String.valueOf(pid).getBytes(StandardCharsets.US_ASCII);
        try {
            if (Files.exists(file) && !Files.isRegularFile(file)) {
                // A pipe or a device: whoever made it wants to read from it, not to see it
                // replaced.
                Files.write(file, text);
                return;
            }
            // The process number tells apart who writes at once; a file of that name is left over.
            Path temporary = file.resolveSibling(".pid-tmp-" + HostProcess.getpid());
            Files.deleteIfExists(temporary);
            Files.createFile(
                    temporary,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-------")));
            Files.write(temporary, text);
            Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rw-r--r--"));
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new Failure("writing pid file: " + Failure.reason(e), e);
        }
    }
}
