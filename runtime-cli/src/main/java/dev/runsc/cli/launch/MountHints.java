package dev.runsc.cli.launch;

import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.base.Failure;
import dev.runsc.cli.oci.OciSpec;
import dev.runsc.cli.oci.OciSpec.Mount;
import dev.runsc.kernel.ContainerSpec.MountSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a pod says of its volumes: {@code dev.gvisor.spec.mount.NAME.source}, {@code .type}, {@code
 * .share} (container, pod, shared) and {@code .options}, annotations of the sandbox's first
 * container.
 *
 * <p>A volume of type tmpfs needs no folder of the host: it lies in the sandbox's memory, and all
 * containers that mount its source see the same one. Others are served by gofers as any mount,
 * which always ask the host.
 */
final class MountHints {
    private static final String PREFIX = "dev.gvisor.spec.mount.";

    private final List<Hint> hints = new ArrayList<>();

    private MountHints() {}

    private record Hint(String name, Path source, String type, List<String> options) {}

    /** The hints of a sandbox's first container. */
    static MountHints of(OciSpec first) throws Failure {
        Map<String, Map<String, String>> byName = new LinkedHashMap<>();
        for (Map.Entry<String, String> annotation : first.annotations().entrySet()) {
            String key = annotation.getKey();
            if (!key.startsWith(PREFIX)) {
                continue;
            }
            int dot = key.lastIndexOf('.');
            if (dot < PREFIX.length()) {
                throw new Failure("invalid mount annotation: " + key);
            }
            byName.computeIfAbsent(key.substring(PREFIX.length(), dot), n -> new LinkedHashMap<>())
                    .put(key.substring(dot + 1), annotation.getValue());
        }
        MountHints found = new MountHints();
        for (Map.Entry<String, Map<String, String>> entry : byName.entrySet()) {
            found.add(entry.getKey(), entry.getValue());
        }
        return found;
    }

    private void add(String name, Map<String, String> fields) throws Failure {
        String source = fields.getOrDefault("source", "");
        String type = fields.getOrDefault("type", "");
        String share = fields.getOrDefault("share", "");
        String options = fields.getOrDefault("options", "");
        if (!source.startsWith("/") || !List.of("tmpfs", "bind").contains(type)) {
            throw new Failure(
                    "mount annotation \"" + name + "\": source or type is missing or wrong");
        }
        if (!List.of("container", "pod", "shared").contains(share)) {
            throw new Failure("mount annotation \"" + name + "\": unknown share \"" + share + "\"");
        }
        hints.add(
                new Hint(
                        name,
                        Path.of(source).normalize(),
                        type,
                        options.isEmpty() ? List.of() : List.of(options.split(","))));
    }

    /** The mount that a hint makes of another; null when none does. */
    @Nullable MountSpec find(Mount mount) {
        if (!mount.isBind()) {
            return null;
        }
        for (Hint hint : hints) {
            if (hint.source().toString().equals(Path.of(mount.source()).normalize().toString())) {
                if (!hint.type().equals("tmpfs")) {
                    DebugLog.write("volume " + hint.name() + ": served as any mount");
                    return null;
                }
                boolean readonly = mount.options().contains("ro") || hint.options().contains("ro");
                List<String> options = new ArrayList<>(hint.options());
                options.removeAll(List.of("ro", "rw", "bind", "rbind"));
                return new MountSpec(
                        Path.of("/").resolve(mount.destination()).normalize().toString(),
                        MountSpec.SHARED,
                        hint.name(),
                        readonly,
                        options);
            }
        }
        return null;
    }
}
