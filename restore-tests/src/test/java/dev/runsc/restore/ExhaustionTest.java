package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.restore.Runsc.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes of ours that may have few descriptors: those we start inherit the command's limit. */
class ExhaustionTest {
    private static final int OURS = 128;

    @TempDir Path scratch;

    private Runsc runsc;
    private Path bundle;

    @BeforeEach
    void prepare() throws Exception {
        runsc = new Runsc(scratch);
        bundle = Bundle.write(scratch.resolve("bundle"), List.of("/guest/hoard", "/srv"));
    }

    @AfterEach
    void cleanUp() throws Exception {
        runsc.close();
    }

    private Outcome callWith(int descriptors, String... arguments) throws Exception {
        List<String> words =
                new ArrayList<>(List.of("prlimit", "--nofile=" + descriptors + ":" + descriptors));
        words.addAll(runsc.words(arguments));
        try (Command command = Command.start(words)) {
            command.closeInput();
            return command.awaitEnd();
        }
    }

    /** The command itself, its gofer, its sandbox: whichever is the first that lacks some. */
    @Test
    void tooFewToStart() throws Exception {
        for (int descriptors : new int[] {16, 24, 32, 40, 64, 100}) {
            Outcome outcome = callWith(descriptors, "run", "-b", bundle.toString(), "one");
            assertEquals(OURS, outcome.status(), outcome::toString);
            assertEquals(1, outcome.err().size(), outcome::toString);
            assertTrue(outcome.err().getFirst().contains("Too many open files"), outcome::toString);
            assertEquals(List.of(), runsc.containers());
        }
    }

    /** The guest is told, closes what it has, and can open as many again. */
    @Test
    void aGuestThatTakesAll() throws Exception {
        Path config = bundle.resolve("config.json");
        Path data = Files.createDirectory(scratch.resolve("data"));
        String mount =
                "\"mounts\": [{\"destination\": \"/srv\", \"type\": \"bind\", \"source\": \"%s\", \"options\": [\"rbind\"]},"
                        .formatted(data);
        Files.writeString(config, Files.readString(config).replace("\"mounts\": [", mount));
        String full = "ENFILE after many";
        for (int descriptors : new int[] {200, 1024}) {
            Outcome outcome = callWith(descriptors, "run", "-b", bundle.toString(), "one");
            assertEquals(
                    List.of(full, full, full, "child 0"),
                    outcome.expect(0).out(),
                    outcome::toString);
            assertEquals(List.of(), outcome.err());
        }
    }
}
