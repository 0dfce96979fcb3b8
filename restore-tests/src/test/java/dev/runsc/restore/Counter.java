package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A container that counts ({@code programs/counter.c}), and what it has counted so far. */
final class Counter implements AutoCloseable {
    private static final String PREFIX = "count ";

    private final Command command;
    private final List<Long> numbers = new ArrayList<>();
    private final List<String> randoms = new ArrayList<>();

    private Counter(Command command) {
        this.command = command;
    }

    /** Starts one by {@code run}. */
    static Counter run(Runsc runsc, Path bundle, String id) throws Exception {
        return new Counter(runsc.start("run", "--bundle", bundle.toString(), id));
    }

    /** Brings one back; more options stand before the id. */
    static Counter restore(Runsc runsc, Path bundle, Path image, String... optionsAndId)
            throws Exception {
        List<String> words = new ArrayList<>(List.of("restore", "--bundle", bundle.toString()));
        words.addAll(List.of("--image-path", image.toString()));
        words.addAll(List.of(optionsAndId));
        return new Counter(runsc.start(words.toArray(String[]::new)));
    }

    Command command() {
        return command;
    }

    /** Takes more numbers, each one higher than the one before. */
    Counter count(int more) throws InterruptedException {
        for (int i = 0; i < more; i++) {
            take(command.awaitLine(line -> true));
        }
        return this;
    }

    private void take(String line) {
        if (!line.startsWith(PREFIX)) {
            throw new AssertionError("no number: " + line);
        }
        String[] words = line.split(" ");
        numbers.add(Long.parseLong(words[1]));
        randoms.add(words[2]);
        int size = numbers.size();
        if (size > 1) {
            assertEquals(numbers.get(size - 2) + 1, numbers.get(size - 1), "the next number");
        }
    }

    /** Takes the numbers up to the end of the command. */
    Runsc.Outcome awaitEnd() throws InterruptedException {
        String line = command.nextLine();
        while (line != null) {
            take(line);
            line = command.nextLine();
        }
        return command.awaitEnd();
    }

    long first() {
        return numbers.getFirst();
    }

    long last() {
        return numbers.getLast();
    }

    List<String> randoms() {
        return randoms;
    }

    @Override
    public void close() {
        command.close();
    }
}
