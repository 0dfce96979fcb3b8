package dev.runsc.tidy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What broke a rule before the rule came, or has a reason to. A line is {@code rule subject
 * measure}, where the measure is the sum of the weights of the subject's findings. A measure that
 * grows fails; one that shrinks must be lowered in the list, so that it cannot grow back.
 */
final class Ratchet {
    private static final Pattern BLANKS = Pattern.compile(" +");
    private static final String RAISE = "more than tidy-ratchet.txt allows: ";

    private final Map<String, Integer> allowed;

    private Ratchet(Map<String, Integer> allowed) {
        this.allowed = allowed;
    }

    static Ratchet parse(List<String> lines) {
        Map<String, Integer> allowed = new TreeMap<>();
        for (String line : lines) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            String[] parts = BLANKS.split(line.trim(), -1);
            if (parts.length != 3) {
                throw new IllegalArgumentException("not 'rule subject measure': " + line);
            }
            allowed.put(parts[0] + " " + parts[1], Integer.parseInt(parts[2]));
        }
        return new Ratchet(allowed);
    }

    /**
     * What remains to be said: findings that are not forgiven, and entries that are too generous.
     */
    List<String> judge(List<Finding> findings) {
        Map<String, List<Finding>> byKey =
                findings.stream()
                        .collect(
                                Collectors.groupingBy(
                                        Finding::key, LinkedHashMap::new, Collectors.toList()));
        List<String> complaints = new ArrayList<>();
        byKey.forEach((key, found) -> {
            int measure = measure(found);
            Integer limit = allowed.get(key);
            if (limit == null) {
                found.forEach(finding -> complaints.add(finding.toString()));
            } else if (measure > limit) {
                complaints.add(RAISE + key + " is " + measure + ", was " + limit);
                found.forEach(finding -> complaints.add("  " + finding));
            }
        });
        allowed.forEach((key, limit) -> {
            int measure = measure(byKey.getOrDefault(key, List.of()));
            if (measure == 0) {
                complaints.add("tidy-ratchet.txt: remove, nothing left of it: " + key);
            } else if (measure < limit) {
                complaints.add(
                        "tidy-ratchet.txt: lower " + key + " from " + limit + " to " + measure);
            }
        });
        return complaints;
    }

    /** The list with every entry lowered to what is found today; never raised, nothing added. */
    List<String> lowered(List<String> lines, List<Finding> findings) {
        Map<String, Integer> today =
                findings.stream()
                        .collect(
                                Collectors.groupingBy(
                                        Finding::key, Collectors.summingInt(Finding::weight)));
        List<String> kept = new ArrayList<>();
        for (String line : lines) {
            int lastBlank = line.trim().lastIndexOf(' ');
            String key =
                    lastBlank < 0 ? "" : line.trim().substring(0, lastBlank).replaceAll(" +", " ");
            Integer limit = allowed.get(key);
            if (limit == null) {
                kept.add(line);
            } else if (today.containsKey(key)) {
                kept.add(key + " " + Math.min(limit, today.get(key)));
            }
        }
        return kept;
    }

    private static int measure(List<Finding> findings) {
        return findings.stream().mapToInt(Finding::weight).sum();
    }
}
