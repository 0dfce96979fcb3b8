package dev.runsc.cli.command;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.container.ContainerState;
import dev.runsc.cli.control.Methods;
import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import dev.runsc.cli.lifecycle.Containers;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** The numbers of sandboxes in Prometheus's text format (version 0.0.4). */
final class Metrics {
    static final String PREFIX = "runsc_";

    private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*");
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]+(\\.[0-9]+)?(E-?[0-9]+)?");

    private record Family(String type, String help, List<String> samples) {}

    private final String prefix;
    private final Pattern wanted;
    private final Map<String, Family> families = new LinkedHashMap<>();

    /**
     * @param prefix of every name
     * @param filter a regular expression for names, less their prefix
     */
    Metrics(String prefix, String filter) throws Failure {
        if (!prefix.isEmpty() && !NAME.matcher(prefix).matches()) {
            throw new Failure("invalid prefix \"" + prefix + "\"");
        }
        this.prefix = prefix;
        try {
            this.wanted = Pattern.compile(filter.isEmpty() ? ".*" : filter);
        } catch (java.util.regex.PatternSyntaxException e) {
            throw new Failure("invalid filter: " + e.getDescription(), e);
        }
    }

    /** Adds the numbers of one sandbox. */
    void add(ContainerState state) throws Failure {
        JsonReader in = Containers.call(state, Methods.METRICS_EXPORT, "{}").reader();
        try {
            in.object();
            for (String name = in.nextName(); name != null; name = in.nextName()) {
                in.array();
                while (in.nextElement()) {
                    metric(in, state.sandbox().id());
                }
            }
        } catch (JsonFault e) {
            throw new Failure("sandbox sent " + e.getMessage(), e);
        }
    }

    private void metric(JsonReader in, String sandbox) throws JsonFault {
        String metric = "";
        String type = "";
        String help = "";
        String value = "";
        in.object();
        for (String name = in.nextName(); name != null; name = in.nextName()) {
            switch (name) {
                case "name" -> metric = in.string();
                case "type" -> type = in.string();
                case "help" -> help = in.string();
                case "value" -> value = in.string();
                default -> in.skip();
            }
        }
        boolean sound =
                NAME.matcher(metric).matches()
                        && (type.equals("gauge") || type.equals("counter"))
                        && NUMBER.matcher(value).matches();
        if (!sound) {
            // A sandbox is not to be trusted with the shape of what others parse.
            throw in.fault("a malformed metric");
        }
        if (wanted.matcher(metric).matches()) {
            add(metric, type, help, "{sandbox=\"" + sandbox + "\"} " + value);
        }
    }

    /** Adds a number of our own. */
    void add(String metric, String type, String help, String sample) {
        families.computeIfAbsent(metric, name -> new Family(type, help, new ArrayList<>()))
                .samples
                .add(sample);
    }

    /** All as text. */
    String text() {
        StringBuilder text = new StringBuilder();
        families.forEach((metric, family) -> {
            String name = prefix + metric;
            String help = family.help.replace("\\", "\\\\").replace("\n", "\\n");
            text.append("# HELP ").append(name).append(' ').append(help).append('\n');
            text.append("# TYPE ").append(name).append(' ').append(family.type).append('\n');
            for (String sample : family.samples) {
                boolean bare = !sample.startsWith("{");
                text.append(name).append(bare ? " " : "").append(sample).append('\n');
            }
        });
        return text.toString();
    }
}
