package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.restore.Runsc.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a container may use of the host, what it uses, and what the host is told about it. */
class ResourcesTest {
    private static final int OURS = 128;
    private static final String LIMITS =
            """
            {"memory": {"limit": 536870912}, "pids": {"limit": 500},
             "cpu": {"shares": 512, "quota": 150000, "period": 100000, "cpus": "0"},
             "devices": [{"allow": false, "access": "rwm"}]}
            """;

    @TempDir Path scratch;

    private final String parent = "runsc-test-" + ProcessHandle.current().pid();
    private final String cgroup = parent + "/one";
    private Runsc runsc;
    private Path output;

    @BeforeEach
    void prepare() throws Exception {
        runsc = new Runsc(scratch);
        output = Files.createFile(scratch.resolve("output"));
    }

    @AfterEach
    void cleanUp() throws Exception {
        runsc.close();
        assertEquals(List.of(), HostCgroups.found(parent), "nothing stays behind");
    }

    private static boolean canMakeCgroups(String test) throws IOException {
        String obstacle = HostCgroups.obstacle();
        if (!obstacle.isEmpty()) {
            NotRunnable.add("ResourcesTest." + test, obstacle);
        }
        return obstacle.isEmpty();
    }

    /** Adds to the {@code linux} object of a bundle, and an OOM score to its process. */
    private static String extend(Path bundle, String linux) throws IOException {
        Path file = bundle.resolve("config.json");
        String config = Files.readString(file);
        String extended =
                config.replace("\"linux\": {", "\"linux\": {" + linux + ",")
                        .replace("\"cwd\":", "\"oomScoreAdj\": 321, \"cwd\":");
        assertFalse(extended.equals(config), config);
        Files.writeString(file, extended);
        return bundle.toString();
    }

    private String limited(Path bundle) throws IOException {
        return extend(bundle, "\"cgroupsPath\": \"/" + cgroup + "\", \"resources\": " + LIMITS);
    }

    private Path counterBundle() throws IOException {
        return Bundle.write(scratch.resolve("bundle"), List.of("/guest/counter"));
    }

    private void end(String id) throws Exception {
        runsc.call("kill", id, "KILL").expect(0);
        runsc.call("wait", id);
        runsc.call("delete", "--force", id).expect(0);
    }

    private static void says(Outcome outcome, String text) {
        assertTrue(
                (outcome.out().toString() + outcome.err()).contains(text),
                () -> text + " is not in " + outcome);
    }

    @Test
    void limitsHoldFromCreationToDeletion() throws Exception {
        if (!canMakeCgroups("limitsHoldFromCreationToDeletion")) {
            return;
        }
        String bundle = limited(counterBundle());
        Path pidFile = scratch.resolve("pid");
        runsc.callInto(output, "create", "-b", bundle, "--pid-file", pidFile.toString(), "one")
                .expect(0);
        List<String> programs = HostCgroups.programs(cgroup);
        assertTrue(programs.contains("runsc-sandbox"), programs::toString);
        assertTrue(programs.contains("runsc-gofer"), programs::toString);
        Path process = Path.of("/proc", Files.readString(pidFile).strip());
        assertEquals("321", Files.readString(process.resolve("oom_score_adj")).strip());
        assertEquals(
                "536870912",
                HostCgroups.read("memory", cgroup, "memory.limit_in_bytes", "memory.max"));
        assertEquals("500", HostCgroups.read("pids", cgroup, "pids.max", "pids.max"));
        assertEquals("0", HostCgroups.read("cpuset", cgroup, "cpuset.cpus", "cpuset.cpus"));

        runsc.call("start", "one").expect(0);
        Outcome events = runsc.call("events", "--stats", "one").expect(0);
        assertEquals(1, events.out().size(), events::toString);
        says(events, "{\"type\":\"stats\",\"id\":\"one\",\"data\":{\"cpu\":{\"usage\":{");
        says(events, "\"usage\":{\"limit\":536870912,\"usage\":");
        says(events, "\"limit\":500}");

        runsc.call("update", "--memory", "600m", "--pids-limit=400", "one").expect(0);
        assertEquals(
                "629145600",
                HostCgroups.read("memory", cgroup, "memory.limit_in_bytes", "memory.max"));
        assertEquals("400", HostCgroups.read("pids", cgroup, "pids.max", "pids.max"));
        says(runsc.call("read-control", "one", "memory", "/", "memory.max").expect(0), "629145600");
        says(runsc.call("read-control", "one", "pids", "/", "pids.max").expect(0), "400");
        says(runsc.call("read-control", "one", "cpu", "/", "cpu.max").expect(0), "150000 100000");
        Path resources = scratch.resolve("resources.json");
        Files.writeString(resources, "{\"pids\": {\"limit\": 450}}");
        runsc.call("update", "--resources", resources.toString(), "one").expect(0);
        assertEquals("450", HostCgroups.read("pids", cgroup, "pids.max", "pids.max"));
        says(runsc.call("update", "--l3-cache-schema=x", "one").expect(OURS), "not supported");
        says(runsc.call("update", "--cpuset-cpus=99", "one").expect(OURS), "cpuset.cpus");
        end("one");
    }

    @Test
    void guestsSeeTheirLimits() throws Exception {
        if (!canMakeCgroups("guestsSeeTheirLimits")) {
            return;
        }
        Path bundle =
                Bundle.writeHost(
                        scratch.resolve("host"),
                        "/tmp",
                        List.of("/bin/sh", "-c", "nproc; grep MemTotal /proc/meminfo"));
        Outcome outcome = runsc.call("run", "-b", limited(bundle), "one").expect(0);
        assertEquals("1", outcome.out().getFirst(), outcome::toString);
        assertEquals(
                List.of("MemTotal:", "524288", "kB"),
                List.of(outcome.out().getLast().split("\\s+")));
    }

    @Test
    void restoredContainersHaveTheirLimitsToo() throws Exception {
        if (!canMakeCgroups("restoredContainersHaveTheirLimitsToo")) {
            return;
        }
        String bundle = limited(counterBundle());
        runsc.callInto(output, "run", "-d", "-b", bundle, "one").expect(0);
        String image = scratch.resolve("image").toString();
        runsc.call("checkpoint", "--image-path", image, "one").expect(0);
        runsc.call("delete", "--force", "one").expect(0);
        assertEquals(List.of(), HostCgroups.found(parent));
        runsc.callInto(output, "create", "-b", bundle, "two").expect(0);
        runsc.callInto(output, "restore", "-d", "--image-path", image, "-b", bundle, "two")
                .expect(0);
        List<String> programs = HostCgroups.programs(cgroup);
        assertTrue(programs.contains("runsc-sandbox"), programs::toString);
        assertTrue(programs.contains("runsc-gofer"), programs::toString);
        end("two");
    }

    @Test
    void containersOfAPodHaveTheirOwn() throws Exception {
        if (!canMakeCgroups("containersOfAPodHaveTheirOwn")) {
            return;
        }
        String type = "io.kubernetes.cri.container-type";
        String sandbox = "io.kubernetes.cri.sandbox-id";
        Path first =
                Bundle.writePod(
                        scratch.resolve("first"),
                        Map.of(type, "sandbox", sandbox, "one"),
                        null,
                        List.of(),
                        "sleep 1000");
        runsc.callInto(output, "run", "-d", "-b", limited(first), "one").expect(0);
        Path member =
                Bundle.writePod(
                        scratch.resolve("member"),
                        Map.of(
                                type,
                                "container",
                                sandbox,
                                "one",
                                "io.kubernetes.cri.container-name",
                                "m"),
                        null,
                        List.of(),
                        "while true; do :; done");
        String other = parent + "/two";
        String bundle = extend(member, "\"cgroupsPath\": \"/" + other + "\"");
        Path config = member.resolve("config.json");
        Files.writeString(config, Files.readString(config).replace("321", "123"));
        runsc.callInto(output, "run", "-d", "-b", bundle, "two").expect(0);
        assertEquals(List.of("runsc-gofer"), HostCgroups.programs(other));
        String pid = runsc.call("list").expect(0).out().get(1).split(" +")[1];
        Path score = Path.of("/proc", pid, "oom_score_adj");
        assertEquals("123", Files.readString(score).strip(), "the least of both");
        says(runsc.call("events", "--stats", "two").expect(0), "\"limit\":536870912");
        runsc.call("kill", "two", "KILL").expect(0);
        runsc.call("delete", "--force", "two").expect(0);
        assertEquals("321", Files.readString(score).strip(), "the other one's is gone");
        assertEquals(List.of(), HostCgroups.found(other));
        end("one");
    }

    @Test
    void whatFailsLeavesNoCgroup() throws Exception {
        if (!canMakeCgroups("whatFailsLeavesNoCgroup")) {
            return;
        }
        String missing =
                limited(Bundle.write(scratch.resolve("missing"), List.of("/no/such/program")));
        runsc.call("run", "-b", missing, "one").expect(OURS);
        assertEquals(List.of(), HostCgroups.found(parent));
        String wrong =
                extend(
                        counterBundle(),
                        "\"cgroupsPath\": \"/"
                                + cgroup
                                + "\", \"resources\": {\"cpu\": {\"cpus\": \"4000\"}}");
        says(runsc.call("run", "-b", wrong, "one").expect(OURS), "cpuset.cpus");
        assertEquals(List.of(), HostCgroups.found(parent));
        assertEquals(List.of(), runsc.containers());
    }

    @Test
    void cgroupsCanBeLeftAlone() throws Exception {
        String bundle = limited(Bundle.write(scratch.resolve("b"), List.of("/guest/counter")));
        runsc.callInto(output, "--ignore-cgroups", "run", "-d", "-b", bundle, "one").expect(0);
        assertEquals(List.of(), HostCgroups.found(parent));
        Outcome update = runsc.call("update", "--pids-limit=9", "one").expect(OURS);
        says(update, "container \"one\" has no cgroup");
        end("one");
        says(runsc.call("--systemd-cgroup", "run", "-b", bundle, "one").expect(OURS), "systemd");
    }

    @Test
    void statisticsNeedNoCgroup() throws Exception {
        Path bundle = counterBundle();
        runsc.callInto(output, "run", "-d", "-b", bundle.toString(), "one").expect(0);
        Outcome events = runsc.call("events", "--stats", "one").expect(0);
        says(events, "\"total\":");
        says(events, "\"pids\":{\"current\":1}");
        Outcome full = runsc.call("usage", "--full", "one").expect(0);
        for (String kind :
                List.of(
                        "Unknown",
                        "System",
                        "Anonymous",
                        "PageCache",
                        "Mapped",
                        "Tmpfs",
                        "Ramdiskfs",
                        "Total")) {
            says(full, "\"" + kind + "\":");
        }
        says(runsc.call("usage", "one").expect(0), "\"System\":0,");
        says(runsc.call("events", "--interval=nonsense", "one").expect(OURS), "invalid value");
        try (Command command = runsc.start("events", "--interval", "200ms", "one")) {
            command.awaitLine(line -> line.startsWith("{\"type\":\"stats\""));
            command.awaitLine(line -> line.startsWith("{\"type\":\"stats\""));
            runsc.call("kill", "one", "KILL").expect(0);
            assertEquals(0, command.awaitEnd().status(), "it ends with its container");
        }
        says(runsc.call("events", "one").expect(OURS), "cannot get events for container");
        says(runsc.call("usage", "one").expect(OURS), "cannot get usage for container");
        runsc.call("delete", "--force", "one").expect(0);
    }

    @Test
    void kernelParametersAreRefusedByName() throws Exception {
        String bundle = extend(counterBundle(), "\"sysctl\": {\"kernel.nosuch\": \"9\"}");
        says(runsc.call("run", "-b", bundle, "one").expect(OURS), "kernel.nosuch");
    }

    @Test
    void whatIsPassedOverStandsInTheDebugLog() throws Exception {
        String bundle =
                extend(
                        Bundle.write(scratch.resolve("b"), List.of("/no/such/program")),
                        "\"intelRdt\": {}, "
                                + "\"devices\": [{\"path\": \"/dev/fuse\", \"type\": \"c\"}]");
        Path log = scratch.resolve("debug.log");
        runsc.call("--debug", "--debug-log=" + log, "run", "-b", bundle, "one").expect(OURS);
        String text = Files.readString(log);
        for (String name :
                List.of("linux.intelRdt is ignored", "/dev/fuse is there and cannot be opened")) {
            assertTrue(text.contains(name), text);
        }
    }

    @Test
    void saysWhatItIs() throws Exception {
        Outcome features = runsc.call("features").expect(0);
        says(features, "\"ociVersionMax\": ");
        Outcome processor = runsc.call("cpu-features").expect(0);
        assertEquals(1, processor.out().size());
        says(processor, "fpu,");
        Path config = scratch.resolve("daemon.json");
        runsc.call("install", "--config_file", config.toString(), "--runtime", "ours").expect(0);
        String text = Files.readString(config);
        assertTrue(text.contains("\"ours\""), text);
        String program = text.replaceFirst("(?s).*\"path\":\"([^\"]*)\".*", "$1");
        assertTrue(Files.isExecutable(Path.of(program)), text);
        runsc.call("uninstall", "--config_file", config.toString(), "--runtime", "ours").expect(0);
        assertFalse(Files.readString(config).contains("\"ours\""));
        Path bundle = Files.createDirectory(scratch.resolve("written"));
        runsc.call("spec", "--bundle", bundle.toString(), "--cwd=/x", "--", "a", "-b").expect(0);
        String spec = Files.readString(bundle.resolve("config.json"));
        assertTrue(spec.contains("\"cwd\": \"/x\"") && spec.contains("\"-b\""), spec);
        Outcome again = runsc.call("spec", "--bundle", bundle.toString()).expect(OURS);
        says(again, "already exists");
    }
}
