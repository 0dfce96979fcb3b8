package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a start must not bring to life: parts of the JDK that take 10 to 50 ms of processor time the
 * first time they are used, in each of three JVMs.
 */
class StartupClassesTest {
    private static final Path DIST = Runsc.CHECKOUT.resolve("runtime-cli/target/dist");

    private static final List<String> COSTLY =
            List.of(
                    "java/lang/management/", // sysinfo(2) and the like say the same
                    "java/util/ServiceLoader", // loggers and providers: it opens every jar
                    "java/net/URLConnection", // a resource of a jar
                    "java/time/format/", // Timestamps writes without them
                    "java/lang/invoke/StringConcatFactory", // -XDstringConcat=inline
                    "java/lang/runtime/ObjectMethods", // equals and hashCode of records
                    "java/lang/runtime/SwitchBootstraps", // switches over types
                    "java/lang/ProcessHandle");

    private static final Pattern INITIALIZED = Pattern.compile("Initializing '([^']+)'");

    /** A class that no archive had; those of method handles never are in one. */
    private static final Pattern LOADED = Pattern.compile("\\] ([\\w.$/]+) source: (?!shared).*");

    @TempDir private Path scratch;

    @Test
    void aStartDoesWithoutTheCostlyPartsOfTheJdk() throws Exception {
        check(3, launcher -> List.of(launcher, "--root", scratch + "/root", "do", "/bin/true"));
    }

    /** Its own seccomp profile, cgroup, capabilities and mounts; create, start and delete. */
    @Test
    void soDoesAStartByPodman() throws Exception {
        Path root = new HostClient(scratch).busybox();
        String words =
                "podman --root @/store --runroot @/run --storage-driver=vfs --events-backend=none"
                        + " --cgroup-manager=cgroupfs --runtime # --runtime-flag=root=@/root"
                        + " run --rm --network=none --rootfs "
                        + root
                        + " echo hello";
        check(
                5,
                launcher ->
                        List.of(
                                words.replace("@", scratch.toString())
                                        .replace("#", launcher)
                                        .split(" ")));
    }

    /**
     * Runs a command by a launcher.
     *
     * @param processes how many JVMs it takes
     */
    private void check(int processes, Function<String, List<String>> words) throws Exception {
        if (!Files.exists(DIST.resolve("sandbox.aot"))) {
            NotRunnable.add("StartupClassesTest", "the build could not make class archives");
            return;
        }
        Path launcher = loggingLauncher();
        Path logs = Files.createDirectory(scratch.resolve("logs"));
        HostClient.call(words.apply(launcher.toString())).expect(0);
        List<Path> files = new ArrayList<>();
        try (Stream<Path> all = Files.list(logs)) {
            all.forEach(files::add);
        }
        assertEquals(processes, files.size());
        for (Path file : files) {
            check(Files.readString(file));
        }
    }

    private static void check(String log) {
        List<String> initialized =
                INITIALIZED.matcher(log).results().map(found -> found.group(1)).toList();
        assertFalse(initialized.isEmpty());
        List<String> bad =
                initialized.stream()
                        .filter(name -> COSTLY.stream().anyMatch(name::startsWith))
                        .toList();
        assertEquals(List.of(), bad);
        List<String> loaded =
                LOADED.matcher(log)
                        .results()
                        .map(found -> found.group(1))
                        .filter(name -> !name.startsWith("java.lang.invoke.LambdaForm$"))
                        .toList();
        assertEquals(List.of(), loaded, "classes that no archive holds");
    }

    /** The built artifact, all of whose JVMs say which classes they load and bring to life. */
    private Path loggingLauncher() throws Exception {
        Path dist = scratch.resolve("checkout/runtime-cli/target/dist");
        Files.createDirectories(dist);
        try (Stream<Path> files = Files.list(DIST)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.createSymbolicLink(dist.resolve(file.getFileName()), file);
            }
        }
        rewrite(dist.resolve("launch"), "");
        rewrite(
                dist.resolve("jvm.args"),
                "-Xlog:class+init,class+load:file=" + scratch.resolve("logs/%p") + "\n");
        Path launcher = scratch.resolve("checkout/runsc");
        return Files.copy(
                Runsc.CHECKOUT.resolve("runsc"), launcher, StandardCopyOption.COPY_ATTRIBUTES);
    }

    /** Makes a file of the distribution one of the copy, and adds to it. */
    private static void rewrite(Path file, String more) throws Exception {
        String text = Files.readString(file);
        Files.delete(file);
        // The class path and the archives stay those that belong together.
        Files.writeString(
                file,
                text.replace("built='" + DIST + "'", "built='" + file.getParent() + "'")
                                .replace("-Drunsc.dist=" + DIST, "-Drunsc.dist=" + file.getParent())
                        + more);
    }
}
