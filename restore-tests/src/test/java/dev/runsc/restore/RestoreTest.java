package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.restore.Runsc.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What can be done with a snapshot: more than once, at any time, under any name. */
class RestoreTest extends CounterTest {
    private static final int KILLED = 128 + 9;

    /** Saves a container and ends it; what it has counted is complete then. */
    private void checkpoint(Counter counter, String id) throws Exception {
        runsc.call("checkpoint", "--image-path", image.toString(), id).expect(0);
        counter.awaitEnd();
    }

    private void kill(Counter counter, String id) throws Exception {
        runsc.call("kill", id, "KILL").expect(0);
        counter.awaitEnd().expect(KILLED);
    }

    @Test
    void goesOnUnderAnotherNameAndLeavesNothing() throws Exception {
        try (Counter first = Counter.run(runsc, bundle, "one").count(20)) {
            Footprint before = Footprint.of(runsc, "one");
            checkpoint(first, "one");
            before.awaitGone();
            try (Counter second = Counter.restore(runsc, bundle, image, "two").count(20)) {
                assertEquals(first.last() + 1, second.first());
                Footprint after = Footprint.of(runsc, "two");
                kill(second, "two");
                after.awaitGone();
            }
        }
        assertEquals(List.of(), runsc.containers());
    }

    @Test
    void restoresTwiceAtTheSameTime() throws Exception {
        try (Counter first = Counter.run(runsc, bundle, "one").count(20)) {
            checkpoint(first, "one");
            try (Counter second = Counter.restore(runsc, bundle, image, "two").count(10);
                    Counter third = Counter.restore(runsc, bundle, image, "three").count(10)) {
                second.count(10);
                assertEquals(first.last() + 1, second.first());
                assertEquals(first.last() + 1, third.first());
                assertTrue(Collections.disjoint(second.randoms(), third.randoms()), "same secrets");
                kill(second, "two");
                kill(third, "three");
            }
        }
    }

    @Test
    void restoresWhileTheFirstRunsOn() throws Exception {
        try (Counter first = Counter.run(runsc, bundle, "one").count(20)) {
            runsc.call("checkpoint", "--leave-running", "--image-path", image.toString(), "one")
                    .expect(0);
            first.count(20);
            try (Counter second = Counter.restore(runsc, bundle, image, "two").count(20)) {
                kill(second, "two");
                first.count(20);
                kill(first, "one");
                assertTrue(second.first() >= 20 && second.first() < first.last());
            }
        }
    }

    @Test
    void restoresUnderTheSameNameAgainAndAgain() throws Exception {
        Counter counter = Counter.run(runsc, bundle, "one").count(10);
        for (int i = 0; i < 3; i++) {
            checkpoint(counter, "one");
            runsc.call("delete", "--force", "one").expect(0);
            Counter next = Counter.restore(runsc, bundle, image, "one").count(10);
            assertEquals(counter.last() + 1, next.first());
            counter = next;
        }
        kill(counter, "one");
    }

    @Test
    void restoresAfterEverythingWasKilled() throws Exception {
        try (Counter first = Counter.run(runsc, bundle, "one").count(20)) {
            runsc.call("checkpoint", "--leave-running", "--image-path", image.toString(), "one")
                    .expect(0);
            Footprint before = Footprint.of(runsc, "one");
            before.sandbox().destroyForcibly();
            before.gofer().destroyForcibly();
            first.command().handle().destroyForcibly();
            before.awaitGone();
        }
        try (Counter second = Counter.restore(runsc, bundle, image, "two").count(20)) {
            kill(second, "two");
        }
        runsc.call("delete", "--force", "one").expect(0);
        assertEquals(List.of(), runsc.containers());
    }

    @Test
    void restoresIntoACreatedContainer() throws Exception {
        try (Counter first = Counter.run(runsc, bundle, "one").count(20)) {
            checkpoint(first, "one");
            Path output = scratch.resolve("output");
            String[] create = {"create", "--bundle", bundle.toString(), "two"};
            runsc.callInto(output, create).expect(0);
            String[] restore = {"restore", "--detach", "--image-path", image.toString(), "two"};
            runsc.callInto(output, restore).expect(0);
            ScriptTest.awaitText(output, "count " + (first.last() + 5) + " ");
            assertTrue(Files.readString(output).startsWith("count " + (first.last() + 1) + " "));
            Footprint after = Footprint.of(runsc, "two");
            runsc.call("kill", "two", "KILL").expect(0);
            after.awaitGone();
            Outcome state = runsc.call("state", "two").expect(0);
            assertTrue(state.out().toString().contains("\"stopped\""), state::toString);
            runsc.call("delete", "two").expect(0);
        }
    }

    @Test
    void savesAPausedContainer() throws Exception {
        try (Counter first = Counter.run(runsc, bundle, "one").count(20)) {
            runsc.call("pause", "one").expect(0);
            checkpoint(first, "one");
            try (Counter second = Counter.restore(runsc, bundle, image, "two").count(10)) {
                assertEquals(first.last() + 1, second.first());
                kill(second, "two");
            }
        }
    }

    @Test
    void keepsManySnapshotsInOneStore() throws Exception {
        try (Counter first = Counter.run(runsc, bundle, "one").count(20)) {
            String store = image.toString();
            String[] named = {
                "--leave-running", "--snapshot", "early", "--image-path", store, "one"
            };
            runsc.call(words("checkpoint", named)).expect(0);
            first.count(100);
            checkpoint(first, "one");
            try (Counter newest = Counter.restore(runsc, bundle, image, "two").count(5);
                    Counter early =
                            Counter.restore(runsc, bundle, image, "--snapshot", "early", "three")
                                    .count(5)) {
                assertEquals(first.last() + 1, newest.first());
                assertTrue(early.first() < first.last() - 50, "the early one");
                kill(newest, "two");
                kill(early, "three");
            }
        }
    }

    @Test
    void theEndOfARestoredProgramIsSeen() throws Exception {
        bundle = Bundle.write(scratch.resolve("ending"), List.of("/guest/counter", "400"));
        try (Counter first = Counter.run(runsc, bundle, "one").count(10)) {
            checkpoint(first, "one");
            try (Counter second = Counter.restore(runsc, bundle, image, "two")) {
                second.awaitEnd().expect(7);
                assertEquals(400, second.last());
            }
        }
    }

    private static String[] words(String first, String... others) {
        String[] words = new String[others.length + 1];
        words[0] = first;
        System.arraycopy(others, 0, words, 1, others.length);
        return words;
    }
}
