package dev.runsc.restore;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What is known not to work: {@code restore-tests/known-gaps.txt}, a line for each test with the
 * modes in which it fails, the issue that will mend it, and the reason. A test that passes although
 * it is listed fails the build, so the list only shrinks.
 */
final class KnownGaps {
    private static final Path FILE = Runsc.CHECKOUT.resolve("restore-tests/known-gaps.txt");
    private static final Pattern LINE =
            Pattern.compile("(?<test>\\S+) +(?<modes>[a-z,]+) +(?<issue>#\\d+) +(?<reason>\\S.*)");

    private record Gap(Set<GuestMode> modes, String reason) {}

    private final Map<String, Gap> gaps = new HashMap<>();

    private KnownGaps() {}

    static KnownGaps read() throws IOException {
        return parse(Files.readAllLines(FILE), Bundle.guestTests());
    }

    /** Reads the lines; each must name a test that exists. */
    static KnownGaps parse(List<String> lines, List<String> tests) {
        KnownGaps known = new KnownGaps();
        for (String line : lines) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            Matcher matcher = LINE.matcher(line);
            if (!matcher.matches()) {
                throw new AssertionError("not \"test modes #issue reason\": " + line);
            }
            String test = matcher.group("test");
            if (!tests.contains(test)) {
                throw new AssertionError("no such test: " + line);
            }
            Set<GuestMode> modes = EnumSet.noneOf(GuestMode.class);
            for (String mode : matcher.group("modes").split(",", -1)) {
                modes.add(GuestMode.of(mode));
            }
            String reason = matcher.group("issue") + ": " + matcher.group("reason");
            if (known.gaps.put(test, new Gap(modes, reason)) != null) {
                throw new AssertionError("listed twice: " + line);
            }
        }
        return known;
    }

    /** Why a test does not work in a mode, or null when it must. */
    @Nullable String find(String test, GuestMode mode) {
        Gap gap = gaps.get(test);
        return gap != null && gap.modes.contains(mode) ? gap.reason : null;
    }
}
