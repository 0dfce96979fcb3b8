package dev.runsc.cli.command;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.config.RuntimeConfig;
import dev.runsc.cli.json.JsonText;
import dev.runsc.cli.oci.CapabilityNames;
import dev.runsc.cli.oci.OciSpec;
import dev.runsc.cli.oci.SeccompProfile;
import java.util.ArrayList;
import java.util.List;

/** {@code features}: what of the runtime specification there is (its features.md). */
final class FeaturesCommand implements Command {
    private static final String VERSION_LEAST = "1.0.0";

    private static final List<String> HOOKS =
            List.of("prestart", "createRuntime", "createContainer", "poststart", "poststop");

    /** Those that do something; file systems have options of their own besides. */
    private static final List<String> MOUNT_OPTIONS =
            List.of(
                    "bind",
                    "dev",
                    "exec",
                    "noatime",
                    "nodev",
                    "nodiratime",
                    "noexec",
                    "nosuid",
                    "private",
                    "rbind",
                    "relatime",
                    "ro",
                    "rprivate",
                    "rslave",
                    "runbindable",
                    "rw",
                    "slave",
                    "strictatime",
                    "suid",
                    "unbindable");

    /** The guest's kernel is the container's own, and so are these; none of the host is joined. */
    private static final List<String> NAMESPACES =
            List.of("cgroup", "ipc", "mount", "network", "pid", "user", "uts");

    @Override
    public void declare(Options options) {
        options.about("Shows what of the OCI runtime specification is supported, as JSON.");
    }

    @Override
    public int run(RuntimeConfig config, Arguments arguments) throws Failure {
        arguments.requireWords(0, 0, "");
        System.out.println(text());
        return 0;
    }

    static String text() {
        JsonText json = new JsonText(true).beginObject();
        json.field("ociVersionMin", VERSION_LEAST).field("ociVersionMax", OciSpec.VERSION);
        json.field("hooks", HOOKS).field("mountOptions", MOUNT_OPTIONS);
        json.name("linux").beginObject();
        json.field("namespaces", NAMESPACES);
        json.field("capabilities", capabilities());
        json.name("cgroup").beginObject();
        json.field("v1", true).field("v2", true);
        json.field("systemd", false).field("systemdUser", false).field("rdma", false);
        json.endObject();
        seccomp(json);
        for (String missing : List.of("apparmor", "selinux", "intelRdt")) {
            json.name(missing).beginObject().field("enabled", false).endObject();
        }
        json.name("mountExtensions").beginObject().name("idmap").beginObject();
        json.field("enabled", false).endObject().endObject();
        json.endObject();
        json.name("annotations").beginObject();
        json.field("dev.runsc.checkpoint.enabled", "true");
        json.endObject();
        return json.endObject().text();
    }

    private static void seccomp(JsonText json) {
        json.name("seccomp").beginObject().field("enabled", true);
        json.field("actions", SeccompProfile.ACTIONS);
        json.field("operators", SeccompProfile.OPERATORS);
        json.field("archs", SeccompProfile.ARCHITECTURES);
        json.field("knownFlags", SeccompProfile.FLAGS);
        json.field("supportedFlags", SeccompProfile.FLAGS);
        json.endObject();
    }

    private static List<String> capabilities() {
        List<String> names = new ArrayList<>();
        for (int number = 0; CapabilityNames.ALL >>> number != 0; number++) {
            names.add(CapabilityNames.name(number));
        }
        return names;
    }
}
