package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The built artifact, called as a user calls it, with a root directory of its own. */
final class Runsc implements AutoCloseable {
    /** The checkout. */
    static final Path CHECKOUT =
            Path.of(System.getProperty("runsc.root", "..")).toAbsolutePath().normalize();

    /** Another launcher than the checkout's, to try a build that is not its own. */
    private static final String LAUNCHER =
            System.getProperty("runsc.launcher", CHECKOUT.resolve("runsc").toString());

    private static final String STATE_SUFFIX = ".state";

    private final Path root;
    private final List<String> prefix;

    /** What a command that has ended said. */
    record Outcome(int status, List<String> out, List<String> err) {
        Outcome expect(int wanted) {
            assertEquals(wanted, status, this::toString);
            return this;
        }
    }

    /**
     * @param scratch an empty folder; what the commands keep is below it
     */
    Runsc(Path scratch) {
        this(scratch, List.of());
    }

    /**
     * @param prefix the words of a program that calls ours in other surroundings
     */
    Runsc(Path scratch, List<String> prefix) {
        root = scratch.resolve("root");
        this.prefix = List.copyOf(prefix);
    }

    Path root() {
        return root;
    }

    /** The words that call a command. */
    List<String> words(String... arguments) {
        List<String> words = new ArrayList<>(prefix);
        words.addAll(List.of(LAUNCHER, "--root", root.toString()));
        words.addAll(List.of(arguments));
        return words;
    }

    /** Calls a command without input and waits for its end. */
    Outcome call(String... arguments) throws IOException, InterruptedException {
        try (Command command = start(arguments)) {
            command.closeInput();
            if (!command.endsWithin(Command.PATIENCE_SECONDS * 1000)) {
                throw new AssertionError("does not end: " + String.join(" ", arguments));
            }
            return command.awaitEnd();
        }
    }

    /**
     * Calls a command that leaves a container running, which goes on writing where the command did:
     * to the end of a file.
     */
    Outcome callInto(Path output, String... arguments) throws IOException, InterruptedException {
        Path errors = output.resolveSibling(output.getFileName() + ".errors");
        Process process =
                new ProcessBuilder(words(arguments))
                        .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()))
                        .redirectError(ProcessBuilder.Redirect.appendTo(errors.toFile()))
                        .start();
        if (!process.waitFor(Command.PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("does not end: " + String.join(" ", arguments));
        }
        return new Outcome(process.exitValue(), List.of(), Files.readAllLines(errors));
    }

    /** Calls a command and does not wait. */
    Command start(String... arguments) throws IOException {
        return Command.start(words(arguments));
    }

    /** The containers there are. */
    List<String> containers() throws IOException {
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(root)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(STATE_SUFFIX))
                    .map(name -> name.substring(0, name.indexOf('_')))
                    .sorted()
                    .toList();
        }
    }

    /** Ends what a failed test has left behind. */
    @Override
    public void close() throws IOException {
        try {
            for (String id : containers()) {
                call("delete", "--force", id);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
