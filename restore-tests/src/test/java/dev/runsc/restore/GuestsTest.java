package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every guest test in every mode, many in one sandbox. */
class GuestsTest {
    /** How many share a sandbox; those with a checkpoint all wait in it at the same time. */
    private static final int BATCH_SIZE = 40;

    private static final List<GuestMode> MODES =
            List.of(GuestMode.NATIVE, GuestMode.SANDBOX, GuestMode.RESTORE, GuestMode.RESUME);

    @TempDir static Path scratch;

    /** The batch that a run belongs to, by mode and test. */
    private static final Map<String, List<String>> BATCHES = new HashMap<>();

    private static final Map<String, GuestResult> RESULTS = new HashMap<>();

    private static KnownGaps gaps;

    @BeforeAll
    static void readGaps() throws IOException {
        gaps = KnownGaps.read();
        BATCHES.clear();
        RESULTS.clear();
        for (GuestMode mode : MODES) {
            List<String> batch = new ArrayList<>();
            for (String test : GuestChoice.tests()) {
                if (gaps.find(test, mode) != null) {
                    BATCHES.put(key(mode, test), List.of(test)); // breaks none but itself
                    continue;
                }
                batch = batch.size() == BATCH_SIZE ? new ArrayList<>() : batch;
                batch.add(test);
                BATCHES.put(key(mode, test), batch);
            }
        }
    }

    static Stream<Arguments> runs() {
        return MODES.stream()
                .filter(GuestChoice::has)
                .flatMap(
                        mode -> GuestChoice.tests().stream().map(test -> Arguments.of(mode, test)));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("runs")
    void passes(GuestMode mode, String test) throws Exception {
        String failure = result(mode, test).failure();
        String gap = gaps.find(test, mode);
        if (gap == null && failure != null) {
            fail(test + " " + mode.text() + ": " + failure);
        } else if (gap != null && failure == null) {
            fail(test + " passes in mode " + mode.text() + ": take it off known-gaps.txt");
        }
    }

    private static GuestResult result(GuestMode mode, String test) throws Exception {
        String key = key(mode, test);
        if (!RESULTS.containsKey(key)) {
            Path folder = Files.createTempDirectory(scratch, mode.text());
            List<String> batch = Objects.requireNonNull(BATCHES.get(key), key);
            new GuestBatch(mode, folder)
                    .run(batch)
                    .forEach((name, got) -> RESULTS.put(key(mode, name), got));
        }
        return Objects.requireNonNull(RESULTS.get(key), key);
    }

    private static String key(GuestMode mode, String test) {
        return mode + " " + test;
    }

    /** A program that no source makes, or a source without a program, is found here. */
    @Test
    void everySourceIsATest() throws IOException {
        Path sources = Runsc.CHECKOUT.resolve("restore-tests/src/guest/c");
        Set<String> named;
        try (Stream<Path> files = Files.walk(sources)) {
            named =
                    files.filter(Files::isRegularFile)
                            .map(file -> sources.relativize(file).toString().replace(".c", ""))
                            .collect(Collectors.toCollection(TreeSet::new));
        }
        Set<String> built = new TreeSet<>(Bundle.guestTests());
        built.removeIf(test -> test.startsWith("dynamic/"));
        assertEquals(named, built);
    }
}
