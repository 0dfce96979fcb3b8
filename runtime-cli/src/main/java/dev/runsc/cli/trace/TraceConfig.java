package dev.runsc.cli.trace;

import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import java.util.ArrayList;
import java.util.List;

/**
 * A session as the user's file describes it: {@code {"trace_session": {"name": ..., "points":
 * [...], "sinks": [...]}}}.
 */
public record TraceConfig(String name, List<Point> points, List<Sink> sinks) {
    /** The name of a session that is given none, and the only one that the model allows. */
    public static final String DEFAULT_NAME = "Default";

    private static final int POINTS_MAX = 2048;
    private static final int SINKS_MAX = 8;
    private static final int NAME_MAX = 128;

    /**
     * A point.
     *
     * @param contextFields what is told of the task, of {@link TracePoints#CONTEXT_FIELDS}
     * @param optionalFields what is told besides; {@code env} is known
     */
    public record Point(String name, List<String> contextFields, List<String> optionalFields) {}

    /** Where events go. */
    public enum SinkKind {
        /** The end of a file. */
        FILE("file"),
        /** A unix socket that somebody listens on. */
        REMOTE("remote"),
        /** Nowhere: for measurements. */
        NULL("null");

        private final String text;

        SinkKind(String text) {
            this.text = text;
        }

        /** As the file and the list have it. */
        public String text() {
            return text;
        }
    }

    /**
     * A sink.
     *
     * @param path of the file or socket
     * @param ignoresError whether the session begins without it when it cannot be opened
     */
    public record Sink(SinkKind kind, String path, boolean ignoresError) {}

    /** Reads a file's bytes. */
    public static TraceConfig read(JsonReader in) throws JsonFault {
        TraceConfig config = null;
        in.object();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            if (name.equals("trace_session")) {
                config = session(in);
            } else {
                throw in.fault("unknown field \"" + name + "\"");
            }
        }
        in.end();
        if (config == null) {
            throw in.fault("trace_session is missing");
        }
        return config;
    }

    private static TraceConfig session(JsonReader in) throws JsonFault {
        String title = DEFAULT_NAME;
        List<Point> points = new ArrayList<>();
        List<Sink> sinks = new ArrayList<>();
        in.object();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "name" -> title = in.string();
                case "points" -> {
                    in.array();
                    while (in.nextElement()) {
                        points.add(point(in));
                        requireAtMost(in, points.size(), POINTS_MAX, "points");
                    }
                }
                case "sinks" -> {
                    in.array();
                    while (in.nextElement()) {
                        sinks.add(sink(in));
                        requireAtMost(in, sinks.size(), SINKS_MAX, "sinks");
                    }
                }
                case "ignore_missing" -> in.skip();
                default -> throw in.fault("unknown field \"" + name + "\"");
            }
        }
        if (title.isEmpty() || title.length() > NAME_MAX) {
            throw in.fault("the session's name is empty or too long");
        }
        if (points.isEmpty() || sinks.isEmpty()) {
            throw in.fault("a session has a point and a sink at least");
        }
        return new TraceConfig(title, List.copyOf(points), List.copyOf(sinks));
    }

    private static void requireAtMost(JsonReader in, int count, int most, String what)
            throws JsonFault {
        if (count > most) {
            throw in.fault("too many " + what);
        }
    }

    private static Point point(JsonReader in) throws JsonFault {
        String title = "";
        List<String> context = List.of();
        List<String> optional = List.of();
        in.object();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "name" -> title = in.string();
                case "context_fields" -> context = in.strings();
                case "optional_fields" -> optional = in.strings();
                default -> throw in.fault("unknown field \"" + name + "\"");
            }
        }
        if (!TracePoints.exists(title)) {
            throw in.fault("unknown point \"" + title + "\"");
        }
        for (String field : context) {
            if (!TracePoints.CONTEXT_FIELDS.contains(field)) {
                throw in.fault("unknown context field \"" + field + "\"");
            }
        }
        return new Point(title, context, optional);
    }

    private static Sink sink(JsonReader in) throws JsonFault {
        String kind = "";
        String path = "";
        boolean ignores = false;
        in.object();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "name" -> kind = in.string();
                case "config" -> path = path(in);
                case "ignore_setup_error" -> ignores = in.bool();
                default -> throw in.fault("unknown field \"" + name + "\"");
            }
        }
        for (SinkKind known : SinkKind.values()) {
            if (known.text.equals(kind)) {
                if (path.isEmpty() && known != SinkKind.NULL) {
                    throw in.fault("sink \"" + kind + "\" needs a path or an endpoint");
                }
                return new Sink(known, path, ignores);
            }
        }
        throw in.fault("unknown sink \"" + kind + "\"");
    }

    private static String path(JsonReader in) throws JsonFault {
        String path = "";
        in.object();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "path", "endpoint" -> path = in.string();
                default -> in.skip();
            }
        }
        return path;
    }
}
