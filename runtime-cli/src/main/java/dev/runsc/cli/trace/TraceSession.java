package dev.runsc.cli.trace;

import dev.runsc.cli.json.JsonText;
import dev.runsc.cli.trace.TraceConfig.Point;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.vfs.FsContext;
import dev.runsc.kernel.vfs.MountListing;
import dev.runsc.kernel.vfs.RawName;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A session: which points it wants, and where it writes them. */
final class TraceSession {
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    private final String name;
    private final List<TraceSink> sinks;

    /** Life points by name; calls by number. */
    private final Map<String, Point> life = new HashMap<>();

    private final Map<Integer, Point> enters = new HashMap<>();
    private final Map<Integer, Point> exits = new HashMap<>();

    TraceSession(TraceConfig config, List<TraceSink> sinks) {
        this.name = config.name();
        this.sinks = sinks;
        for (Point point : config.points()) {
            if (TracePoints.LIFE.contains(point.name())) {
                life.put(point.name(), point);
            }
            TracePoints.call(point.name(), TracePoints.ENTER)
                    .ifPresent(number -> enters.put(number, point));
            TracePoints.call(point.name(), TracePoints.EXIT)
                    .ifPresent(number -> exits.put(number, point));
        }
    }

    String name() {
        return name;
    }

    List<TraceSink> sinks() {
        return sinks;
    }

    @Nullable Point life(String point) {
        return life.get(point);
    }

    @Nullable Point enter(int call) {
        return enters.get(call);
    }

    @Nullable Point exit(int call) {
        return exits.get(call);
    }

    boolean hasCalls() {
        return !enters.isEmpty() || !exits.isEmpty();
    }

    /** Begins an event with what the point wants told of the task. */
    static JsonText begin(String shownName, Point point, @Nullable Task task, String container) {
        JsonText json = new JsonText().beginObject().field("point", shownName);
        if (point.contextFields().isEmpty()) {
            return json;
        }
        json.name("context").beginObject();
        for (String field : point.contextFields()) {
            switch (field) {
                case "time" -> json.field("time_ns", nanos(Instant.now()));
                case "container_id" -> json.field("container_id", container);
                default -> {
                    if (task != null) {
                        taskField(json, field, task);
                    }
                }
            }
        }
        return json.endObject();
    }

    private static void taskField(JsonText json, String field, Task task) {
        switch (field) {
            case "thread_id" -> json.field("thread_id", task.tid());
            case "task_start_time" -> json.field("task_start_time_ns", task.startNanos());
            case "group_id" -> json.field("thread_group_id", task.processId());
            case "thread_group_start_time" ->
                    json.field("thread_group_start_time_ns", task.group().startNanos());
            case "process_name" -> json.field("process_name", RawName.text(task.name()));
            case "credentials" -> credentials(json, task.credentials());
            case "cwd" -> {
                FsContext fs = task.findFs();
                if (fs != null) {
                    json.field(
                            "cwd",
                            RawName.text(MountListing.path(fs.workingDirectory(), fs.root())));
                }
            }
            default -> throw new IllegalStateException(field);
        }
    }

    private static void credentials(JsonText json, Credentials who) {
        json.name("credentials").beginObject();
        json.field("real_uid", who.uid()).field("effective_uid", who.effectiveUid());
        json.field("saved_uid", who.savedUid());
        json.field("real_gid", who.gid()).field("effective_gid", who.effectiveGid());
        json.field("saved_gid", who.savedGid()).endObject();
    }

    /** Sends an event, whose object is open, to all sinks. */
    void send(JsonText open) {
        byte[] line = (open.endObject().text() + "\n").getBytes(StandardCharsets.UTF_8);
        for (TraceSink sink : sinks) {
            sink.offer(line);
        }
    }

    void close() {
        sinks.forEach(TraceSink::close);
    }

    private static long nanos(Instant time) {
        return time.getEpochSecond() * NANOS_PER_SECOND + time.getNano();
    }
}
