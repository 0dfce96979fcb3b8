package dev.runsc.cli.oci;

import dev.runsc.cli.base.Failure;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a configuration says of saves that its programs may ask for.
 *
 * @param store where they are kept
 * @param resume whether the container goes on after one
 */
public record SaveAnnotations(Path store, boolean resume) {
    /** What all of them begin with. */
    public static final String PREFIX = "dev.gvisor.internal.checkpoint.";

    private static final String ENABLE = PREFIX + "enable";
    private static final String PATH = PREFIX + "path";
    private static final String RESUME = PREFIX + "resume";

    /** About the form of an image: a store has one of its own. */
    private static final Set<String> IGNORED =
            Set.of(
                    PREFIX + "compression",
                    PREFIX + "direct",
                    PREFIX + "exclude-committed-zero-pages");

    /** Reads them; null when programs may not ask. */
    public static @Nullable SaveAnnotations of(OciSpec spec) throws Failure {
        Map<String, String> annotations = spec.annotations();
        for (String key : annotations.keySet()) {
            boolean known = key.equals(ENABLE) || key.equals(PATH) || key.equals(RESUME);
            if (key.startsWith(PREFIX) && !known && !IGNORED.contains(key)) {
                throw new Failure("annotation " + key + " is not supported");
            }
        }
        boolean resume = bool(annotations, RESUME);
        if (!bool(annotations, ENABLE)) {
            return null;
        }
        String path = annotations.getOrDefault(PATH, "");
        try {
            Path store = Path.of(path);
            if (store.isAbsolute()) {
                return new SaveAnnotations(store, resume);
            }
        } catch (InvalidPathException e) {
            throw new Failure("annotation " + PATH + ": " + Failure.reason(e), e);
        }
        throw new Failure("annotation " + ENABLE + " needs " + PATH + ", an absolute path");
    }

    /** One line for each that changes nothing. */
    static List<String> notes(OciSpec spec) {
        List<String> notes = new ArrayList<>();
        for (String key : spec.annotations().keySet()) {
            if (IGNORED.contains(key)) {
                notes.add("annotation " + key + " is ignored");
            }
        }
        return notes;
    }

    private static boolean bool(Map<String, String> annotations, String key) throws Failure {
        String value = annotations.getOrDefault(key, "false");
        return switch (value) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new Failure("annotation " + key + " is neither true nor false");
        };
    }
}
