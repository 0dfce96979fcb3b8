package dev.runsc.state;

import java.util.List;
import java.util.Locale;

/**
 * What a save wrote.
 *
 * @param objects number of objects in the image, strings and values included
 * @param bytes size of the image
 * @param types one row per type, largest first
 */
public record SaveStats(long objects, long bytes, List<TypeStats> types) {
    /**
     * Share of one type.
     *
     * @param name registered or built-in name
     * @param count number of objects
     * @param bytes what they take in the image, without what they refer to
     */
    public record TypeStats(String name, long count, long bytes) {}

    /** A table for people: one line per type and a total. */
    public String format() {
        StringBuilder text = new StringBuilder();
        for (TypeStats row : types) {
            text.append(
                    String.format(
                            Locale.ROOT, "%10d %12d  %s%n", row.count(), row.bytes(), row.name()));
        }
        text.append(String.format(Locale.ROOT, "%10d %12d  total%n", objects, bytes));
        return text.toString();
    }
}
