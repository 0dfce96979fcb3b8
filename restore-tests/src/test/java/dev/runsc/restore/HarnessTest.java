package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The harness itself: a test that fails must not pass for one that does not. */
class HarnessTest {
    @Test
    void theRunnersOutputIsUnderstood() {
        List<String> lines =
                List.of(
                        "@@pass a/one 12",
                        "@@fail a/two exit status 1",
                        "| first",
                        "| second",
                        "@@ready",
                        "noise",
                        "@@fail a/three killed by signal 11",
                        "@@pass a/four 5",
                        "| chatter",
                        "@@done 2");
        Map<String, GuestResult> results = GuestResult.parse(lines);
        assertEquals(List.of("a/one", "a/two", "a/three", "a/four"), List.copyOf(results.keySet()));
        assertEquals(new GuestResult(null), results.get("a/one"));
        assertEquals(new GuestResult("exit status 1\n| first\n| second"), results.get("a/two"));
        assertEquals(new GuestResult("killed by signal 11"), results.get("a/three"));
        assertEquals(new GuestResult(null), results.get("a/four"));
    }

    @Test
    void gapsAreForTestsModesAndReasons() {
        List<String> tests = List.of("a/one", "a/two");
        KnownGaps gaps =
                KnownGaps.parse(
                        List.of("# comment", "", "a/one restore,resume #7 does not last"), tests);
        assertEquals("#7: does not last", gaps.find("a/one", GuestMode.RESTORE));
        assertNotNull(gaps.find("a/one", GuestMode.RESUME));
        assertNull(gaps.find("a/one", GuestMode.SANDBOX));
        assertNull(gaps.find("a/two", GuestMode.RESTORE));
        for (String wrong :
                List.of(
                        "a/three sandbox #7 no such test",
                        "a/one sandbox no issue",
                        "a/one sandbox #7",
                        "a/one #7 no modes")) {
            assertThrows(AssertionError.class, () -> KnownGaps.parse(List.of(wrong), tests), wrong);
        }
        List<String> twice = List.of("a/one sandbox #7 x", "a/one resume #7 x");
        assertThrows(AssertionError.class, () -> KnownGaps.parse(twice, tests));
    }
}
