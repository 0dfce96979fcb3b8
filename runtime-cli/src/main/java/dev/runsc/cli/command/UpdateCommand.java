package dev.runsc.cli.command;

import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.base.Failure;
import dev.runsc.cli.cgroup.Cgroup;
import dev.runsc.cli.cgroup.Resources;
import dev.runsc.cli.cgroup.ResourcesText;
import dev.runsc.cli.cgroup.ShownGroup;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.container.ContainerLock;
import dev.runsc.cli.container.ContainerState;
import dev.runsc.cli.container.ContainerStatus;
import dev.runsc.cli.container.StateDirectory;
import dev.runsc.cli.control.Methods;
import dev.runsc.cli.json.JsonText;
import dev.runsc.cli.lifecycle.Containers;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code update ID}: changes the limits of a container's cgroup. */
final class UpdateCommand implements Command {
    private static final String FILE = "--resources";
    private static final int FILE_BYTES_MAX = 1 << 20;
    private static final Pattern SIZE = Pattern.compile("(\\d{1,18})([kmgt]?)(i?b)?");

    /** Of one flag: where its value goes in {@code linux.resources}. */
    private record Field(String flag, String object, String field, Form form, String about) {}

    private enum Form {
        NUMBER,
        /** With a unit, as in 512m; -1 for no limit. */
        SIZE,
        TEXT
    }

    private static final List<Field> FIELDS =
            List.of(
                    new Field(
                            "--blkio-weight",
                            "blockIO",
                            "weight",
                            Form.NUMBER,
                            "share of disk time, from 10 to 1000"),
                    new Field(
                            "--cpu-period",
                            "cpu",
                            "period",
                            Form.NUMBER,
                            "microseconds in which the quota may be used up"),
                    new Field(
                            "--cpu-quota",
                            "cpu",
                            "quota",
                            Form.NUMBER,
                            "microseconds of processor time in each period"),
                    new Field(
                            "--cpu-burst",
                            "cpu",
                            "burst",
                            Form.NUMBER,
                            "microseconds that may be saved up beyond the quota"),
                    new Field(
                            "--cpu-share",
                            "cpu",
                            "shares",
                            Form.NUMBER,
                            "share of processor time against others"),
                    new Field(
                            "--cpu-rt-period",
                            "cpu",
                            "realtimePeriod",
                            Form.NUMBER,
                            "the period for realtime scheduling"),
                    new Field(
                            "--cpu-rt-runtime",
                            "cpu",
                            "realtimeRuntime",
                            Form.NUMBER,
                            "microseconds of realtime scheduling in each period"),
                    new Field(
                            "--cpu-idle",
                            "cpu",
                            "idle",
                            Form.NUMBER,
                            "1: run only when nobody else wants to"),
                    new Field("--cpuset-cpus", "cpu", "cpus", Form.TEXT, "processors, as in 0-2,7"),
                    new Field("--cpuset-mems", "cpu", "mems", Form.TEXT, "memory nodes, as in 0-1"),
                    new Field(
                            "--kernel-memory",
                            "memory",
                            "kernel",
                            Form.SIZE,
                            "ignored: Linux has given it up"),
                    new Field(
                            "--kernel-memory-tcp",
                            "memory",
                            "kernelTCP",
                            Form.SIZE,
                            "most memory for TCP buffers"),
                    new Field("--memory", "memory", "limit", Form.SIZE, "most memory, as in 512m"),
                    new Field(
                            "--memory-reservation",
                            "memory",
                            "reservation",
                            Form.SIZE,
                            "memory that is left when it is short"),
                    new Field(
                            "--memory-swap",
                            "memory",
                            "swap",
                            Form.SIZE,
                            "most memory and swap together; -1 for no limit"),
                    new Field(
                            "--pids-limit",
                            "pids",
                            "limit",
                            Form.NUMBER,
                            "most tasks of the container, and most threads of the host; -1 for no"
                                    + " limit"));

    @Override
    public void declare(Options options) {
        options.about(
                "Changes the limits of a container's cgroup, on the host and as it sees them.");
        options.value(
                "FILE",
                "the limits as JSON of linux.resources, - for standard input; then other flags do"
                        + " not count",
                FILE,
                "-r");
        for (Field field : FIELDS) {
            String label = field.form() == Form.TEXT ? "LIST" : "N";
            options.value(label, field.about(), field.flag());
        }
        options.value("SCHEMA", "not supported", "--l3-cache-schema");
        options.value("SCHEMA", "not supported", "--mem-bw-schema");
        options.words("ID", "the container");
    }

    @Override
    public int run(RuntimeConfig config, Arguments arguments) throws Failure {
        String reference = arguments.only("container id");
        for (String flag : List.of("--l3-cache-schema", "--mem-bw-schema")) {
            if (arguments.find(flag) != null) {
                throw new Failure(flag + " is not supported: there is no Intel RDT here");
            }
        }
        Resources wanted = wanted(arguments);
        for (String field : wanted.ignored()) {
            DebugLog.write("linux.resources." + field + " is ignored");
        }
        Containers containers = new Containers(config.root());
        StateDirectory directory = containers.directory();
        String id = directory.resolve(reference);
        try (ContainerLock lock = directory.lock(id)) {
            ContainerState state = containers.check(directory.read(id));
            Containers.require(
                    state, "update", EnumSet.of(ContainerStatus.CREATED, ContainerStatus.RUNNING));
            if (state.cgroup().isNone()) {
                throw new Failure(
                        "container \"" + id + "\" has no cgroup whose limits could be changed");
            }
            Resources before = ResourcesText.parse(state.cgroup().resources());
            Cgroup.open(state.cgroup()).apply(wanted);
            tellKernel(state, before.with(wanted), wanted);
            String now = ResourcesText.write(before.with(wanted));
            directory.write(state.withCgroup(state.cgroup().withResources(now)), lock);
        }
        return 0;
    }

    /** The container sees its limits as well, and is held to that on tasks. */
    private static void tellKernel(ContainerState state, Resources all, Resources changed)
            throws Failure {
        Map<String, String> limits = new LinkedHashMap<>(ShownGroup.limits(all));
        Set<String> files = ShownGroup.limits(changed).keySet();
        boolean period = changed.cpu().period() != null || changed.cpu().burst() != null;
        limits.keySet()
                .removeIf(file -> !files.contains(file) && !(period && file.startsWith("cpu.max")));
        JsonText json = new JsonText().beginObject().field("id", state.id());
        Containers.call(
                state, Methods.CGROUPS_LIMIT, json.field("limits", limits).endObject().text());
    }

    private static Resources wanted(Arguments arguments) throws Failure {
        String file = arguments.find(FILE);
        if (file == null) {
            return ResourcesText.parse(
                    "flags", flagsAsJson(arguments).getBytes(StandardCharsets.UTF_8));
        }
        try (InputStream in = file.equals("-") ? System.in : Files.newInputStream(Path.of(file))) {
            byte[] bytes = in.readNBytes(FILE_BYTES_MAX + 1);
            if (bytes.length > FILE_BYTES_MAX) {
                throw new Failure("reading resources: more than 1 MiB");
            }
            return ResourcesText.parse(file.equals("-") ? "standard input" : file, bytes);
        } catch (IOException | java.nio.file.InvalidPathException e) {
            throw new Failure("reading resources: " + Failure.reason(e), e);
        }
    }

    /** The flags in the form of the file. */
    static String flagsAsJson(Arguments arguments) throws Failure {
        JsonText json = new JsonText().beginObject();
        for (String object : List.of("blockIO", "cpu", "memory", "pids")) {
            json.name(object).beginObject();
            for (Field field : FIELDS) {
                String value = arguments.find(field.flag());
                if (value != null && !value.isEmpty() && field.object().equals(object)) {
                    switch (field.form()) {
                        case TEXT -> json.field(field.field(), value);
                        case SIZE -> json.field(field.field(), size(field.flag(), value));
                        case NUMBER -> json.field(field.field(), number(field.flag(), value));
                    }
                }
            }
            json.endObject();
        }
        return json.endObject().text();
    }

    private static long number(String flag, String value) throws Failure {
        try {
            return Long.parseLong(value);
        } catch (NumberFormatException e) {
            throw new Failure("invalid value \"" + value + "\" for flag " + flag, e);
        }
    }

    private static long size(String flag, String value) throws Failure {
        if (value.equals("-1")) {
            return Resources.UNLIMITED;
        }
        Matcher matcher = SIZE.matcher(value.toLowerCase(Locale.ROOT));
        if (matcher.matches()) {
            try {
                int power = "kmgt".indexOf(matcher.group(2)) + 1;
                int shift = matcher.group(2).isEmpty() ? 0 : 10 * power;
                return Math.multiplyExact(Long.parseLong(matcher.group(1)), 1L << shift);
            } catch (ArithmeticException e) {
                throw new Failure("invalid value \"" + value + "\" for flag " + flag, e);
            }
        }
        throw new Failure("invalid value \"" + value + "\" for flag " + flag);
    }
}
