package dev.runsc.cli.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The file of a session. */
class TraceConfigTest {
    private static TraceConfig read(String text) throws JsonFault {
        return TraceConfig.read(new JsonReader("config", text.getBytes(StandardCharsets.UTF_8)));
    }

    private static String session(String points, String sinks) {
        return "{\"trace_session\": {\"points\": [" + points + "], \"sinks\": [" + sinks + "]}}";
    }

    private static final String POINT = "{\"name\": \"sentry/execve\"}";
    private static final String SINK = "{\"name\": \"null\"}";

    @Test
    void aWholeSession() throws JsonFault {
        TraceConfig config =
                read(
                        session(
                                "{\"name\": \"syscall/openat/enter\", \"context_fields\":"
                                        + " [\"time\", \"cwd\"], \"optional_fields\": [\"fd_path\"]}, "
                                        + POINT,
                                "{\"name\": \"remote\", \"config\": {\"endpoint\": \"/s\","
                                        + " \"retries\": 3}, \"ignore_setup_error\": true}"));
        assertEquals(TraceConfig.DEFAULT_NAME, config.name());
        assertEquals(List.of("time", "cwd"), config.points().getFirst().contextFields());
        assertEquals(
                List.of(new TraceConfig.Sink(TraceConfig.SinkKind.REMOTE, "/s", true)),
                config.sinks());
    }

    @Test
    void wrongOnesAreRefused() {
        for (String bad :
                List.of(
                        "{}",
                        "[]",
                        "{\"trace_session\": {}}",
                        "{\"trace_session\": 5}",
                        "{\"other\": {}}",
                        session("", SINK),
                        session(POINT, ""),
                        session("{\"name\": \"sentry/nope\"}", SINK),
                        session("{\"name\": \"syscall/nope/enter\"}", SINK),
                        session("{\"name\": \"syscall/sysno/9999/enter\"}", SINK),
                        session("{\"name\": \"syscall/openat/middle\"}", SINK),
                        session("{\"name\": \"syscall/openat\"}", SINK),
                        session("{\"name\": \"syscall//enter\"}", SINK),
                        session(
                                "{\"name\": \"sentry/clone\", \"context_fields\": [\"mood\"]}",
                                SINK),
                        session(POINT, "{\"name\": \"file\"}"),
                        session(POINT, "{\"name\": \"pigeon\"}"),
                        session(POINT, (SINK + ",").repeat(8) + SINK),
                        session((POINT + ",").repeat(2048) + POINT, SINK))) {
            assertThrows(JsonFault.class, () -> read(bad), bad);
        }
    }

    @Test
    void pointsAreThoseOfTheTable() {
        List<String> all = TracePoints.all();
        assertEquals(all.size(), new HashSet<>(all).size());
        assertTrue(all.contains("syscall/execve/exit"));
        assertTrue(all.stream().allMatch(TracePoints::exists));
        assertEquals(257, TracePoints.call("syscall/sysno/257/enter", "enter").orElse(-1));
    }
}
