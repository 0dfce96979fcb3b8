package dev.runsc.restore;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A shell script that shows what programs do. Its first line may name the programs it needs.
 *
 * @param name the file's, without its ending
 * @param needs programs, by name or by path
 */
record GuestScript(String name, List<String> needs) {
    /** Runs scripts. */
    static final Path RUNNER = Runsc.CHECKOUT.resolve("restore-tests/src/guest/run-scripts.sh");

    private static final Path FOLDER = Runsc.CHECKOUT.resolve("restore-tests/src/guest/scripts");
    private static final String ENDING = ".sh";
    private static final String NEEDS = "# needs: ";
    private static final String BEGIN = "@@begin ";
    private static final String STATUS = "@@status ";

    /** Where the runner looks for programs. */
    private static final List<String> PATH =
            List.of("/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin");

    static List<GuestScript> all() {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(file -> file.endsWith(ENDING))
                    .map(file -> named(file.substring(0, file.length() - ENDING.length())))
                    .sorted((a, b) -> a.name.compareTo(b.name))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static GuestScript named(String name) {
        try {
            String first = Files.readAllLines(FOLDER.resolve(name + ENDING)).getFirst();
            return new GuestScript(
                    name,
                    first.startsWith(NEEDS)
                            ? Arrays.asList(first.substring(NEEDS.length()).split(" "))
                            : List.of());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A program that it needs and this machine lacks, or null. */
    @Nullable String missing() {
        for (String program : needs) {
            String own = program.replace("$GUEST", Bundle.guestRoot().resolve("guest").toString());
            if (PATH.stream().noneMatch(folder -> Files.exists(Path.of(folder).resolve(own)))) {
                return program;
            }
        }
        return null;
    }

    /** Reads the runner's output: what each script has said, and its status as the last line. */
    static Map<String, String> parse(List<String> lines) {
        Map<String, String> results = new LinkedHashMap<>();
        List<String> text = new ArrayList<>();
        for (String line : lines) {
            if (line.startsWith(BEGIN)) {
                text.clear();
            } else if (line.startsWith(STATUS)) {
                String[] words = line.substring(STATUS.length()).split(" ");
                text.add("status " + words[1]);
                results.put(words[0], String.join("\n", text));
            } else {
                text.add(line);
            }
        }
        return results;
    }
}
