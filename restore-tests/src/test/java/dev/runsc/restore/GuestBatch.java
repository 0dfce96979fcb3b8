package dev.runsc.restore;

import dev.runsc.restore.Runsc.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs some guest tests in one sandbox, one after another. In the modes with a checkpoint all of
 * them are brought to it first and are saved together. What one of them breaks costs the others
 * nothing: a test without a result is run again in halves of the batch, at last alone.
 */
final class GuestBatch {
    /** For one test of a batch, in seconds; native ones take at most two. */
    private static final String LIMIT_SECONDS = "40";

    private static final String READY = "@@ready";

    private final GuestMode mode;
    private final Path scratch;

    /** Counts the sandboxes, each of which has its own folder. */
    private int runs;

    /**
     * @param scratch an empty folder
     */
    GuestBatch(GuestMode mode, Path scratch) {
        this.mode = mode;
        this.scratch = scratch;
    }

    /** Runs tests; there is a result for each. */
    Map<String, GuestResult> run(List<String> tests) throws IOException, InterruptedException {
        Map<String, GuestResult> results = new LinkedHashMap<>();
        String trouble = "no result";
        try {
            results.putAll(GuestResult.parse(output(tests)));
        } catch (AssertionError e) {
            trouble = String.valueOf(e.getMessage());
        }
        List<String> missing = new ArrayList<>(tests);
        missing.removeAll(results.keySet());
        if (missing.size() == 1 && tests.size() == 1) {
            results.put(missing.getFirst(), new GuestResult(trouble));
        } else if (missing.size() == 1) {
            results.putAll(run(missing));
        } else if (!missing.isEmpty()) {
            int half = missing.size() / 2;
            results.putAll(run(missing.subList(0, half)));
            results.putAll(run(missing.subList(half, missing.size())));
        }
        return results;
    }

    /** The runner's output in one go. */
    private List<String> output(List<String> tests) throws IOException, InterruptedException {
        Path folder = Files.createDirectories(scratch.resolve("run" + ++runs));
        if (mode == GuestMode.NATIVE) {
            return natively(folder, tests);
        }
        Path bundle = Bundle.write(folder.resolve("bundle"), runner("/guest", "/tmp", tests));
        Path image = folder.resolve("image");
        try (Runsc runsc = new Runsc(folder);
                Command first = runsc.start("run", "--bundle", bundle.toString(), "one")) {
            List<String> output = new ArrayList<>();
            switch (mode) {
                case SANDBOX -> {
                    first.closeInput();
                    output.addAll(first.awaitEnd().out());
                }
                case RESTORE -> {
                    first.awaitLine(READY::equals);
                    checkpoint(runsc, image);
                    output.addAll(first.awaitEnd().out());
                    try (Command second = restore(runsc, bundle, image)) {
                        second.say("go");
                        output.addAll(second.awaitEnd().out());
                    }
                }
                case RESUME -> {
                    first.awaitLine(READY::equals);
                    checkpoint(runsc, image, "--leave-running");
                    first.say("go");
                    output.addAll(first.awaitEnd().out());
                }
                case NATIVE, MOMENTS -> throw new IllegalStateException("no batch in this mode");
            }
            return output;
        }
    }

    private static List<String> natively(Path folder, List<String> tests)
            throws IOException, InterruptedException {
        String programs = Bundle.guestRoot().resolve("guest").toString();
        List<String> words = runner(programs, folder.toString(), tests, "--limit", LIMIT_SECONDS);
        try (Command command = Command.start(words)) {
            command.closeInput();
            return command.awaitEnd().out();
        }
    }

    private List<String> runner(String programs, String folder, List<String> tests) {
        boolean waits = mode == GuestMode.RESTORE || mode == GuestMode.RESUME;
        return waits
                ? runner(programs, folder, tests, "--wait", "--limit", LIMIT_SECONDS)
                : runner(programs, folder, tests, "--limit", LIMIT_SECONDS);
    }

    /** The words that call the runner. */
    static List<String> runner(
            String programs, String folder, List<String> tests, String... options) {
        List<String> words = new ArrayList<>(List.of(programs + "/runner"));
        words.addAll(List.of(options));
        words.addAll(List.of(programs, folder));
        words.addAll(tests);
        return words;
    }

    private static void checkpoint(Runsc runsc, Path image, String... options)
            throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of("checkpoint", "--image-path"));
        words.add(image.toString());
        words.addAll(List.of(options));
        words.add("one");
        Outcome outcome = runsc.call(words.toArray(String[]::new));
        outcome.expect(0);
    }

    private static Command restore(Runsc runsc, Path bundle, Path image) throws IOException {
        return runsc.start(
                "restore", "--bundle", bundle.toString(), "--image-path", image.toString(), "two");
    }
}
