package dev.runsc.benchmark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Commands that leave processes behind, by {@code resident.c}. */
final class Resident {
    /** A runtime may give memory back a while after its start. */
    private static final String SETTLE_MILLIS = "3000";

    private static final double KIBIBYTE = 1024;

    private final Shell shell;
    private final Path program;

    /**
     * @param program resident.c, built
     */
    Resident(Shell shell, Path program) {
        this.shell = shell;
        this.program = program;
    }

    /**
     * What a command left.
     *
     * @param bytes sum of the {@code Pss} of all processes that go on
     * @param nanos how long the command itself took
     */
    record Left(double bytes, double nanos) {}

    /** Runs a command, which must succeed. */
    Left after(List<String> command) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of(program.toString(), SETTLE_MILLIS));
        words.addAll(command);
        String[] numbers = shell.read(words).getLast().split(" ");
        double kibibytes = Double.parseDouble(numbers[0]);
        return new Left(kibibytes * KIBIBYTE, Double.parseDouble(numbers[1]));
    }
}
