package dev.runsc.cli.base;

import java.util.ArrayList;
import java.util.List;

/**
 * Splits a span of time into named stages that follow each other, so that they add up to the whole.
 *
 * <p>Work that runs beside a stage (another process that starts meanwhile) is noted with {@link
 * #beside} and shown indented: it is part of no sum. Used by one thread.
 */
public final class Stages {
    /**
     * One stage.
     *
     * @param name what was done
     * @param nanos how long it took
     * @param beside whether it ran beside the stages and is not part of their sum
     */
    public record Stage(String name, long nanos, boolean beside) {}

    private final List<Stage> stages = new ArrayList<>();
    private final long startNanos;
    private long lastNanos;

    public Stages() {
        this(System.nanoTime());
    }

    /** A span that began earlier, by {@link System#nanoTime}. */
    public Stages(long startNanos) {
        this.startNanos = startNanos;
        this.lastNanos = startNanos;
    }

    /** Ends the running stage, which began when the one before ended. */
    public void end(String name) {
        long now = System.nanoTime();
        stages.add(new Stage(name, now - lastNanos, false));
        lastNanos = now;
    }

    /**
     * Ends the running stage and splits it: the parts are what another process measured within it,
     * the rest is called {@code rest}. Parts that claim more than the stage took are cut, so the
     * sum holds.
     */
    public void endSplit(List<Stage> parts, String rest) {
        long now = System.nanoTime();
        long left = now - lastNanos;
        for (Stage part : parts) {
            if (part.beside()) {
                stages.add(part);
                continue;
            }
            long nanos = Math.min(part.nanos(), left);
            stages.add(new Stage(part.name(), nanos, false));
            left -= nanos;
        }
        stages.add(new Stage(rest, left, false));
        lastNanos = now;
    }

    /** Notes work that ran beside the stages. */
    public void beside(String name, long nanos) {
        stages.add(new Stage(name, nanos, true));
    }

    public List<Stage> list() {
        return List.copyOf(stages);
    }

    /** From the start to the end of the last stage. */
    public long totalNanos() {
        return lastNanos - startNanos;
    }

    /** The stages as lines of text: milliseconds and name, then the sum. */
    public String table(String title) {
        StringBuilder text = new StringBuilder();
        for (Stage stage : stages) {
            text.append(line(stage.nanos(), (stage.beside() ? "  (beside) " : "") + stage.name()));
        }
        return text.append(line(totalNanos(), title)).toString();
    }

    private static String line(long nanos, String name) {
        // Formatting a floating-point number is worth 20 ms of class loading to the JVM.
        long hundredths = nanos / 10_000;
        String number = hundredths / 100 + "." + (hundredths / 10) % 10 + "" + hundredths % 10;
        return " ".repeat(Math.max(0, 10 - number.length())) + number + " ms  " + name + "\n";
    }
}
