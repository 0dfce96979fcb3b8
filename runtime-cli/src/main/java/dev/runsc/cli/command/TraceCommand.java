package dev.runsc.cli.command;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.container.ContainerState;
import dev.runsc.cli.control.ControlClient;
import dev.runsc.cli.control.ControlFault;
import dev.runsc.cli.control.Methods;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import dev.runsc.cli.json.JsonText;
import dev.runsc.cli.lifecycle.Containers;
import dev.runsc.cli.trace.TraceConfig;
import dev.runsc.cli.trace.TraceConfig.SinkKind;
import dev.runsc.cli.trace.TracePoints;
import dev.runsc.gofer.host.HostFd;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code trace create|delete|list|metadata|procfs}: sessions that watch a sandbox. */
final class TraceCommand implements Command {
    private static final int CONFIG_BYTES_MAX = 4 << 20;

    @Override
    public void declare(Options options) {
        options.about("Begins and ends sessions that watch what a sandbox does.");
        options.words(
                "create|delete|list|metadata|procfs [flags] [ID]",
                "create --config FILE [--force] ID: begin a session;"
                        + " delete [--name NAME] ID: end it;"
                        + " list ID: the sessions there are;"
                        + " metadata: what can be watched;"
                        + " procfs ID: all processes, as JSON");
    }

    @Override
    public int run(RuntimeConfig config, Arguments arguments) throws Failure {
        arguments.requireWords(1, -1, "create, delete, list, metadata or procfs");
        String what = arguments.words().getFirst();
        Options options = new Options("trace " + what);
        switch (what) {
            case "create" -> {
                options.about("Begins a session.");
                options.value("FILE", "what to watch, and where to write it, as JSON", "--config");
                options.flag("replace a session of the same name", "--force");
                options.words("ID", "the container");
            }
            case "delete" -> {
                options.about("Ends a session.");
                options.value("NAME", "which (default: Default)", "--name");
                options.words("ID", "the container");
            }
            case "list" -> options.about("Lists sessions.").words("ID", "the container");
            case "metadata" -> options.about("Lists what can be watched, and who can be told.");
            case "procfs" ->
                    options.about("Prints all processes as JSON.").words("ID", "the container");
            default -> throw new Failure("runsc trace: unknown subcommand \"" + what + "\"");
        }
        List<String> words = arguments.words();
        Arguments inner = Arguments.parse(options, words.subList(1, words.size()));
        if (inner.isHelpRequested()) {
            System.out.print(Usage.text(options));
            return 0;
        }
        if (what.equals("metadata")) {
            inner.requireWords(0, 0, "");
            System.out.print(metadata());
            return 0;
        }
        ContainerState state =
                new Containers(config.root()).loadUnchecked(inner.only("container id"));
        switch (what) {
            case "create" -> create(state, inner);
            case "delete" -> delete(state, inner);
            case "list" -> System.out.print(list(state));
            default -> procfs(state);
        }
        return 0;
    }

    /** The points and sinks there are. */
    static String metadata() {
        List<String> points = TracePoints.all();
        StringBuilder text = new StringBuilder("POINTS (" + points.size() + ")\n");
        for (String point : points) {
            text.append("Name: ").append(point).append(", optional fields: [");
            text.append(hasEnvironment(point) ? "env" : "").append("], context fields: [");
            text.append(String.join("|", TracePoints.CONTEXT_FIELDS)).append("]\n");
        }
        text.append("\nSINKS (").append(SinkKind.values().length).append(")\n");
        for (SinkKind kind : SinkKind.values()) {
            text.append("Name: ").append(kind.text()).append('\n');
        }
        return text.toString();
    }

    private static boolean hasEnvironment(String point) {
        return point.equals(TracePoints.CONTAINER_START) || point.equals(TracePoints.EXECVE);
    }

    private static void create(ContainerState state, Arguments arguments) throws Failure {
        Path file = arguments.findPath("--config");
        if (file == null) {
            throw new Failure("runsc trace create: --config is required");
        }
        String text = read(file);
        TraceConfig config;
        try {
            config = TraceConfig.read(reader(file, text));
        } catch (JsonFault e) {
            throw new Failure(e.getMessage(), e);
        }
        List<HostFd> opened = new ArrayList<>();
        try {
            // What cannot be opened and may be missing has no place in what the sandbox is sent.
            List<TraceConfig.Sink> sinks = new ArrayList<>();
            for (TraceConfig.Sink sink : config.sinks()) {
                if (open(sink, opened)) {
                    sinks.add(sink);
                }
            }
            JsonText json = new JsonText().beginObject();
            json.name("config").raw(json(config, sinks));
            json.field("force", arguments.is("--force"));
            call(state, json.endObject().text(), opened);
        } finally {
            opened.forEach(HostFd::close);
        }
    }

    private static void call(ContainerState state, String json, List<HostFd> given) throws Failure {
        int[] numbers = given.stream().mapToInt(HostFd::number).toArray();
        try (ControlClient client = Containers.connect(state)) {
            client.call(Methods.CREATE_TRACE_SESSION, json, numbers);
        } catch (ControlFault e) {
            throw new Failure(e.getMessage(), e);
        }
    }

    private static JsonReader reader(Path file, String text) {
        return new JsonReader(file.toString(), text.getBytes(StandardCharsets.UTF_8));
    }

    private static String read(Path file) throws Failure {
        try {
            if (Files.size(file) > CONFIG_BYTES_MAX) {
                throw new Failure(file + " is too large");
            }
            return Files.readString(file);
        } catch (IOException e) {
            throw new Failure("reading " + Failure.reason(e), e);
        }
    }

    /** Opens what a sink writes to; false when there is none and the session does without. */
    private static boolean open(TraceConfig.Sink sink, List<HostFd> opened) throws Failure {
        try {
            switch (sink.kind()) {
                case FILE -> opened.add(Donation.append(Path.of(sink.path()).toAbsolutePath()));
                case REMOTE -> opened.add(Donation.connect(sink.path()));
                case NULL -> {
                    // Nothing to open.
                }
            }
            return true;
        } catch (Failure e) {
            if (sink.ignoresError()) {
                System.err.println("ignored: " + e.getMessage());
                return false;
            }
            throw e;
        }
    }

    /** The session as the sandbox takes it. */
    private static String json(TraceConfig config, List<TraceConfig.Sink> sinks) {
        JsonText json = new JsonText().beginObject().name("trace_session").beginObject();
        json.field("name", config.name()).name("points").beginArray();
        for (TraceConfig.Point point : config.points()) {
            json.beginObject().field("name", point.name());
            json.field("context_fields", point.contextFields());
            json.field("optional_fields", point.optionalFields()).endObject();
        }
        json.endArray().name("sinks").beginArray();
        for (TraceConfig.Sink sink : sinks) {
            json.beginObject().field("name", sink.kind().text());
            json.name("config").beginObject().field("path", sink.path()).endObject().endObject();
        }
        return json.endArray().endObject().endObject().text();
    }

    private static void delete(ContainerState state, Arguments arguments) throws Failure {
        String name = arguments.text("--name", TraceConfig.DEFAULT_NAME);
        JsonText json = new JsonText().beginObject().field("name", name);
        Containers.call(state, Methods.DELETE_TRACE_SESSION, json.endObject().text());
    }

    private static String list(ContainerState state) throws Failure {
        JsonReader in = Containers.call(state, Methods.LIST_TRACE_SESSIONS, "{}").reader();
        StringBuilder text = new StringBuilder();
        int count = 0;
        try {
            in.object();
            for (String name = in.nextName(); name != null; name = in.nextName()) {
                in.array();
                while (in.nextElement()) {
                    session(in, text);
                    count++;
                }
            }
        } catch (JsonFault e) {
            throw new Failure("sandbox sent " + e.getMessage(), e);
        }
        return "SESSIONS (" + count + ")\n" + text;
    }

    private static void session(JsonReader in, StringBuilder text) throws JsonFault {
        in.object();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            if (name.equals("name")) {
                text.append('"').append(in.string()).append("\"\n");
                continue;
            }
            in.array();
            while (in.nextElement()) {
                String sink = "";
                long dropped = 0;
                in.object();
                for (String field = in.nextName(); field != null; field = in.nextName()) {
                    if (field.equals("name")) {
                        sink = in.string();
                    } else {
                        dropped = in.number(0, Long.MAX_VALUE);
                    }
                }
                text.append("\tSink: \"").append(sink).append("\", dropped: ");
                text.append(dropped).append('\n');
            }
        }
    }

    private static void procfs(ContainerState state) throws Failure {
        JsonReader in = Containers.call(state, Methods.PROCFS_DUMP, "{}").reader();
        try {
            in.object();
            for (String name = in.nextName(); name != null; name = in.nextName()) {
                System.out.println(in.raw());
            }
        } catch (JsonFault e) {
            throw new Failure("sandbox sent " + e.getMessage(), e);
        }
    }
}
