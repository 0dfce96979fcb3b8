package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What containers see of mounts that the host makes and undoes while they run, as with runc. */
class PropagationTest {
    /** Names of places below /srv, each with the options of its bind mount. */
    private static final List<List<String>> PLACES =
            List.of(
                    List.of("plain", "rbind"),
                    List.of("slave", "rbind", "rslave"),
                    List.of("shared", "rbind", "rshared"),
                    List.of("private", "rbind", "rprivate"),
                    List.of("unbindable", "rbind", "runbindable"),
                    List.of("top", "bind", "rprivate"));

    @TempDir Path scratch;

    private final List<Path> mounted = new ArrayList<>();
    private Path data;
    private Runsc runsc;

    @BeforeEach
    void prepare() throws Exception {
        runsc = new Runsc(scratch);
        data = Files.createDirectory(scratch.resolve("data"));
    }

    @AfterEach
    void cleanUp() throws Exception {
        runsc.close();
        for (Path place : mounted.reversed()) {
            HostClient.call(List.of("umount", "--lazy", place.toString()));
        }
    }

    private void mount(Path place) throws Exception {
        Files.createDirectories(place);
        HostClient.call(List.of("mount", "-t", "tmpfs", "none", place.toString())).expect(0);
        mounted.add(place);
    }

    private void unmount(Path place) throws Exception {
        HostClient.call(List.of("umount", "--lazy", place.toString())).expect(0);
        mounted.remove(place);
    }

    /** A shared mount with another below it; false, and the test is named, where that cannot be. */
    private boolean share(String test) throws Exception {
        List<String> words = List.of("mount", "-t", "tmpfs", "none", data.toString());
        Runsc.Outcome outcome = HostClient.call(words);
        if (outcome.status() != 0) {
            NotRunnable.add("PropagationTest." + test, "nothing can be mounted: " + outcome.err());
            return false;
        }
        mounted.add(data);
        HostClient.call(List.of("mount", "--make-shared", data.toString())).expect(0);
        mount(data.resolve("before"));
        Files.createFile(data.resolve("before/x"));
        Files.createDirectory(data.resolve("late"));
        return true;
    }

    private String bundle(String rootPropagation) throws IOException {
        StringBuilder mounts = new StringBuilder();
        for (List<String> place : PLACES) {
            String options = '"' + String.join("\", \"", place.subList(1, place.size())) + '"';
            mounts.append(ScriptTest.bind(data, "/srv/" + place.getFirst(), options));
        }
        String bundle =
                ScriptTest.busybox(
                        scratch,
                        "\"linux\": {",
                        "\"linux\": {\"rootfsPropagation\": \"" + rootPropagation + "\",",
                        ScriptTest.MOUNTS_END,
                        ScriptTest.further(mounts.toString()));
        for (List<String> place : PLACES) {
            Files.createDirectories(scratch.resolve("rootfs/srv").resolve(place.getFirst()));
        }
        return bundle;
    }

    /** Ours, and runc where it is installed. */
    private List<List<String>> runtimes() {
        List<List<String>> runtimes = new ArrayList<>(List.of(runsc.words()));
        if (Files.exists(Path.of("/usr/sbin/runc"))) {
            runtimes.add(List.of("runc", "--root", scratch.resolve("runc").toString()));
        }
        return runtimes;
    }

    private void start(List<List<String>> runtimes, String bundle) throws Exception {
        for (List<String> runtime : runtimes) {
            List<String> words = new ArrayList<>(runtime);
            words.addAll(List.of("run", "--detach", "--bundle", bundle, "one"));
            Path output = Files.createTempFile(scratch, "output", "");
            Process process =
                    new ProcessBuilder(words)
                            .redirectErrorStream(true)
                            .redirectOutput(output.toFile())
                            .start();
            process.getOutputStream().close();
            process.waitFor(Command.PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertEquals(0, process.exitValue(), Files.readString(output));
        }
    }

    /** What each container sees: every place with the files below it. */
    private static List<List<String>> look(List<List<String>> runtimes) throws Exception {
        List<List<String>> seen = new ArrayList<>();
        for (List<String> runtime : runtimes) {
            String script =
                    "for place in /srv/*; do echo $place; cd $place; "
                            + "for dir in before before/deep late; do ls $dir 2> /dev/null; done; done";
            seen.add(HostClient.call(runtime, "exec", "one", "sh", "-c", script).expect(0).out());
        }
        return seen;
    }

    /** What is seen, as {@link #look} says it. */
    private static List<String> seen(String follows, String isPrivate, String alone) {
        List<String> lines = new ArrayList<>();
        for (String place : List.of("plain", "private", "shared", "slave", "top", "unbindable")) {
            lines.add("/srv/" + place);
            String names =
                    switch (place) {
                        case "top" -> alone;
                        case "private", "unbindable" -> isPrivate;
                        default -> follows;
                    };
            lines.addAll(names.isEmpty() ? List.of() : List.of(names.split(" ")));
        }
        return lines;
    }

    @Test
    void laterMountsComeWhereTheyAreWanted() throws Exception {
        if (!share("laterMountsComeWhereTheyAreWanted")) {
            return;
        }
        List<List<String>> runtimes = runtimes();
        try {
            start(runtimes, bundle("rslave"));
            check(runtimes, seen("x", "x", ""));
            mount(data.resolve("late"));
            Files.createFile(data.resolve("late/y"));
            mount(data.resolve("before/deep"));
            Files.createFile(data.resolve("before/deep/z"));
            check(runtimes, seen("deep x z y", "deep x", ""));
            unmount(data.resolve("before/deep"));
            unmount(data.resolve("late"));
            check(runtimes, seen("deep x", "deep x", ""));
            unmount(data.resolve("before"));
            check(runtimes, seen("", "deep x", ""));
        } finally {
            end(runtimes);
        }
    }

    @Test
    void aPrivateRootCutsAllOff() throws Exception {
        if (!share("aPrivateRootCutsAllOff")) {
            return;
        }
        List<List<String>> runtimes = runtimes();
        try {
            start(runtimes, bundle("rprivate"));
            mount(data.resolve("late"));
            Files.createFile(data.resolve("late/y"));
            check(runtimes, seen("x", "x", ""));
        } finally {
            end(runtimes);
        }
    }

    private static void check(List<List<String>> runtimes, List<String> wanted) throws Exception {
        for (List<String> each : look(runtimes)) {
            assertEquals(wanted, each);
        }
    }

    private static void end(List<List<String>> runtimes) throws Exception {
        for (List<String> runtime : runtimes) {
            HostClient.call(runtime, "delete", "--force", "one").expect(0);
        }
    }

    /** Copies of mounts are the gofer's own: they go with it, however it ends. */
    @Test
    void nothingStaysMountedWhenAllAreKilled() throws Exception {
        if (!share("nothingStaysMountedWhenAllAreKilled")) {
            return;
        }
        Path table = Path.of("/proc/self/mountinfo");
        List<String> before = Files.readAllLines(table);
        List<List<String>> ours = List.of(runsc.words());
        start(ours, bundle("rprivate"));
        check(ours, seen("x", "x", ""));
        assertEquals(before, Files.readAllLines(table));
        Footprint all = Footprint.of(runsc, "one");
        all.sandbox().destroyForcibly();
        all.gofer().destroyForcibly();
        all.awaitGone();
        assertEquals(before, Files.readAllLines(table));
        for (Path place : List.of(data.resolve("before"), data)) {
            HostClient.call(List.of("umount", place.toString())).expect(0);
            mounted.remove(place);
        }
    }
}
