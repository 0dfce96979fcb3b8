package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.restore.Runsc.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Guest tests that are saved and restored at their own system calls: the kernel pauses by itself
 * before each call, or before every so many. {@code -Dcalls=all -DcallTests=1000} does it at every
 * call of every test, which takes hours; without them it is a sample.
 */
class EveryCallTest {
    private static final String ALL = "all";
    private static final String CALLS = System.getProperty("calls", "8");
    private static final int TESTS = Integer.getInteger("callTests", 2);
    private static final long SEED = Long.getLong("seed", 1);

    /** Calls between two moments of a sample: at most this many. */
    private static final int LONGEST_STRIDE = 40;

    @TempDir Path scratch;

    static Stream<String> tests() throws IOException {
        KnownGaps gaps = KnownGaps.read();
        List<String> tests = new ArrayList<>(GuestChoice.tests());
        for (GuestMode mode : List.of(GuestMode.SANDBOX, GuestMode.RESTORE, GuestMode.MOMENTS)) {
            tests.removeIf(test -> gaps.find(test, mode) != null);
        }
        Collections.shuffle(tests, new Random(SEED));
        return tests.stream().limit(TESTS);
    }

    @ParameterizedTest
    @MethodSource("tests")
    void doesNotNotice(String test) throws Exception {
        Random random = new Random(SEED);
        int most = CALLS.equals(ALL) ? Integer.MAX_VALUE : Integer.parseInt(CALLS);
        List<String> words = GuestBatch.runner("/guest", "/tmp", List.of(test), "--limit", "3600");
        String bundle = Bundle.write(scratch.resolve("bundle"), words).toString();
        String image = scratch.resolve("image").toString();
        Path output = Files.createFile(scratch.resolve("output"));
        int moments = 0;
        try (Runsc runsc = new Runsc(scratch)) {
            runsc.callInto(output, stride(random), "run", "--detach", "--bundle", bundle, "c0")
                    .expect(0);
            while (isPaused(runsc, "c" + moments)) {
                runsc.call("checkpoint", "--image-path", image, "c" + moments).expect(0);
                runsc.call("delete", "c" + moments).expect(0);
                moments++;
                runsc.callInto(
                                output,
                                moments < most ? stride(random) : "--pause-at-syscall=0",
                                "restore",
                                "--detach",
                                "--bundle",
                                bundle,
                                "--image-path",
                                image,
                                "c" + moments)
                        .expect(0);
            }
        }
        System.out.println("EveryCallTest: " + test + ", restored " + moments + " times");
        List<String> lines = Files.readAllLines(output);
        GuestResult result = GuestResult.parse(lines).get(test);
        assertTrue(result != null, () -> "no result: " + lines);
        assertEquals(null, result.failure(), () -> "-Dseed=" + SEED + ": " + lines);
    }

    private static String stride(Random random) {
        int calls = CALLS.equals(ALL) ? 1 : random.nextInt(1, LONGEST_STRIDE);
        return "--pause-at-syscall=" + calls;
    }

    /** Waits for the next moment; false when the container has ended before it. */
    private static boolean isPaused(Runsc runsc, String id) throws Exception {
        Outcome outcome = runsc.call("wait", "--paused", id).expect(0);
        return outcome.out().toString().contains("\"paused\":true");
    }
}
