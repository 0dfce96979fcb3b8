package dev.runsc.cli.wire;

import dev.runsc.cli.json.JsonFault;
import dev.runsc.cli.json.JsonReader;
import dev.runsc.cli.json.JsonText;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.kernel.ContainerSpec;
import dev.runsc.kernel.ContainerSpec.MountSpec;
import dev.runsc.kernel.LinuxSettings;
import dev.runsc.kernel.ProcessSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The kernel's specs as JSON. Descriptors are left out: the receiver puts its own in. */
public final class SpecCodec {
    private static final int SETS = 5;
    private static final int RLIMIT_MAX = 15;
    private static final int ELEMENTS_MAX = 65_536;

    private SpecCodec() {}

    public static void write(JsonText json, ContainerSpec spec) {
        json.beginObject();
        json.field("id", spec.id());
        json.field("name", spec.name());
        json.field("hostname", spec.hostname());
        json.field("sharedNamespaces", spec.sharedNamespaces());
        json.field("rootErofs", spec.rootErofs());
        json.field("rootReadonly", spec.rootReadonly());
        json.field("rootOverlay", spec.rootOverlay());
        json.name("mounts").beginArray();
        for (MountSpec mount : spec.mounts()) {
            json.beginObject();
            json.field("destination", mount.destination());
            json.field("type", mount.type());
            json.field("source", mount.source());
            json.field("readonly", mount.readonly());
            json.field("options", mount.options());
            json.endObject();
        }
        json.endArray();
        json.field("maskedPaths", spec.maskedPaths());
        json.field("readonlyPaths", spec.readonlyPaths());
        json.field("limits", spec.limits());
        json.field("sandboxFiles", spec.sandboxFiles());
        json.name("linux");
        SettingsCodec.write(json, spec.linux());
        json.name("process");
        write(json, spec.process());
        json.endObject();
    }

    public static void write(JsonText json, ProcessSpec spec) {
        json.beginObject();
        json.field("args", spec.arguments());
        json.field("env", spec.environment());
        json.field("cwd", spec.workingDirectory());
        json.field("uid", spec.uid()).field("gid", spec.gid());
        json.name("groups").beginArray();
        for (int group : spec.additionalGids()) {
            json.value(group);
        }
        json.endArray();
        json.field("umask", spec.umask());
        json.name("capabilities").beginArray();
        for (long set : spec.capabilities()) {
            json.value(set);
        }
        json.endArray();
        json.field("noNewPrivileges", spec.noNewPrivileges());
        json.name("rlimits").beginArray();
        for (Map.Entry<Integer, long[]> limit : spec.resourceLimits().entrySet()) {
            json.beginArray();
            json.value(limit.getKey()).value(limit.getValue()[0]).value(limit.getValue()[1]);
            json.endArray();
        }
        json.endArray();
        json.field("terminal", spec.terminal());
        json.field("oomScoreAdj", spec.oomScoreAdj());
        json.endObject();
    }

    /**
     * Reads a container.
     *
     * @param descriptors what its first process gets
     */
    public static ContainerSpec readContainer(JsonReader in, Map<Integer, HostFd> descriptors)
            throws JsonFault {
        String id = "";
        String name = "";
        String hostname = "";
        Set<String> shared = Set.of();
        boolean rootErofs = false;
        boolean rootReadonly = false;
        boolean rootOverlay = false;
        List<MountSpec> mounts = new ArrayList<>();
        List<String> masked = List.of();
        List<String> readonly = List.of();
        Map<String, String> limits = Map.of();
        Set<String> sandboxFiles = Set.of();
        LinuxSettings linux = LinuxSettings.NONE;
        ProcessSpec process = null;
        in.object();
        for (String field = in.nextName(); field != null; field = in.nextName()) {
            switch (field) {
                case "id" -> id = in.string();
                case "name" -> name = in.string();
                case "hostname" -> hostname = in.string();
                case "sharedNamespaces" -> shared = new LinkedHashSet<>(in.strings());
                case "rootErofs" -> rootErofs = in.bool();
                case "rootReadonly" -> rootReadonly = in.bool();
                case "rootOverlay" -> rootOverlay = in.bool();
                case "mounts" -> {
                    in.array();
                    while (in.nextElement()) {
                        mounts.add(readMount(in));
                    }
                }
                case "maskedPaths" -> masked = in.strings();
                case "readonlyPaths" -> readonly = in.strings();
                case "limits" -> limits = in.stringMap();
                case "sandboxFiles" -> sandboxFiles = new LinkedHashSet<>(in.strings());
                case "linux" -> linux = SettingsCodec.read(in);
                case "process" -> process = readProcess(in, descriptors);
                default -> in.skip();
            }
        }
        if (process == null) {
            throw in.fault("process is missing");
        }
        return new ContainerSpec(
                id,
                name,
                hostname,
                shared,
                rootErofs,
                rootReadonly,
                rootOverlay,
                mounts,
                masked,
                readonly,
                limits,
                sandboxFiles,
                linux,
                process);
    }

    private static MountSpec readMount(JsonReader in) throws JsonFault {
        String destination = "";
        String type = "";
        String source = "";
        boolean readonly = false;
        List<String> options = List.of();
        in.object();
        for (String field = in.nextName(); field != null; field = in.nextName()) {
            switch (field) {
                case "destination" -> destination = in.string();
                case "type" -> type = in.string();
                case "source" -> source = in.string();
                case "readonly" -> readonly = in.bool();
                case "options" -> options = in.strings();
                default -> in.skip();
            }
        }
        return new MountSpec(destination, type, source, readonly, options);
    }

    /** Reads a process. */
    public static ProcessSpec readProcess(JsonReader in, Map<Integer, HostFd> descriptors)
            throws JsonFault {
        List<String> args = List.of();
        List<String> env = List.of();
        String cwd = "/";
        int uid = 0;
        int gid = 0;
        long[] groups = new long[0];
        int umask = 0;
        long[] capabilities = new long[SETS];
        boolean noNewPrivileges = false;
        Map<Integer, long[]> limits = new HashMap<>();
        boolean terminal = false;
        int oomScoreAdj = 0;
        in.object();
        for (String field = in.nextName(); field != null; field = in.nextName()) {
            switch (field) {
                case "args" -> args = in.strings();
                case "env" -> env = in.strings();
                case "cwd" -> cwd = in.string();
                case "uid" -> uid = in.integer(Integer.MIN_VALUE, Integer.MAX_VALUE);
                case "gid" -> gid = in.integer(Integer.MIN_VALUE, Integer.MAX_VALUE);
                case "groups" -> groups = numbers(in);
                case "umask" -> umask = in.integer(0, 0777);
                case "capabilities" -> capabilities = numbers(in);
                case "noNewPrivileges" -> noNewPrivileges = in.bool();
                case "rlimits" -> limits = readLimits(in);
                case "terminal" -> terminal = in.bool();
                case "oomScoreAdj" -> oomScoreAdj = in.integer(-1000, 1000);
                default -> in.skip();
            }
        }
        if (args.isEmpty() || capabilities.length != SETS) {
            throw in.fault("args or capabilities are wrong");
        }
        int[] gids = new int[groups.length];
        for (int i = 0; i < gids.length; i++) {
            gids[i] = (int) groups[i];
        }
        return new ProcessSpec(
                args,
                env,
                cwd,
                uid,
                gid,
                gids,
                umask,
                capabilities,
                noNewPrivileges,
                limits,
                descriptors,
                terminal,
                oomScoreAdj);
    }

    private static Map<Integer, long[]> readLimits(JsonReader in) throws JsonFault {
        Map<Integer, long[]> limits = new HashMap<>();
        in.array();
        while (in.nextElement()) {
            long[] row = numbers(in);
            if (row.length != 3 || row[0] < 0 || row[0] > RLIMIT_MAX) {
                throw in.fault("a limit is a resource and two numbers");
            }
            limits.put((int) row[0], new long[] {row[1], row[2]});
        }
        return limits;
    }

    static long[] numbers(JsonReader in) throws JsonFault {
        List<Long> list = new ArrayList<>();
        in.array();
        while (in.nextElement()) {
            if (list.size() >= ELEMENTS_MAX) {
                throw in.fault("too many elements");
            }
            list.add(in.number(Long.MIN_VALUE, Long.MAX_VALUE));
        }
        long[] numbers = new long[list.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = list.get(i);
        }
        return numbers;
    }
}
