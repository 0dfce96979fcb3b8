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
 * @param paths which file systems, as {@code fscheckpoint} takes them; empty for its default, and
 *     for saves of the sandbox
 * @param hook what runs around each; null for nothing, and for saves of file systems
 */
public record SaveAnnotations(
        Path store, boolean resume, List<String> paths, @Nullable SaveHook hook) {
    private static final String HOOK = "save-restore-exec-argv";
    private static final String HOOK_TIMEOUT = "save-restore-exec-timeout";

    /** What is saved. */
    public enum Kind {
        /** The sandbox, with its processes. */
        SANDBOX(
                "dev.gvisor.internal.checkpoint.",
                Set.of("enable", "path", "resume", HOOK, HOOK_TIMEOUT)),
        /** Files in its memory. */
        FILES("dev.gvisor.internal.fscheckpoint.", Set.of("enable", "path", "resume", "paths"));

        private final String prefix;
        private final Set<String> known;

        Kind(String prefix, Set<String> known) {
            this.prefix = prefix;
            this.known = known;
        }

        /** What all its annotations begin with. */
        public String prefix() {
            return prefix;
        }
    }

    /** About the form of an image: a store has one of its own. */
    private static final Set<String> IGNORED =
            Set.of("compression", "direct", "exclude-committed-zero-pages");

    /** Reads them; null when programs may not ask. */
    public static @Nullable SaveAnnotations of(OciSpec spec, Kind kind) throws Failure {
        Map<String, String> annotations = spec.annotations();
        for (String key : annotations.keySet()) {
            if (key.startsWith(kind.prefix)) {
                String name = key.substring(kind.prefix.length());
                if (!kind.known.contains(name) && !IGNORED.contains(name)) {
                    throw new Failure("annotation " + key + " is not supported");
                }
            }
        }
        boolean resume = bool(annotations, kind.prefix + "resume");
        SaveHook hook = hook(annotations, kind);
        String enable = kind.prefix + "enable";
        if (!bool(annotations, enable)) {
            return null;
        }
        String paths = annotations.getOrDefault(kind.prefix + "paths", "");
        String place = kind.prefix + "path";
        try {
            Path store = Path.of(annotations.getOrDefault(place, ""));
            if (store.isAbsolute()) {
                return new SaveAnnotations(
                        store,
                        resume,
                        paths.isEmpty() ? List.of() : List.of(paths.split(",")),
                        hook);
            }
        } catch (InvalidPathException e) {
            throw new Failure("annotation " + place + ": " + Failure.reason(e), e);
        }
        throw new Failure("annotation " + enable + " needs " + place + ", an absolute path");
    }

    /** One line for each that changes nothing. */
    static List<String> notes(OciSpec spec) {
        List<String> notes = new ArrayList<>();
        for (String key : spec.annotations().keySet()) {
            for (Kind kind : Kind.values()) {
                if (key.startsWith(kind.prefix)
                        && IGNORED.contains(key.substring(kind.prefix.length()))) {
                    notes.add("annotation " + key + " is ignored");
                }
            }
        }
        return notes;
    }

    private static @Nullable SaveHook hook(Map<String, String> annotations, Kind kind)
            throws Failure {
        String timeout = kind.prefix + HOOK_TIMEOUT;
        try {
            return SaveHook.of(
                    annotations.get(kind.prefix + HOOK), annotations.get(timeout), timeout);
        } catch (Failure e) {
            throw new Failure("annotation " + timeout + ": " + e.getMessage(), e);
        }
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
