package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Programs of Debian, unchanged, on the host's root file system: each script of {@code
 * src/guest/scripts} says and returns in the sandbox what it does on Linux itself, straight through
 * and with a checkpoint and a restore in its middle. One run holds all scripts.
 */
class ProgramsTest {
    private static final String READY = "@@ready";

    /** A tmpfs in the sandbox, for the folders of the scripts. */
    private static final String INSIDE = "/mnt";

    @TempDir static Path scratch;

    /** What came out, by way of running and by script. */
    private static final Map<GuestMode, Map<String, String>> RESULTS =
            new EnumMap<>(GuestMode.class);

    static Stream<Arguments> runs() {
        List<String> names = GuestScript.all().stream().map(GuestScript::name).toList();
        return Stream.of(GuestMode.SANDBOX, GuestMode.RESTORE)
                .filter(GuestChoice::has)
                .flatMap(mode -> names.stream().map(name -> Arguments.of(mode, name)));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("runs")
    void saysTheSameAsNatively(GuestMode mode, String name) throws Exception {
        String missing = GuestScript.named(name).missing();
        if (missing != null) {
            NotRunnable.add("ProgramsTest " + name, missing + " is missing");
            return;
        }
        assertEquals(result(GuestMode.NATIVE, name), result(mode, name));
    }

    private static String result(GuestMode mode, String name) throws Exception {
        Map<String, String> results = RESULTS.get(mode);
        if (results == null) {
            results = GuestScript.parse(output(mode, Files.createTempDirectory(scratch, "run")));
            RESULTS.put(mode, results);
        }
        return results.getOrDefault(name, "nothing");
    }

    private static List<String> output(GuestMode mode, Path folder) throws Exception {
        if (mode == GuestMode.NATIVE) {
            try (Command command = Command.start(words(folder.toString()))) {
                command.closeInput();
                return command.awaitEnd().out();
            }
        }
        List<String> words = mode == GuestMode.RESTORE ? words("--middle", INSIDE) : words(INSIDE);
        String bundle = Bundle.writeHost(folder.resolve("bundle"), INSIDE, words).toString();
        Path image = folder.resolve("image");
        List<String> output = new ArrayList<>();
        try (Runsc runsc = new Runsc(folder);
                Command first =
                        runsc.start("--overlay2=root:memory", "run", "--bundle", bundle, "one")) {
            if (mode == GuestMode.SANDBOX) {
                first.closeInput();
            } else {
                first.awaitLine(READY::equals);
                runsc.call("checkpoint", "--image-path", image.toString(), "one").expect(0);
            }
            output.addAll(first.awaitEnd().out());
            if (mode == GuestMode.RESTORE) {
                output.addAll(restore(runsc, bundle, image));
            }
        }
        return output;
    }

    private static List<String> restore(Runsc runsc, String bundle, Path image) throws Exception {
        String[] words = {
            "--overlay2=root:memory", "restore", "--bundle", bundle, "--image-path", "", "two"
        };
        words[5] = image.toString();
        try (Command second = runsc.start(words)) {
            second.say("go\n");
            second.closeInput();
            return second.awaitEnd().out();
        }
    }

    /** The words that call the scripts that can run here. */
    private static List<String> words(String... options) {
        List<String> words = new ArrayList<>(List.of("sh", GuestScript.RUNNER.toString()));
        String last = options[options.length - 1];
        words.addAll(List.of(options).subList(0, options.length - 1));
        words.addAll(List.of(Bundle.guestRoot().resolve("guest").toString(), last));
        GuestScript.all().stream()
                .filter(script -> script.missing() == null)
                .forEach(script -> words.add(script.name()));
        return words;
    }
}
