package dev.runsc.cli.config;

import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.base.Failure;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Flags that a container's configuration sets for its own sandbox. Whoever wrote it need not be
 * trusted: without {@code --allow-flag-override} only those count that can do no harm.
 */
public final class FlagAnnotations {
    /** In front of the name of a flag. */
    public static final String PREFIX = "dev.gvisor.flag.";

    /** They tell more, where the one who started us has said where to, or take away rights. */
    private static final Set<GlobalFlag> HARMLESS =
            Set.of(
                    GlobalFlag.DEBUG,
                    GlobalFlag.DEBUG_TO_USER_LOG,
                    GlobalFlag.STRACE,
                    GlobalFlag.STRACE_SYSCALLS,
                    GlobalFlag.STRACE_LOG_SIZE,
                    GlobalFlag.MARKER_FILE,
                    GlobalFlag.OCI_SECCOMP);

    /** They are of this command, or of all containers, and looked at before a configuration. */
    private static final Set<GlobalFlag> NEVER =
            Set.of(
                    GlobalFlag.ALLOW_FLAG_OVERRIDE,
                    GlobalFlag.ROOT,
                    GlobalFlag.LOG,
                    GlobalFlag.LOG_FORMAT);

    private FlagAnnotations() {}

    /** The flags with those that annotations set; these come last and win. */
    public static RuntimeConfig apply(RuntimeConfig config, Map<String, String> annotations)
            throws Failure {
        List<String> words = new ArrayList<>(config.flags());
        int given = words.size();
        for (Map.Entry<String, String> each : annotations.entrySet()) {
            String key = each.getKey();
            if (key.startsWith(PREFIX)) {
                GlobalFlag flag = GlobalFlag.find(key.substring(PREFIX.length()));
                if (flag == null) {
                    throw new Failure("annotation " + key + ": there is no such flag");
                }
                require(config, flag, key, each.getValue());
                words.add("--" + flag.flag + "=" + each.getValue());
            }
        }
        if (words.size() == given) {
            return config;
        }
        GlobalFlags.Parsed parsed;
        try {
            parsed = GlobalFlags.parse(words.toArray(String[]::new));
        } catch (Failure e) {
            throw new Failure("annotations " + PREFIX + "*: " + e.getMessage(), e);
        }
        words.subList(given, words.size())
                .forEach(word -> DebugLog.write("set by an annotation: " + word));
        return parsed.config();
    }

    private static void require(RuntimeConfig config, GlobalFlag flag, String key, String value)
            throws Failure {
        if (NEVER.contains(flag)) {
            throw new Failure("annotation " + key + ": a container cannot set this flag");
        }
        // Away from the host; what takes the overlay away opens it to the container.
        boolean keepsWrites = flag == GlobalFlag.OVERLAY2 && !value.equals("none");
        if (!config.allowsFlagOverride() && !HARMLESS.contains(flag) && !keepsWrites) {
            throw new Failure("annotation " + key + ": not without the flag --allow-flag-override");
        }
    }
}
