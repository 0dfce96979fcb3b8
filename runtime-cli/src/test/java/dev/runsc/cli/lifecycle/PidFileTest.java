package dev.runsc.cli.lifecycle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.runsc.cli.base.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file that tells others of a container. */
class PidFileTest {
    @TempDir private Path folder;

    @Test
    void appearsWholeAndReplacesAnother() throws Failure, IOException {
        Path file = folder.resolve("pid");
        PidFile.write(file, 123);
        PidFile.write(file, 45);
        assertEquals("45", Files.readString(file));
        try (Stream<Path> all = Files.list(folder)) {
            assertEquals(1, all.count(), "no temporary file is left");
        }
    }

    @Test
    void aDeviceIsWrittenInPlace() throws Failure {
        PidFile.write(Path.of("/dev/null"), 1);
        assertEquals(false, Files.isRegularFile(Path.of("/dev/null")));
    }

    @Test
    void aMissingFolderIsToldPlainly() {
        Failure failure =
                assertThrows(Failure.class, () -> PidFile.write(folder.resolve("no/pid"), 1));
        assertEquals(
                true, failure.getMessage().startsWith("writing pid file: "), failure.getMessage());
    }

    @Test
    void exitCodesAreThoseOfAShell() {
        assertEquals(7, Foreground.exitCode(7 << 8));
        assertEquals(128 + 9, Foreground.exitCode(9));
        assertEquals(128 + 11, Foreground.exitCode(11 | 0x80));
        assertEquals(0, Foreground.exitCode(0));
    }
}
