package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.restore.Runsc.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Containers in cgroups of version 2: what is made and written there, beside what runc does in the
 * same place, and that it goes again.
 */
class UnifiedCgroupTest {
    private static final int OURS = 128;

    /** The files whose content is compared, where there are such. */
    private static final List<String> FILES =
            List.of(
                    "cgroup.controllers",
                    "cgroup.subtree_control",
                    "cgroup.type",
                    "cgroup.freeze",
                    "cgroup.max.depth",
                    "cgroup.max.descendants",
                    "cpu.max",
                    "cpu.weight",
                    "cpuset.cpus",
                    "cpuset.mems",
                    "hugetlb.2MB.max",
                    "io.weight",
                    "memory.low",
                    "memory.max",
                    "memory.swap.max",
                    "pids.max");

    private static final List<String> RESOURCES =
            List.of(
                    "{}",
                    "{\"memory\": {\"limit\": 200003584, \"reservation\": 100003840}}",
                    "{\"memory\": {\"swappiness\": 10}}",
                    "{\"cpu\": {\"shares\": 512}}",
                    "{\"cpu\": {\"quota\": 50000, \"period\": 100000}}",
                    "{\"cpu\": {\"cpus\": \"0\"}}",
                    "{\"pids\": {\"limit\": 500}}",
                    "{\"pids\": {\"limit\": 0}}",
                    "{\"hugepageLimits\": [{\"pageSize\": \"2MB\", \"limit\": 4194304}]}",
                    "{\"hugepageLimits\": [{\"pageSize\": \"1TB\", \"limit\": 4194304}]}",
                    "{\"unified\": {\"cgroup.max.depth\": \"5\", \"hugetlb.2MB.max\": \"2097152\"}}",
                    "{\"unified\": {\"memory.max\": \"200003584\"}}",
                    "{\"unified\": {\"nosuch.max\": \"1\"}}",
                    "{\"unified\": {\"cgroup.nosuch\": \"1\"}}",
                    "{\"unified\": {\"cgroup.max.depth\": \"nonsense\"}}",
                    "{\"unified\": {\"../cgroup.max.depth\": \"1\"}}",
                    "{\"unified\": {\"cgroup\": \"1\"}}",
                    "{\"network\": {\"classID\": 1}}");

    @TempDir Path scratch;

    private final String parent = "runsc-unified-" + ProcessHandle.current().pid();
    private final String own = parent + "/one";
    private @Nullable UnifiedCgroups opened;
    private @Nullable Runsc runsc;

    /** Whether the test can run. */
    private boolean open(String test) throws Exception {
        opened = UnifiedCgroups.open("UnifiedCgroupTest." + test);
        if (opened != null) {
            runsc = new Runsc(scratch, opened.prefix());
        }
        return opened != null;
    }

    private UnifiedCgroups cgroups() {
        return java.util.Objects.requireNonNull(opened);
    }

    private Runsc runsc() {
        return java.util.Objects.requireNonNull(runsc);
    }

    @AfterEach
    void cleanUp() throws Exception {
        UnifiedCgroups cgroups = opened;
        if (cgroups != null) {
            runsc().close();
            List<String> left = cgroups.tree(parent);
            cgroups.close();
            assertEquals(List.of(), left, "nothing stays behind");
        }
    }

    private String bundle(String path, String resources) throws IOException {
        return ScriptTest.busybox(
                scratch,
                "\"linux\": {",
                "\"linux\": {\"cgroupsPath\": \"" + path + "\", \"resources\": " + resources + ",");
    }

    private Outcome create(String path, String resources) throws Exception {
        String bundle = bundle(path, resources);
        return runsc().callInto(scratch.resolve("output"), "create", "-b", bundle, "one");
    }

    private static void says(Outcome outcome, String text) {
        ScriptTest.says(outcome, text);
    }

    // ---- Beside runc

    /** How to call a runtime, up to its command. */
    private List<String> words(boolean ours, List<String> prefix) {
        if (ours) {
            return new Runsc(scratch, prefix).words();
        }
        List<String> words = new ArrayList<>(prefix);
        words.addAll(List.of("runc", "--root", scratch.resolve("runc").toString()));
        return words;
    }

    private static Outcome call(List<String> runtime, String... arguments) throws Exception {
        return HostClient.call(runtime, arguments);
    }

    /** What a runtime makes of a configuration, as text by cgroup. */
    private Map<String, String> made(boolean ours, List<String> prefix, String path, String wanted)
            throws Exception {
        List<String> runtime = words(ours, prefix);
        Path output = Files.createTempFile(scratch, "created", "");
        List<String> create = new ArrayList<>(runtime);
        create.addAll(List.of("create", "--bundle", bundle(path, wanted), "one"));
        Process process =
                new ProcessBuilder(create)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        process.getOutputStream().close();
        assertTrue(process.waitFor(Command.PATIENCE_SECONDS, TimeUnit.SECONDS));
        Map<String, String> made = new TreeMap<>();
        if (process.exitValue() == 0) {
            for (String each : cgroups().tree(parent)) {
                made.put(each, contents(each));
            }
        }
        call(runtime, "delete", "--force", "one").expect(0);
        return made;
    }

    private String contents(String cgroup) throws IOException {
        StringBuilder text = new StringBuilder();
        for (String file : FILES) {
            if (Files.exists(cgroups().path(cgroup + "/" + file))) {
                text.append(file).append('=').append(cgroups().text(cgroup + "/" + file));
                text.append('\n');
            }
        }
        boolean populated = cgroups().text(cgroup + "/cgroup.events").contains("populated 1");
        return text.append("populated=").append(populated).toString();
    }

    /** The files that are written, and what is refused. */
    @Test
    void limitsAreWhatRuncMakesOfThem() throws Exception {
        if (!open("limitsAreWhatRuncMakesOfThem") || !hasRunc("limitsAreWhatRuncMakesOfThem")) {
            return;
        }
        List<String> prefix = cgroups().prefix();
        int accepted = 0;
        for (String wanted : RESOURCES) {
            Map<String, String> theirs = made(false, prefix, "/" + own, wanted);
            cgroups().remove(parent);
            Map<String, String> ours = made(true, prefix, "/" + own, wanted);
            assertEquals(List.of(), cgroups().tree(parent), wanted);
            assertEquals(theirs, ours, wanted);
            accepted += ours.isEmpty() ? 0 : 1;
        }
        assertTrue(accepted > 5, "most of those that need no controller");
    }

    /** Where a cgroup comes when its path is relative, or leads upwards. */
    @Test
    void pathsLeadWhereRuncFollowsThem() throws Exception {
        if (!open("pathsLeadWhereRuncFollowsThem") || !hasRunc("pathsLeadWhereRuncFollowsThem")) {
            return;
        }
        Files.createDirectories(cgroups().path(parent + "/ours"));
        List<String> prefix = cgroups().prefixIn(parent + "/ours");
        try {
            for (String path :
                    List.of("x", "x/y/z", "../../x", "/" + parent + "/a//b/../c", "/../" + own)) {
                Map<String, String> theirs = made(false, prefix, path, "{}");
                for (String name : List.of("x", "a", "one")) {
                    cgroups().remove(parent + "/" + name);
                }
                Map<String, String> ours = made(true, prefix, path, "{}");
                assertEquals(theirs, ours, path);
                assertFalse(ours.isEmpty(), path);
            }
            assertEquals(List.of(parent, parent + "/ours"), cgroups().tree(parent));
        } finally {
            cgroups().remove(parent);
        }
    }

    private static boolean hasRunc(String test) throws IOException {
        boolean there = Files.exists(Path.of("/usr/sbin/runc"));
        if (!there) {
            NotRunnable.add("UnifiedCgroupTest." + test, "runc is not installed");
        }
        return there;
    }

    // ---- From creation to deletion

    @Test
    void aContainerLivesInItsCgroup() throws Exception {
        if (!open("aContainerLivesInItsCgroup")) {
            return;
        }
        create("/" + own, "{\"unified\": {\"cgroup.max.descendants\": \"10\"}}").expect(0);
        List<String> programs = new ArrayList<>();
        for (String pid : cgroups().words(own + "/cgroup.procs")) {
            programs.add(Files.readString(Path.of("/proc", pid, "cmdline")).split("\0")[0]);
        }
        assertTrue(programs.contains("runsc-sandbox"), programs::toString);
        assertTrue(programs.contains("runsc-gofer"), programs::toString);
        runsc().call("start", "one").expect(0);
        says(runsc().call("exec", "one", "echo", "hello").expect(0), "hello");
        Outcome events = runsc().call("events", "--stats", "one").expect(0);
        says(events, "\"cpu\":{\"usage\":{\"kernel\":");
        assertTrue(events.out().getFirst().matches(".*\"memory\":.*\"usage\":[1-9].*"));
        says(events, "\"pids\":{\"current\":1}");

        Path file = scratch.resolve("resources.json");
        Files.writeString(file, "{\"unified\": {\"cgroup.max.depth\": \"3\"}}");
        runsc().call("update", "--resources", file.toString(), "one").expect(0);
        assertEquals("3", cgroups().text(own + "/cgroup.max.depth"));
        assertEquals("10", cgroups().text(own + "/cgroup.max.descendants"));
        Files.writeString(file, "{\"unified\": {\"cgroup.freeze\": \"1\"}}");
        says(runsc().call("update", "-r", file.toString(), "one").expect(OURS), "cgroup.freeze");
        boolean hasPids = cgroups().words("cgroup.controllers").contains("pids");
        Outcome update = runsc().call("update", "--pids-limit=400", "one");
        says(update.expect(hasPids ? 0 : OURS), hasPids ? "" : "pids.max");

        runsc().call("pause", "one").expect(0);
        assertTrue(runsc().call("state", "one").out().toString().contains("paused"));
        runsc().call("resume", "one").expect(0);
        assertTrue(cgroups().text(own + "/cgroup.events").contains("populated 1"));
        runsc().call("kill", "one", "KILL").expect(0);
        runsc().call("wait", "one");
        runsc().call("delete", "one").expect(0);
        assertEquals(List.of(), cgroups().tree(parent));
    }

    /** Also what another has made below, and what was frozen from outside. */
    @Test
    void deletionEndsAllThatIsInIt() throws Exception {
        if (!open("deletionEndsAllThatIsInIt")) {
            return;
        }
        create("/" + own, "{}").expect(0);
        runsc().call("start", "one").expect(0);
        String inner = own + "/a/b";
        Files.createDirectories(cgroups().path(inner));
        Process stranger = new ProcessBuilder("sleep", "1000").start();
        try {
            cgroups().write(inner + "/cgroup.procs", String.valueOf(stranger.pid()));
            cgroups().write(own + "/cgroup.freeze", "1");
            runsc().call("delete", "--force", "one").expect(0);
            assertTrue(stranger.waitFor(Command.PATIENCE_SECONDS, TimeUnit.SECONDS));
        } finally {
            stranger.destroyForcibly();
        }
        assertEquals(List.of(), cgroups().tree(parent));
    }

    /** A cgroup that was there before stays, with who is in it. */
    @Test
    void whatWasThereBeforeStays() throws Exception {
        if (!open("whatWasThereBeforeStays")) {
            return;
        }
        Files.createDirectories(cgroups().path(own));
        Process stranger = new ProcessBuilder("sleep", "1000").start();
        try {
            cgroups().write(own + "/cgroup.procs", String.valueOf(stranger.pid()));
            create("/" + own, "{}").expect(0);
            runsc().call("delete", "--force", "one").expect(0);
            assertTrue(stranger.isAlive());
            assertEquals(List.of(parent, own), cgroups().tree(parent));
        } finally {
            stranger.destroyForcibly().waitFor();
            cgroups().remove(parent);
        }
    }

    /** Where processes would not run, or cannot be, no container is made. */
    @Test
    void cgroupsThatCannotBeUsedAreRefusedByName() throws Exception {
        if (!open("cgroupsThatCannotBeUsedAreRefusedByName")) {
            return;
        }
        Files.createDirectories(cgroups().path(own));
        try {
            cgroups().write(own + "/cgroup.freeze", "1");
            says(create("/" + own, "{}").expect(OURS), "is frozen");
            cgroups().write(own + "/cgroup.freeze", "0");
            cgroups().write(parent + "/cgroup.freeze", "1");
            says(create("/" + parent + "/two", "{}").expect(OURS), "is frozen");
            cgroups().write(parent + "/cgroup.freeze", "0");
            for (String file : List.of("cgroup.procs", "cgroup.freeze", "cgroup.kill")) {
                String wanted = "{\"unified\": {\"" + file + "\": \"1\"}}";
                says(create("/" + parent + "/two", wanted).expect(OURS), file);
            }
            for (String controller : cgroups().words(parent + "/cgroup.subtree_control")) {
                cgroups().write(parent + "/cgroup.subtree_control", "-" + controller);
            }
            cgroups().write(own + "/cgroup.type", "threaded");
            says(create("/" + parent + "/two", "{}").expect(OURS), "domain invalid");
            assertEquals(List.of(parent, own), cgroups().tree(parent));
        } finally {
            cgroups().write(parent + "/cgroup.freeze", "0");
            cgroups().remove(parent);
        }
        assertFalse(runsc().containers().contains("one"));
        says(create("/", "{}").expect(OURS), "root cgroup");
    }
}
