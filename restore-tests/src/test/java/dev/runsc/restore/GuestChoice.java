package dev.runsc.restore;

import java.util.Arrays;
import java.util.List;

/** What a call of the tests is restricted to, if anything. */
final class GuestChoice {
    private static final List<String> GUESTS = words("guests");
    private static final List<String> MODES = words("modes");

    private GuestChoice() {}

    private static List<String> words(String property) {
        String value = System.getProperty(property, "");
        return value.isEmpty() ? List.of() : Arrays.asList(value.split(",", -1));
    }

    /** The tests whose names begin as asked. */
    static List<String> tests() {
        return Bundle.guestTests().stream()
                .filter(test -> GUESTS.isEmpty() || GUESTS.stream().anyMatch(test::startsWith))
                .toList();
    }

    static boolean has(GuestMode mode) {
        return MODES.isEmpty() || MODES.contains(mode.text());
    }
}
