package dev.runsc.cli.image;

import dev.runsc.cli.oci.SpecMatch;
import dev.runsc.kernel.ContainerSpec;
import dev.runsc.kernel.ContainerSpec.MountSpec;
import dev.runsc.kernel.LinuxSettings;
import dev.runsc.kernel.LinuxSettings.Filter;
import dev.runsc.kernel.ProcessSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * {@link SpecMatch} for images that have no more of a configuration than the kernel has been told.
 */
final class ContainerMatch {
    private ContainerMatch() {}

    /** The first thing that differs, as a message, or null when the containers fit. */
    static @Nullable String difference(ContainerSpec saved, ContainerSpec now) {
        for (Map.Entry<String, Boolean> check : checks(saved, now).entrySet()) {
            if (!check.getValue()) {
                return SpecMatch.message(check.getKey(), saved.name());
            }
        }
        return null;
    }

    private static Map<String, Boolean> checks(ContainerSpec saved, ContainerSpec now) {
        ProcessSpec before = saved.process();
        ProcessSpec after = now.process();
        LinuxSettings was = saved.linux();
        LinuxSettings is = now.linux();
        Map<String, Boolean> checks = new LinkedHashMap<>();
        checks.put("Root.Readonly", saved.rootReadonly() == now.rootReadonly());
        checks.put("Mounts", mounts(saved).equals(mounts(now)));
        checks.put("Terminal", before.terminal() == after.terminal());
        checks.put("Cwd", before.workingDirectory().equals(after.workingDirectory()));
        checks.put(
                "User",
                before.uid() == after.uid()
                        && before.gid() == after.gid()
                        && before.umask() == after.umask()
                        && Arrays.equals(before.additionalGids(), after.additionalGids()));
        checks.put("Rlimits", limits(before).equals(limits(after)));
        checks.put("Args", arguments(before).equals(arguments(after)));
        checks.put("Capabilities", Arrays.equals(before.capabilities(), after.capabilities()));
        checks.put("Sysctl", was.sysctls().equals(is.sysctls()));
        checks.put("Seccomp", filter(was).equals(filter(is)));
        checks.put("Devices", new HashSet<>(was.devices()).equals(new HashSet<>(is.devices())));
        checks.put("UIDMappings", was.uids().equals(is.uids()));
        checks.put("GIDMappings", was.gids().equals(is.gids()));
        checks.put("Namespace", saved.sharedNamespaces().equals(now.sharedNamespaces()));
        return checks;
    }

    /** Type and options by destination; sources are the host's, and the order says nothing. */
    private static Map<String, Set<String>> mounts(ContainerSpec spec) {
        Map<String, Set<String>> mounts = new TreeMap<>();
        for (MountSpec mount : spec.mounts()) {
            Set<String> facts = new HashSet<>(mount.options());
            facts.add("type=" + mount.type());
            facts.add("readonly=" + mount.readonly());
            mounts.computeIfAbsent(mount.destination(), _ -> new HashSet<>()).addAll(facts);
        }
        return mounts;
    }

    private static Map<Integer, List<Long>> limits(ProcessSpec process) {
        Map<Integer, List<Long>> limits = new TreeMap<>();
        process.resourceLimits().forEach((key, two) -> limits.put(key, List.of(two[0], two[1])));
        return limits;
    }

    /** The program is compared by its last name: images may keep it elsewhere. */
    private static List<String> arguments(ProcessSpec process) {
        List<String> arguments = new ArrayList<>(process.arguments());
        String program = arguments.getFirst();
        arguments.set(0, program.substring(program.lastIndexOf('/') + 1));
        return arguments;
    }

    private static String filter(LinuxSettings settings) {
        Filter filter = settings.filter();
        return filter == null ? "" : Arrays.toString(filter.instructions()) + filter.logs();
    }
}
