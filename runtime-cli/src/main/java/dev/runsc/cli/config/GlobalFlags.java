package dev.runsc.cli.config;

import dev.runsc.cli.base.Durations;
import dev.runsc.cli.base.Failure;
import dev.runsc.cli.config.GlobalFlag.Kind;
import dev.runsc.cli.config.GlobalFlag.Use;
import dev.runsc.cli.config.RuntimeConfig.SpecValidation;
import dev.runsc.cli.config.RuntimeConfig.Timings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads the argument vector up to the command. Flags take one dash or two, and end at the first
 * word that is none, as Go's do: people's scripts depend on it.
 */
public final class GlobalFlags {
    /**
     * An argument vector taken apart.
     *
     * @param command null when there is none
     * @param arguments what follows the command
     * @param notes what the debug log should tell about flags
     */
    public record Parsed(
            RuntimeConfig config,
            @Nullable String command,
            List<String> arguments,
            List<String> notes) {}

    /** What {@code --version} counts as. */
    public static final String VERSION_COMMAND = "--version";

    /** How much of a buffer a trace shows by default. */
    private static final int TRACE_BYTES = 1024;

    /** As long as the model waits before it calls a task stuck. */
    private static final int STUCK_MILLIS = 180_000;

    private static final String DEFAULT_ROOT = "/var/run/runsc";

    private final Map<GlobalFlag, String> values = new EnumMap<>(GlobalFlag.class);
    private final List<String> given = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    private GlobalFlags() {}

    /** Takes an argument vector apart. */
    public static Parsed parse(String[] args) throws Failure {
        GlobalFlags flags = new GlobalFlags();
        int index = 0;
        while (index < args.length && isFlag(args[index])) {
            String word = strip(args[index]);
            if (word.equals("-")) {
                index++;
                break;
            }
            if (word.equals("version") || word.equals("v")) {
                return new Parsed(flags.config(), VERSION_COMMAND, List.of(), flags.notes);
            }
            if (word.equals("help") || word.equals("h")) {
                return new Parsed(flags.config(), "help", List.of(), flags.notes);
            }
            index += flags.take(args, index);
        }
        List<String> rest = List.of(args).subList(index, args.length);
        String command = rest.isEmpty() ? null : rest.getFirst();
        return new Parsed(
                flags.config(),
                command,
                rest.isEmpty() ? rest : rest.subList(1, rest.size()),
                flags.notes);
    }

    /**
     * The file of {@code --log} in a vector that may be wrong otherwise, so that the error finds
     * its way.
     */
    public static @Nullable Path findLog(String[] args) {
        for (int i = 0; i < args.length && isFlag(args[i]); i++) {
            String flag = strip(args[i]);
            if (flag.startsWith("log=")) {
                return Path.of(flag.substring(4));
            }
            GlobalFlag known = GlobalFlag.find(flag);
            if (known != null && known.kind == Kind.VALUE) {
                if (known == GlobalFlag.LOG && i + 1 < args.length) {
                    return Path.of(args[i + 1]);
                }
                i++;
            }
        }
        return null;
    }

    /** A flag as help and completion show it. */
    public record Shown(String name, boolean hasValue, String description) {}

    /** The flags that something is done about. */
    public static List<Shown> shown() {
        List<Shown> all = new ArrayList<>();
        for (GlobalFlag flag : GlobalFlag.values()) {
            if (flag.use == Use.USED) {
                all.add(new Shown(flag.flag, flag.kind == Kind.VALUE, flag.description));
            }
        }
        return all;
    }

    /** One line per flag, for {@code runsc help}. */
    public static String describe() {
        StringBuilder text = new StringBuilder();
        for (GlobalFlag flag : GlobalFlag.values()) {
            if (flag.use == Use.USED) {
                text.append(
                        String.format(Locale.ROOT, "  --%-34s %s%n", flag.flag, flag.description));
            }
        }
        return text.toString();
    }

    private static boolean isFlag(String arg) {
        return arg.length() > 1 && arg.charAt(0) == '-';
    }

    private static String strip(String arg) {
        return arg.substring(arg.startsWith("--") && arg.length() > 2 ? 2 : 1);
    }

    /** Takes the flag at an index; returns how many words it is. */
    private int take(String[] args, int index) throws Failure {
        String word = strip(args[index]);
        int equals = word.indexOf('=');
        String name = equals < 0 ? word : word.substring(0, equals);
        GlobalFlag flag = GlobalFlag.find(name);
        if (flag == null) {
            throw new Failure("flag provided but not defined: -" + name);
        }
        given.add(args[index]);
        if (equals >= 0) {
            set(flag, word.substring(equals + 1));
            return 1;
        }
        if (flag.kind == Kind.BOOLEAN) {
            set(flag, "true");
            return 1;
        }
        if (index + 1 >= args.length) {
            throw new Failure("flag needs an argument: -" + name);
        }
        given.add(args[index + 1]);
        set(flag, args[index + 1]);
        return 2;
    }

    private void set(GlobalFlag flag, String value) throws Failure {
        String checked = flag.kind == Kind.BOOLEAN ? String.valueOf(bool(flag, value)) : value;
        switch (flag.use) {
            case USED -> values.put(flag, checked);
            case FIXED -> {
                if (!checked.equals(flag.description)) {
                    throw new Failure("--" + flag.flag + "=" + value + " is not supported");
                }
            }
            case IGNORED ->
                    notes.add("flag --" + flag.flag + "=" + value + " is accepted and ignored");
        }
    }

    private static boolean bool(GlobalFlag flag, String value) throws Failure {
        return switch (value) {
            case "true", "1", "t", "T", "TRUE", "True" -> true;
            case "false", "0", "f", "F", "FALSE", "False" -> false;
            default ->
                    throw new Failure("invalid boolean value \"" + value + "\" for -" + flag.flag);
        };
    }

    private RuntimeConfig config() throws Failure {
        checkPlatform();
        checkNetwork();
        oneOf(GlobalFlag.LOG_FORMAT, "text", "json", "json-k8s");
        oneOf(GlobalFlag.DEBUG_LOG_FORMAT, "text");
        oneOf(GlobalFlag.FILE_ACCESS, "exclusive", "shared");
        oneOf(GlobalFlag.WATCHDOG_ACTION, "log", "panic", "LogWarning", "Panic");
        oneOf(GlobalFlag.SPEC_VALIDATION, "enforce", "warning", "ignore");
        String overlay = overlay();
        String log = values.get(GlobalFlag.LOG);
        boolean trace = is(GlobalFlag.STRACE, false);
        String calls = values.getOrDefault(GlobalFlag.STRACE_SYSCALLS, "");
        boolean rewrite =
                is(GlobalFlag.REWRITE_CALL_SITES, true) && !is(GlobalFlag.NO_PATCHING, false);
        return new RuntimeConfig(
                root(),
                log == null || log.isEmpty() ? null : Path.of(log),
                is(GlobalFlag.DEBUG, false),
                values.getOrDefault(GlobalFlag.DEBUG_LOG, ""),
                values.getOrDefault(GlobalFlag.PANIC_LOG, ""),
                is(GlobalFlag.ALSO_TO_STDERR, false),
                is(GlobalFlag.ROOTLESS, false),
                !overlay.equals("none"),
                overlay.equals("all"),
                values.getOrDefault(GlobalFlag.FILE_ACCESS, "exclusive").equals("shared"),
                !trace ? "" : calls.isEmpty() ? "all" : calls,
                is(GlobalFlag.MARKER_FILE, false),
                is(GlobalFlag.ROOTFS_ARCHIVE, false),
                rewrite,
                number(GlobalFlag.PAUSE_AT_SYSCALL, 0),
                is(GlobalFlag.TIMINGS, false) || is(GlobalFlag.DEBUG, false)
                        ? Timings.ERROR
                        : Timings.NOWHERE,
                validation(values.getOrDefault(GlobalFlag.SPEC_VALIDATION, "enforce")),
                new RuntimeConfig.CgroupUse(
                        is(GlobalFlag.IGNORE_CGROUPS, false),
                        is(GlobalFlag.SYSTEMD_CGROUP, false),
                        is(GlobalFlag.MOUNT_CGROUP_V2, true),
                        is(GlobalFlag.CPU_NUM_FROM_QUOTA, true)),
                new RuntimeConfig.Watch(
                        number(GlobalFlag.STRACE_LOG_SIZE, TRACE_BYTES),
                        is(GlobalFlag.WATCHDOG_ACTION, "panic"),
                        millis(GlobalFlag.WATCHDOG_TIMEOUT, STUCK_MILLIS),
                        values.getOrDefault(GlobalFlag.DEBUG_COMMAND, "")),
                is(GlobalFlag.ALLOW_FLAG_OVERRIDE, false),
                List.copyOf(given));
    }

    private boolean is(GlobalFlag flag, String word) {
        return word.equalsIgnoreCase(values.get(flag));
    }

    private int number(GlobalFlag flag, int otherwise) throws Failure {
        String value = values.getOrDefault(flag, String.valueOf(otherwise));
        try {
            return Integer.parseUnsignedInt(value);
        } catch (NumberFormatException e) {
            throw new Failure("invalid value \"" + value + "\" for flag -" + flag.flag, e);
        }
    }

    private int millis(GlobalFlag flag, int otherwise) throws Failure {
        String value = values.get(flag);
        if (value == null) {
            return otherwise; // reading a duration would cost every start its patterns
        }
        long millis = TimeUnit.NANOSECONDS.toMillis(Durations.parseNanos("-" + flag.flag, value));
        if (millis <= 0 || millis > Integer.MAX_VALUE) {
            throw new Failure("invalid value \"" + value + "\" for flag -" + flag.flag);
        }
        return (int) millis;
    }

    private static SpecValidation validation(String word) {
        return switch (word) {
            case "warning" -> SpecValidation.WARNING;
            case "ignore" -> SpecValidation.IGNORE;
            default -> SpecValidation.ENFORCE;
        };
    }

    private void checkPlatform() throws Failure {
        String platform = values.getOrDefault(GlobalFlag.PLATFORM, "systrap");
        switch (platform) {
            case "systrap" -> {}
            case "ptrace", "kvm" ->
                    throw new Failure(
                            "platform \"" + platform + "\" is not supported; use systrap");
            default -> throw new Failure("invalid platform \"" + platform + "\"");
        }
    }

    private void checkNetwork() throws Failure {
        String network = values.getOrDefault(GlobalFlag.NETWORK, "none");
        switch (network) {
            case "none" -> {}
            case "sandbox", "host", "plugin" ->
                    throw new Failure(
                            "network type \"" + network + "\" is not supported; use none");
            default -> throw new Failure("invalid network type \"" + network + "\"");
        }
    }

    private void oneOf(GlobalFlag flag, String... words) throws Failure {
        String value = values.get(flag);
        if (value != null && !List.of(words).contains(value)) {
            throw new Failure("invalid value \"" + value + "\" for flag -" + flag.flag);
        }
    }

    /** {@code none}, {@code root} or {@code all}: what lies below an overlay in memory. */
    private String overlay() throws Failure {
        String value = values.getOrDefault(GlobalFlag.OVERLAY2, "root:self");
        return switch (value) {
            case "none" -> "none";
            case "root:memory" -> "root";
            case "root:self" -> {
                if (values.containsKey(GlobalFlag.OVERLAY2)) {
                    notes.add(
                            "--overlay2=root:self: the upper layer lies in the sandbox's memory file");
                }
                yield "root";
            }
            case "all:memory", "all:self" -> "all";
            default -> throw new Failure("invalid value \"" + value + "\" for flag -overlay2");
        };
    }

    private Path root() throws Failure {
        String root = values.getOrDefault(GlobalFlag.ROOT, "");
        if (root.isEmpty()) {
            String runtimeDir = System.getenv("XDG_RUNTIME_DIR");
            root =
                    runtimeDir == null || runtimeDir.isEmpty()
                            ? DEFAULT_ROOT
                            : runtimeDir + "/runsc";
        }
        try {
            return Path.of(root).toAbsolutePath().normalize();
        } catch (java.nio.file.InvalidPathException e) {
            throw new Failure("invalid root directory: " + Failure.reason(e), e);
        }
    }

    private boolean is(GlobalFlag flag, boolean otherwise) {
        return Boolean.parseBoolean(values.getOrDefault(flag, String.valueOf(otherwise)));
    }
}
