package dev.runsc.restore;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a guest test ended.
 *
 * @param failure what went wrong, or null
 */
record GuestResult(@Nullable String failure) {
    private static final String PASS = "@@pass ";
    private static final String FAIL = "@@fail ";
    private static final String PRINTED = "| ";

    /** Reads the runner's output; the results by test are those that it has told. */
    static Map<String, GuestResult> parse(List<String> lines) {
        Map<String, GuestResult> results = new LinkedHashMap<>();
        String failed = "";
        List<String> text = new ArrayList<>();
        for (String line : lines) {
            if (line.startsWith(PRINTED)) {
                text.add(line);
                continue;
            }
            close(results, failed, text);
            failed = "";
            if (line.startsWith(PASS)) {
                results.put(word(line, PASS), new GuestResult(null));
            } else if (line.startsWith(FAIL)) {
                failed = word(line, FAIL);
                text.add(line.substring(FAIL.length() + failed.length()).strip());
            }
        }
        close(results, failed, text);
        return results;
    }

    private static String word(String line, String mark) {
        String rest = line.substring(mark.length());
        int end = rest.indexOf(' ');
        return end < 0 ? rest : rest.substring(0, end);
    }

    private static void close(Map<String, GuestResult> results, String failed, List<String> text) {
        if (!failed.isEmpty()) {
            results.put(failed, new GuestResult(String.join("\n", text)));
        }
        text.clear();
    }
}
