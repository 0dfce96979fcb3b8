package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.runsc.restore.Runsc.Outcome;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Guest tests that are saved and restored while they run, at moments drawn by chance, again and
 * again. {@code -Dseed} repeats a run, {@code -Dmoments} and {@code -DmomentTests} make it longer.
 */
class RandomMomentsTest {
    private static final long SEED = Long.getLong("seed", System.nanoTime());
    private static final int MOMENTS = Integer.getInteger("moments", 5);
    private static final int TESTS = Integer.getInteger("momentTests", 40);

    /** At most so long after the first result of a sandbox comes its checkpoint. */
    private static final int LONGEST_RUN_MILLIS = Integer.getInteger("longestRunMillis", 1200);

    @TempDir Path scratch;

    @Test
    void theyDoNotNotice() throws Exception {
        List<String> tests = draw();
        List<String> words = GuestBatch.runner("/guest", "/tmp", tests, "--limit", "60");
        Path bundle = Bundle.write(scratch.resolve("bundle"), words);
        CheckpointMoments moments = CheckpointMoments.random(SEED, LONGEST_RUN_MILLIS);
        List<String> output = new ArrayList<>();
        int generation = 0;
        try (Runsc runsc = new Runsc(scratch)) {
            Command running = runsc.start("run", "--bundle", bundle.toString(), "c0");
            while (generation < MOMENTS && hasBegun(running) && moments.await(running)) {
                String image = scratch.resolve("image" + generation).toString();
                Outcome saved = runsc.call("checkpoint", "--image-path", image, "c" + generation);
                if (saved.status() != 0 && hasEnded(saved)) {
                    break; // on its own, just before
                }
                saved.expect(0);
                output.addAll(running.awaitEnd().out());
                generation++;
                running =
                        runsc.start(
                                "restore",
                                "--bundle",
                                bundle.toString(),
                                "--image-path",
                                image,
                                "c" + generation);
            }
            output.addAll(running.awaitEnd().out());
        }
        System.out.println(
                "RandomMomentsTest: -Dseed=" + SEED + ", restored " + generation + " times");
        judge(tests, output);
    }

    /** Tests that pass when nothing happens at all. */
    private static List<String> draw() throws Exception {
        KnownGaps gaps = KnownGaps.read();
        List<String> tests = new ArrayList<>(GuestChoice.tests());
        for (GuestMode mode : List.of(GuestMode.SANDBOX, GuestMode.RESTORE, GuestMode.MOMENTS)) {
            tests.removeIf(test -> gaps.find(test, mode) != null);
        }
        Collections.shuffle(tests, new Random(SEED));
        return tests.subList(0, Math.min(TESTS, tests.size()));
    }

    /** Whether the next test has ended in this sandbox: false when there is none left. */
    private static boolean hasBegun(Command running) throws InterruptedException {
        return running.findLine(line -> line.startsWith("@@pass") || line.startsWith("@@fail"))
                != null;
    }

    private static boolean hasEnded(Outcome refused) {
        String said = String.join("\n", refused.err());
        return said.contains("stopped") || said.contains("does not exist");
    }

    private static void judge(List<String> tests, List<String> output) {
        Map<String, GuestResult> results = GuestResult.parse(output);
        String failures =
                tests.stream()
                        .map(test -> {
                            GuestResult result = results.get(test);
                            return result == null
                                    ? test + ": no result\n"
                                    : result.failure() == null
                                            ? ""
                                            : test + ": " + result.failure() + "\n";
                        })
                        .collect(Collectors.joining());
        assertEquals("", failures, () -> "to repeat: -Dseed=" + SEED);
    }
}
