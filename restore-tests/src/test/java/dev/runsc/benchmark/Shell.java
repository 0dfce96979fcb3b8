package dev.runsc.benchmark;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs commands. */
final class Shell {
    /** Far more than anything takes. */
    private static final long PATIENCE_SECONDS = 180;

    private final Path errors;

    /**
     * @param scratch a folder for what commands say on standard error
     */
    Shell(Path scratch) {
        errors = scratch.resolve("standard-error");
    }

    /** A command that goes on running. */
    final class Running implements AutoCloseable {
        private final List<String> words;
        private final long startNanos = System.nanoTime();
        private final Process process;
        private final BufferedReader output;

        Running(List<String> words, ProcessBuilder builder) throws IOException {
            this.words = words;
            process = builder.start();
            output =
                    new BufferedReader(
                            new InputStreamReader(
                                    process.getInputStream(), StandardCharsets.UTF_8));
        }

        /** Waits for a line; returns nanoseconds from the start of the command. */
        double awaitLine() throws IOException {
            if (output.readLine() == null) {
                throw failure(words, "said nothing");
            }
            return (double) (System.nanoTime() - startNanos);
        }

        void awaitEnd() throws IOException, InterruptedException {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw failure(words, "does not end");
            }
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    Running start(List<String> words) throws IOException {
        return new Running(words, builder(words));
    }

    /** Runs a command, which must succeed; returns the nanoseconds it took. */
    double time(List<String> words) throws IOException, InterruptedException {
        ProcessBuilder builder = builder(words).redirectOutput(ProcessBuilder.Redirect.DISCARD);
        long start = System.nanoTime();
        Process process = builder.start();
        int status = await(words, process);
        double nanos = (double) (System.nanoTime() - start);
        check(words, status);
        return nanos;
    }

    /** Runs a command, which must succeed; returns the lines it wrote. */
    List<String> read(List<String> words) throws IOException, InterruptedException {
        Process process = builder(words).start();
        List<String> lines;
        try (BufferedReader output =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            lines = output.lines().toList();
        }
        check(words, await(words, process));
        return lines;
    }

    /** Runs a command that may fail, as one that cleans up. */
    void tryTo(List<String> words) throws IOException, InterruptedException {
        await(words, builder(words).redirectOutput(ProcessBuilder.Redirect.DISCARD).start());
    }

    private ProcessBuilder builder(List<String> words) {
        return new ProcessBuilder(words)
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectError(ProcessBuilder.Redirect.to(errors.toFile()));
    }

    private int await(List<String> words, Process process)
            throws IOException, InterruptedException {
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw failure(words, "does not end");
        }
        return process.exitValue();
    }

    private void check(List<String> words, int status) throws IOException {
        if (status != 0) {
            throw failure(words, "ended with " + status);
        }
    }

    private IOException failure(List<String> words, String what) throws IOException {
        String text = Files.exists(errors) ? Files.readString(errors).strip() : "";
        return new IOException(
                String.join(" ", words) + " " + what + ": " + text.replace("\n", " | "));
    }
}
