package dev.runsc.cli.oci;

import dev.runsc.cli.oci.OciSpec.Mount;
import dev.runsc.cli.oci.OciSpec.Namespace;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Whether the spec a snapshot was taken with fits the one it is to be restored into. What a guest
 * could have seen must be equal; what belongs to the host may differ: hostname, environment,
 * cgroup, hooks, the root's path, the sources of mounts.
 */
public final class SpecMatch {
    private static final String OWN_PREFIX = "dev.gvisor.";
    private static final String INTERNAL_PREFIX = "dev.gvisor.internal.";
    private static final String REMAP_PREFIX = "dev.gvisor.container-name-remap.";
    private static final String SPEC_PREFIX = "dev.gvisor.spec.";

    private SpecMatch() {}

    /**
     * The first thing that differs, as a message, or null when the specs fit.
     *
     * @param name the container's in the snapshot
     */
    public static @Nullable String difference(String name, OciSpec saved, OciSpec now) {
        String field = differentField(saved, now);
        return field == null ? null : message(field, name);
    }

    /**
     * What to say where something differs.
     *
     * @param name the container's in the snapshot
     */
    public static String message(String field, String name) {
        return "\"" + field + "\" does not match across checkpoint restore for container: " + name;
    }

    /** True when the limits of the host's cgroup differ, which is worth a warning only. */
    public static boolean resourcesDiffer(OciSpec saved, OciSpec now) {
        return !saved.linux().resources().equals(now.linux().resources());
    }

    private static @Nullable String differentField(OciSpec saved, OciSpec now) {
        Map<String, Boolean> checks = new java.util.LinkedHashMap<>();
        OciProcess before = saved.process();
        OciProcess after = now.process();
        checks.put("OCI Version", saved.ociVersion().equals(now.ociVersion()));
        checks.put("Root.Readonly", saved.root().readonly() == now.root().readonly());
        checks.put("Mounts", mounts(saved).equals(mounts(now)));
        checks.put("Annotations", annotations(saved).equals(annotations(now)));
        checks.put("Terminal", before.terminal() == after.terminal());
        checks.put("Cwd", before.workingDirectory().equals(after.workingDirectory()));
        checks.put("User", before.user().equals(after.user()));
        checks.put("Rlimits", before.rlimits().equals(after.rlimits()));
        checks.put("Args", arguments(before).equals(arguments(after)));
        checks.put(
                "Capabilities",
                java.util.Objects.equals(before.capabilities(), after.capabilities()));
        checks.put("Sysctl", saved.linux().sysctl().equals(now.linux().sysctl()));
        checks.put("Seccomp", saved.linux().seccomp().equals(now.linux().seccomp()));
        checks.put(
                "Devices",
                new HashSet<>(saved.linux().devices())
                        .equals(new HashSet<>(now.linux().devices())));
        checks.put("UIDMappings", saved.linux().uidMappings().equals(now.linux().uidMappings()));
        checks.put("GIDMappings", saved.linux().gidMappings().equals(now.linux().gidMappings()));
        checks.put("Namespace", namespaceTypes(saved).equals(namespaceTypes(now)));
        for (Map.Entry<String, Boolean> check : checks.entrySet()) {
            if (!check.getValue()) {
                return check.getKey();
            }
        }
        return null;
    }

    /** The program is compared by its last name: images may keep it elsewhere. */
    private static List<String> arguments(OciProcess process) {
        List<String> arguments = new ArrayList<>(process.args());
        String program = arguments.getFirst();
        arguments.set(0, program.substring(program.lastIndexOf('/') + 1));
        return arguments;
    }

    /** Type and options by destination; the order of options says nothing. */
    private static Map<String, Set<String>> mounts(OciSpec spec) {
        Map<String, Set<String>> mounts = new TreeMap<>();
        for (Mount mount : spec.mounts()) {
            Set<String> facts = new HashSet<>(mount.options());
            facts.add("type=" + (mount.isBind() ? "bind" : mount.type()));
            if (!mount.users().isEmpty()) {
                facts.add("users=" + mount.users() + ", groups=" + mount.groups());
            }
            mounts.computeIfAbsent(mount.destination(), d -> new HashSet<>()).addAll(facts);
        }
        return mounts;
    }

    private static Map<String, String> annotations(OciSpec spec) {
        Map<String, String> own = new HashMap<>();
        for (Map.Entry<String, String> entry : spec.annotations().entrySet()) {
            String key = entry.getKey();
            if (key.startsWith(OWN_PREFIX)
                    && !key.startsWith(INTERNAL_PREFIX)
                    && !key.startsWith(REMAP_PREFIX)
                    && !(key.startsWith(SPEC_PREFIX) && key.endsWith(".source"))
                    && !key.startsWith("dev.gvisor.flag.debug")) {
                own.put(key, entry.getValue());
            }
        }
        return own;
    }

    private static Set<String> namespaceTypes(OciSpec spec) {
        Set<String> types = new HashSet<>();
        for (Namespace namespace : spec.linux().namespaces()) {
            types.add(namespace.type());
        }
        return types;
    }
}
