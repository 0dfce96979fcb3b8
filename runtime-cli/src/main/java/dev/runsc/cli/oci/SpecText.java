package dev.runsc.cli.oci;

import dev.runsc.cli.json.JsonText;
import java.util.List;

/**
 * Writes config.json: the template of {@code runsc spec}, and the specs of commands that need no
 * bundle.
 */
public final class SpecText {
    private static final List<String> TEMPLATE_CAPABILITIES =
            List.of("CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE");

    private SpecText() {}

    /** What varies in a written spec. */
    public record Parameters(
            List<String> args,
            List<String> env,
            String cwd,
            String rootPath,
            boolean rootReadonly,
            boolean terminal,
            boolean allCapabilities,
            String hostname,
            String networkNamespace,
            boolean mounts,
            List<Volume> volumes) {}

    /**
     * A file or directory of the host that is bound into the container.
     *
     * @param erofs whether it is an image that is mounted
     */
    public record Volume(String source, String destination, boolean erofs) {}

    /** The template of {@code runsc spec}. */
    public static String template(List<String> args, String cwd, String networkNamespace) {
        return write(
                new Parameters(
                        args,
                        List.of(
                                "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                                "TERM=xterm"),
                        cwd,
                        "rootfs",
                        true,
                        true,
                        false,
                        "runsc",
                        networkNamespace,
                        true,
                        List.of()));
    }

    /** A document from parameters. */
    public static String write(Parameters p) {
        JsonText json = new JsonText(true);
        json.beginObject();
        json.field("ociVersion", OciSpec.VERSION);
        writeProcess(json, p);
        json.name("root").beginObject();
        json.field("path", p.rootPath()).field("readonly", p.rootReadonly()).endObject();
        if (!p.hostname().isEmpty()) {
            json.field("hostname", p.hostname());
        }
        json.name("mounts").beginArray();
        if (p.mounts()) {
            mount(json, "/proc", "proc", "proc", List.of());
            mount(json, "/dev", "tmpfs", "tmpfs", List.of());
            mount(json, "/sys", "sysfs", "sysfs", List.of("nosuid", "noexec", "nodev", "ro"));
        }
        for (Volume volume : p.volumes()) {
            String type = volume.erofs() ? "erofs" : "bind";
            List<String> options = volume.erofs() ? List.of("ro") : List.of("rbind", "rw");
            mount(json, volume.destination(), type, volume.source(), options);
        }
        json.endArray();
        json.name("linux").beginObject().name("namespaces").beginArray();
        for (String type : List.of("pid", "network", "ipc", "uts", "mount")) {
            json.beginObject().field("type", type);
            if (type.equals("network") && !p.networkNamespace().isEmpty()) {
                json.field("path", p.networkNamespace());
            }
            json.endObject();
        }
        json.endArray().endObject();
        json.endObject();
        return json.text();
    }

    private static void writeProcess(JsonText json, Parameters p) {
        json.name("process").beginObject();
        json.field("terminal", p.terminal());
        json.name("user").beginObject().field("uid", 0).field("gid", 0).endObject();
        json.field("args", p.args()).field("env", p.env()).field("cwd", p.cwd());
        json.name("capabilities").beginObject();
        List<String> names = p.allCapabilities() ? allCapabilities() : TEMPLATE_CAPABILITIES;
        for (String set : List.of("bounding", "effective", "inheritable", "permitted")) {
            json.field(set, names);
        }
        json.endObject();
        if (!p.allCapabilities()) {
            json.name("rlimits").beginArray().beginObject();
            json.field("type", "RLIMIT_NOFILE").field("hard", 1024).field("soft", 1024);
            json.endObject().endArray();
        }
        json.endObject();
    }

    private static List<String> allCapabilities() {
        List<String> names = new java.util.ArrayList<>();
        for (int number = 0; CapabilityNames.ALL >>> number != 0; number++) {
            names.add(CapabilityNames.name(number));
        }
        return names;
    }

    private static void mount(
            JsonText json, String destination, String type, String source, List<String> options) {
        json.beginObject();
        json.field("destination", destination).field("type", type).field("source", source);
        if (!options.isEmpty()) {
            json.field("options", options);
        }
        json.endObject();
    }
}
