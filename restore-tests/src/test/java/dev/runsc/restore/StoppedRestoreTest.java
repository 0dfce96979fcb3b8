package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.restore.Runsc.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Restores during which somebody kills or deletes the container. */
class StoppedRestoreTest extends CounterTest {
    private static final long SEED = Long.getLong("seed", 1);
    private static final int ROUNDS = Integer.getInteger("killRounds", 4);
    private static final int OURS = 128;

    /** A restore takes about this long. */
    private static final int WHILE_MILLIS = 1000;

    private final Random random = new Random(SEED);

    /** The end of what was stopped, at whatever moment: its own, or one line that says so. */
    private void stops(String... how) throws Exception {
        System.out.println("-Dseed=" + SEED);
        try (Counter counter = Counter.run(runsc, bundle, "one").count(10)) {
            runsc.call("checkpoint", "--image-path", image.toString(), "one").expect(0);
            counter.awaitEnd();
            runsc.call("delete", "--force", "one").expect(0);
            for (int round = 0; round < ROUNDS; round++) {
                try (Counter restored = Counter.restore(runsc, bundle, image, "two")) {
                    restored.command().endsWithin(random.nextInt(WHILE_MILLIS));
                    stop(restored, how);
                }
            }
            try (Counter next = Counter.restore(runsc, bundle, image, "two").count(10)) {
                assertEquals(counter.last() + 1, next.first(), "the image is as it was");
                runsc.call("kill", "two", "KILL").expect(0);
                next.awaitEnd();
            }
        }
    }

    /** Until the container is there to be stopped, the command says that it is not. */
    private void stop(Counter restored, String... how) throws Exception {
        boolean gone = false;
        while (!gone) {
            Outcome outcome = runsc.call(how);
            assertTrue(outcome.err().size() <= 1, outcome::toString);
            gone = restored.command().endsWithin(outcome.status() == 0 ? 1000 : 0);
        }
        Outcome outcome = restored.awaitEnd();
        assertTrue(outcome.err().size() <= 1, outcome::toString);
        assertTrue(
                outcome.status() == OURS ? outcome.err().size() == 1 : outcome.status() == 137,
                outcome::toString);
        runsc.call("delete", "--force", "two");
        assertEquals(List.of(), runsc.containers());
        assertFalse(isListening(), "a sandbox is left: " + outcome);
    }

    /** Whether a sandbox has its control socket open (proc(5), /proc/net/unix). */
    private boolean isListening() throws IOException {
        return Files.readString(Path.of("/proc/net/unix")).contains(runsc.root().toString());
    }

    @Test
    void killedWhileItComesBack() throws Exception {
        stops("kill", "two", "KILL");
    }

    @Test
    void deletedWhileItComesBack() throws Exception {
        stops("delete", "--force", "two");
    }
}
