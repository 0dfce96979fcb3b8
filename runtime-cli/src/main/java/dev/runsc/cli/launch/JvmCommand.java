package dev.runsc.cli.launch;

import dev.runsc.gofer.host.HostProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The command lines of our JVMs. An installed runsc has its arguments in {@code jvm.args} of the
 * folder that {@code runsc.dist} names, and one class archive (AOT cache) per role; without that
 * folder, as in tests, a JVM starts with our own class path.
 */
public final class JvmCommand {
    /** What a JVM is for: each has its main class, its flags and its class archive. */
    public enum Role {
        /**
         * Short-lived: the first compiler's code is good enough, and the second one's threads cost.
         */
        CLI("runsc", "dev.runsc.cli.Main", "runsc.aot", "-XX:TieredStopAtLevel=1"),
        /** A command that starts something. The launcher knows which these are. */
        START("runsc", "dev.runsc.cli.Main", "start.aot", "-XX:TieredStopAtLevel=1"),
        /** A command that asks a sandbox something and is gone. The launcher knows these too. */
        QUICK("runsc", "dev.runsc.cli.Main", "quick.aot", "-XX:TieredStopAtLevel=1"),
        /** This and the next have their flags in a file: see finish-dist. */
        GOFER("runsc-gofer", "dev.runsc.gofer.server.GoferMain", "gofer.aot", ""),
        SANDBOX("runsc-sandbox", "dev.runsc.cli.boot.SandboxMain", "sandbox.aot", "");

        final String processName;
        final String mainClass;
        final String archive;

        /** One, or none. */
        final String flags;

        Role(String processName, String mainClass, String archive, String flags) {
            this.processName = processName;
            this.mainClass = mainClass;
            this.archive = archive;
            this.flags = flags;
        }
    }

    /** Of sandbox and gofer, nothing of the caller's: names of files in UTF-8. */
    static final Map<String, String> ENVIRONMENT = Map.of("LC_ALL", "C.UTF-8");

    /**
     * Set while the build makes class archives: the folder into which each JVM writes that of its
     * role when it ends.
     */
    private static final String TRAIN_PROPERTY = "runsc.train";

    /** The only role whose JVMs are trained; null for none. */
    private static volatile @Nullable Role trained;

    private JvmCommand() {}

    /** JVMs started from now on write no class archives; returns where they did. */
    public static String stopTraining() {
        trained = null;
        String folder = System.clearProperty(TRAIN_PROPERTY);
        return folder == null ? "" : folder;
    }

    /** JVMs of one role that are started from now on write class archives into a folder. */
    public static void train(String folder, Role role) {
        if (!folder.isEmpty()) {
            System.setProperty(TRAIN_PROPERTY, folder);
            trained = role;
        }
    }

    /**
     * Ends this process, after whose work nothing is left to do. System.exit would first look up a
     * logger to log that it was called: 25 ms.
     */
    public static void end(int code) {
        Prestarted.endRest();
        System.out.flush();
        System.err.flush();
        if (isTraining()) {
            System.exit(code);
        }
        HostProcess.exit(code);
    }

    /** Whether a JVM of ours must be let end by itself, because it has an archive to write. */
    public static boolean isTraining() {
        return System.getProperty(TRAIN_PROPERTY) != null;
    }

    /** The java program. */
    public static String program() {
        String java = System.getProperty("runsc.java");
        return java != null ? java : System.getProperty("java.home") + "/bin/java";
    }

    /** The argument vector of a JVM, {@code argv[0]} included. */
    public static List<String> arguments(Role role, List<String> more) {
        List<String> arguments = new ArrayList<>();
        arguments.add(role.processName);
        String dist = System.getProperty("runsc.dist");
        if (dist != null && Files.exists(Path.of(dist, "jvm.args"))) {
            arguments.add("@" + dist + "/jvm.args");
            Path own = Path.of(dist, role.archive.replace(".aot", ".args"));
            if (Files.exists(own)) {
                arguments.add("@" + own);
            }
            arguments.addAll(archiveFlags(role, dist));
        } else {
            arguments.add("-XX:+UseSerialGC");
            arguments.add("--enable-native-access=ALL-UNNAMED");
            arguments.add("--sun-misc-unsafe-memory-access=allow");
            arguments.add("-cp");
            arguments.add(System.getProperty("java.class.path"));
            passOn(arguments, "runsc.dist", dist);
            passOn(arguments, "runsc.java", System.getProperty("runsc.java"));
            passOn(arguments, "runsc.stub", System.getProperty("runsc.stub"));
        }
        if (!role.flags.isEmpty()) {
            arguments.add(role.flags);
        }
        arguments.add(role.mainClass);
        arguments.addAll(more);
        return arguments;
    }

    /**
     * The program that users call. It stands at the top of the checkout whose build this is, or is
     * named when another one started us.
     */
    public static Path launcher() {
        String launcher = System.getProperty("runsc.launcher");
        if (launcher != null) {
            return Path.of(launcher);
        }
        Path dist = Path.of(dist()).toAbsolutePath();
        return dist.resolve("../../../runsc").normalize();
    }

    /** The folder of an installed runsc; empty without one. */
    static String dist() {
        return System.getProperty("runsc.dist", "");
    }

    /** The stub program of the platform. */
    public static Path stub() {
        String stub = System.getProperty("runsc.stub");
        return stub != null ? Path.of(stub) : Path.of(dist(), "stub");
    }

    private static List<String> archiveFlags(Role role, String dist) {
        String train = System.getProperty(TRAIN_PROPERTY);
        if (train != null && role == trained) {
            return List.of(
                    "-D" + TRAIN_PROPERTY + "=" + train,
                    "-XX:AOTCacheOutput=" + train + "/" + role.archive);
        }
        Path archive = Path.of(dist, role.archive);
        return Files.exists(archive) ? List.of("-XX:AOTCache=" + archive) : List.of();
    }

    private static void passOn(List<String> arguments, String property, @Nullable String value) {
        if (value != null) {
            arguments.add("-D" + property + "=" + value);
        }
    }
}
