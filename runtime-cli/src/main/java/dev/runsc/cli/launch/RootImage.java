package dev.runsc.cli.launch;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.oci.OciSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An EROFS image as a container's root, in place of {@code root.path}: {@code
 * dev.gvisor.spec.rootfs.source}, {@code .type} and {@code .overlay}, annotations of the container.
 *
 * @param source the image, absolute
 * @param overlay whether what is written stays in memory; else nothing can be written
 */
record RootImage(Path source, boolean overlay) {
    private static final String PREFIX = "dev.gvisor.spec.rootfs.";
    private static final Set<String> FIELDS = Set.of("source", "type", "overlay");

    /** What the annotations say; null when there are none. */
    static @Nullable RootImage of(OciSpec spec) throws Failure {
        Map<String, String> fields = new TreeMap<>();
        for (Map.Entry<String, String> annotation : spec.annotations().entrySet()) {
            String key = annotation.getKey();
            if (key.startsWith(PREFIX)) {
                fields.put(key.substring(PREFIX.length()), annotation.getValue());
            }
        }
        if (fields.isEmpty()) {
            return null;
        }
        for (String field : fields.keySet()) {
            if (!FIELDS.contains(field)) {
                throw new Failure("annotation " + PREFIX + field + " is not supported");
            }
        }
        String source = fields.getOrDefault("source", "");
        String type = fields.getOrDefault("type", "");
        if (!source.startsWith("/") || source.indexOf('\0') >= 0) {
            throw new Failure("annotation " + PREFIX + "source is no absolute path");
        }
        if (!type.equals("erofs")) {
            throw new Failure("annotation " + PREFIX + "type is not erofs but \"" + type + "\"");
        }
        Path image = Path.of(source).normalize();
        if (!Files.isRegularFile(image)) {
            throw new Failure("annotation " + PREFIX + "source: " + image + " is no file");
        }
        return new RootImage(image, overlay(fields.getOrDefault("overlay", "none")));
    }

    private static boolean overlay(String medium) throws Failure {
        return switch (medium) {
            case "none" -> false;
            case "memory" -> true;
            default ->
                    throw new Failure(
                            "annotation " + PREFIX + "overlay is neither none nor memory");
        };
    }
}
