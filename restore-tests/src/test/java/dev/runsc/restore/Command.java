package dev.runsc.restore;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A command that runs, with pipes to its input and from its outputs. */
final class Command implements AutoCloseable {
    /** Far more than anything takes; a hang ends with it. */
    static final long PATIENCE_SECONDS = Long.getLong("runsc.patienceSeconds", 120);

    /** Stands in the queue for the end of the output. */
    private static final String END = new String("end of output");

    private final List<String> words;
    private final Process process;
    private final BlockingQueue<String> pending = new LinkedBlockingQueue<>();
    private final List<String> out = new ArrayList<>();
    private final List<String> err = new ArrayList<>();
    private final Thread outReader;
    private final Thread errReader;

    private Command(List<String> words, Process process) {
        this.words = words;
        this.process = process;
        outReader = reader(process.getInputStream(), pending::add, () -> pending.add(END));
        errReader = reader(process.getErrorStream(), this::addError, () -> {});
    }

    static Command start(List<String> words) throws IOException {
        return new Command(words, new ProcessBuilder(words).start());
    }

    private static Thread reader(
            InputStream from, java.util.function.Consumer<String> line, Runnable end) {
        return Thread.ofVirtual()
                .start(() -> {
                    try (BufferedReader lines =
                            new BufferedReader(new InputStreamReader(from, UTF_8))) {
                        String text = lines.readLine();
                        while (text != null) {
                            line.accept(text);
                            text = lines.readLine();
                        }
                    } catch (IOException e) {
                        line.accept("reading failed: " + e);
                    } finally {
                        end.run();
                    }
                });
    }

    private void addError(String line) {
        synchronized (err) {
            err.add(line);
        }
    }

    private List<String> errors() {
        synchronized (err) {
            return List.copyOf(err);
        }
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    /** Lets a reader of standard input go on. A command that has just ended is none. */
    void say(String text) throws IOException {
        OutputStream input = process.getOutputStream();
        try {
            input.write(text.getBytes(UTF_8));
            input.flush();
        } catch (IOException e) {
            if (process.isAlive()) {
                throw e;
            }
        }
    }

    void closeInput() throws IOException {
        process.getOutputStream().close();
    }

    /** The next line of standard output, or null at its end. */
    @Nullable String nextLine() throws InterruptedException {
        String line = pending.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (line == null) {
            throw new AssertionError(
                    "nothing for " + PATIENCE_SECONDS + " s from " + this + ", " + out + errors());
        }
        if (line == END) {
            pending.add(END);
            return null;
        }
        out.add(line);
        return line;
    }

    /** Reads lines up to the first that is wanted; null when the output ends before. */
    @Nullable String findLine(Predicate<String> wanted) throws InterruptedException {
        String line = nextLine();
        while (line != null && !wanted.test(line)) {
            line = nextLine();
        }
        return line;
    }

    /** As {@link #findLine}, but the line must come. */
    String awaitLine(Predicate<String> wanted) throws InterruptedException {
        String line = findLine(wanted);
        if (line == null) {
            throw new AssertionError("ended early: " + awaitEnd());
        }
        return line;
    }

    /** Whether it ends within some time. */
    boolean endsWithin(long milliseconds) throws InterruptedException {
        return process.waitFor(milliseconds, TimeUnit.MILLISECONDS);
    }

    /** Waits for the end of the command and of its output. */
    Runsc.Outcome awaitEnd() throws InterruptedException {
        while (nextLine() != null) {
            // Collected.
        }
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("has closed its output and does not end: " + this);
        }
        outReader.join();
        errReader.join();
        return new Runsc.Outcome(process.exitValue(), List.copyOf(out), errors());
    }

    /** Ends it if a failed test has not. */
    @Override
    public void close() {
        process.destroyForcibly();
    }

    @Override
    public String toString() {
        return String.join(" ", words);
    }
}
