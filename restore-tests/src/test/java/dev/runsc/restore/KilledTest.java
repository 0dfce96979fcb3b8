package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.restore.Runsc.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Processes of ours that are killed at any time, and a disk that is full: nothing is left running,
 * no name stays taken, and a store holds whole snapshots or none.
 */
class KilledTest extends CounterTest {
    private static final int OURS = 128;
    private static final long SEED = Long.getLong("seed", 1);
    private static final int ROUNDS = Integer.getInteger("killRounds", 4);

    /** A checkpoint or restore takes about this long: it is killed within that time. */
    private static final int WHILE_MILLIS = 1200;

    private final Random random = new Random(SEED);

    /** The name can be used again at once. */
    private void runsAgain(String id) throws Exception {
        runsc.call("delete", "--force", id).expect(0);
        try (Counter again = Counter.run(runsc, bundle, id).count(5)) {
            kill(again, id);
        }
    }

    private void kill(Counter counter, String id) throws Exception {
        runsc.call("kill", id, "KILL").expect(0);
        counter.awaitEnd();
        runsc.call("delete", "--force", id).expect(0);
    }

    @Test
    void aSandboxThatIsKilled() throws Exception {
        endsWith(Footprint::sandbox);
    }

    @Test
    void aGoferThatIsKilled() throws Exception {
        endsWith(Footprint::gofer);
    }

    /** One process of ours is killed: the others end, and the command says that it failed. */
    private void endsWith(Function<Footprint, ProcessHandle> killed) throws Exception {
        try (Counter counter = Counter.run(runsc, bundle, "one").count(10)) {
            Footprint all = Footprint.of(runsc, "one");
            killed.apply(all).destroyForcibly();
            assertNotEquals(0, counter.awaitEnd().status());
            all.awaitGone();
        }
        runsAgain("one");
    }

    /** Whoever runs a container in the foreground takes it along. */
    @Test
    void aCommandInTheForegroundThatIsKilled() throws Exception {
        try (Counter counter = Counter.run(runsc, bundle, "one").count(10)) {
            Footprint all = Footprint.of(runsc, "one");
            counter.command().handle().destroyForcibly();
            all.awaitGone();
        }
        runsAgain("one");
    }

    @Test
    void aRunThatIsKilledWhileItStarts() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            String id = "c" + round;
            try (Command run = runsc.start("run", "--bundle", bundle.toString(), id)) {
                if (!run.endsWithin(random.nextInt(WHILE_MILLIS / 2))) {
                    run.handle().destroyForcibly();
                }
                run.awaitEnd();
            }
            runsc.call("delete", "--force", id).expect(0);
            try (Stream<Path> left = Files.list(runsc.root())) {
                assertEquals(List.of(), left.toList());
            }
            runsAgain(id);
        }
    }

    /** The container goes on, and what the store has is whole. */
    @Test
    void aCheckpointThatIsKilled() throws Exception {
        try (Counter counter = Counter.run(runsc, bundle, "one").count(10)) {
            for (int round = 0; round < ROUNDS; round++) {
                try (Command checkpoint =
                        runsc.start(
                                "checkpoint",
                                "--leave-running",
                                "--image-path",
                                image.toString(),
                                "one")) {
                    if (!checkpoint.endsWithin(random.nextInt(WHILE_MILLIS))) {
                        checkpoint.handle().destroyForcibly();
                    }
                    checkpoint.awaitEnd();
                }
                counter.count(20);
            }
            runsc.call("checkpoint", "--image-path", image.toString(), "one").expect(0);
            counter.awaitEnd();
            try (Counter next = Counter.restore(runsc, bundle, image, "two").count(10)) {
                assertEquals(counter.last() + 1, next.first());
                kill(next, "two");
            }
        }
    }

    @Test
    void aSandboxThatIsKilledDuringItsCheckpoint() throws Exception {
        try (Counter good = Counter.run(runsc, bundle, "good").count(10)) {
            runsc.call("checkpoint", "--image-path", image.toString(), "good").expect(0);
            good.awaitEnd();
            for (int round = 0; round < ROUNDS; round++) {
                String id = "c" + round;
                try (Counter counter = Counter.run(runsc, bundle, id).count(5)) {
                    Footprint all = Footprint.of(runsc, id);
                    try (Command checkpoint =
                            runsc.start(
                                    "checkpoint",
                                    "--leave-running",
                                    "--image-path",
                                    image.toString(),
                                    id)) {
                        boolean ended = checkpoint.endsWithin(random.nextInt(WHILE_MILLIS));
                        all.sandbox().destroyForcibly();
                        Outcome outcome = checkpoint.awaitEnd();
                        assertTrue(ended || outcome.status() == 0 || outcome.status() == OURS);
                        assertTrue(outcome.err().size() <= 1, outcome::toString);
                    }
                    counter.awaitEnd();
                    all.awaitGone();
                }
                runsc.call("delete", "--force", id).expect(0);
            }
            try (Counter next = Counter.restore(runsc, bundle, image, "two").count(10)) {
                kill(next, "two");
            }
        }
    }

    @Test
    void aRestoreThatIsKilled() throws Exception {
        try (Counter counter = Counter.run(runsc, bundle, "one").count(10)) {
            runsc.call("checkpoint", "--image-path", image.toString(), "one").expect(0);
            counter.awaitEnd();
            for (int round = 0; round < ROUNDS; round++) {
                String id = "c" + round;
                try (Counter restored = Counter.restore(runsc, bundle, image, id)) {
                    restored.command().endsWithin(random.nextInt(WHILE_MILLIS));
                    restored.command().handle().destroyForcibly();
                    restored.awaitEnd();
                }
                runsc.call("delete", "--force", id).expect(0);
            }
            try (Counter next = Counter.restore(runsc, bundle, image, "two").count(10)) {
                assertEquals(counter.last() + 1, next.first());
                kill(next, "two");
            }
        }
    }

    /** The container goes on, the store takes nothing half. */
    @Test
    void aStoreOnAFullDisk() throws Exception {
        Path disk = Files.createDirectory(scratch.resolve("disk"));
        try (Counter counter = Counter.run(runsc, bundle, "one").count(10)) {
            List<String> words = new ArrayList<>(List.of("unshare", "--mount", "sh", "-c"));
            words.add("mount -t tmpfs -o size=\"$0\" none \"$1\" && shift && exec \"$@\"");
            int before = words.size();
            for (String size : List.of("32k", "64k")) {
                List<String> full = new ArrayList<>(words.subList(0, before));
                full.addAll(List.of(size, disk.toString()));
                full.addAll(
                        runsc.words(
                                "checkpoint",
                                "--image-path",
                                disk.resolve("image").toString(),
                                "one"));
                try (Command checkpoint = Command.start(full)) {
                    Outcome outcome = checkpoint.awaitEnd();
                    assertEquals(OURS, outcome.status(), outcome::toString);
                    assertEquals(1, outcome.err().size(), outcome::toString);
                    assertTrue(
                            outcome.err().getFirst().contains("no space left"), outcome::toString);
                }
                counter.count(10);
            }
            kill(counter, "one");
        }
    }
}
