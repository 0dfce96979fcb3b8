package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.restore.Runsc.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Control groups of the sandbox's own kernel, from inside and from outside. What Linux does with
 * controllers of version 2 is taken from its documentation and sources: machines that have them in
 * version 1 cannot show it.
 */
class GuestGroupsTest {
    private static final int OURS = 128;

    private static final String LIMITS =
            "\"resources\": {\"memory\": {\"limit\": 268435456}, \"pids\": {\"limit\": 40},"
                    + " \"cpu\": {\"quota\": 150000, \"period\": 100000}},";

    @TempDir Path scratch;
    private Runsc runsc;
    private Path output;

    @BeforeEach
    void prepare() throws IOException {
        runsc = new Runsc(scratch);
        output = Files.createFile(scratch.resolve("output"));
    }

    @AfterEach
    void cleanUp() throws Exception {
        runsc.close();
    }

    /** A bundle with a shell script and groups at their usual place. */
    private String bundle(String options, String script) throws IOException {
        Path folder = scratch.resolve("bundle");
        Bundle.writeHost(folder, "/tmp", List.of("/bin/sh", "-c", script));
        Path file = folder.resolve("config.json");
        String mount =
                "{\"destination\": \"/sys/fs/cgroup\", \"type\": \"cgroup\", \"source\":"
                        + " \"cgroup\", \"options\": [%s]},".formatted(options);
        Files.writeString(
                file,
                Files.readString(file)
                        .replace("\"mounts\": [", "\"mounts\": [" + mount)
                        .replace("\"linux\": {", "\"linux\": {" + LIMITS));
        return folder.toString();
    }

    private List<String> read(String id, String controller, String group, String file)
            throws Exception {
        Outcome outcome = runsc.call("read-control", id, controller, group, file);
        return outcome.expect(0).out();
    }

    private void fails(String says, String... arguments) throws Exception {
        Outcome outcome = runsc.call(arguments).expect(OURS);
        assertTrue(String.join("\n", outcome.err()).contains(says), outcome::toString);
    }

    @Test
    void limitsAreSeenHeldAndKept() throws Exception {
        String script =
                """
                cd /sys/fs/cgroup
                mkdir first work work/below
                echo $$ > first/cgroup.procs
                echo '+pids +memory' > cgroup.subtree_control
                echo +pids > work/cgroup.subtree_control
                echo 2 > work/pids.max
                sleep 1000 &
                echo $! > work/below/cgroup.procs
                sh -c 'echo 0 > work/below/cgroup.procs; (/bin/true); echo born' 2>/dev/null
                sh -c 'echo 0 > work/below/cgroup.procs; exec sleep 1000' &
                wait
                """;
        String bundle = bundle("\"nosuid\"", script);
        runsc.callInto(output, "run", "-d", "-b", bundle, "one").expect(0);
        awaitLine("one", "pids", "/work", "pids.current", "2");
        lookAt("one");
        Path image = scratch.resolve("image");
        runsc.call("checkpoint", "--image-path", image.toString(), "one").expect(0);
        runsc.call("delete", "--force", "one").expect(0);
        runsc.callInto(
                        output,
                        "restore",
                        "-d",
                        "-b",
                        bundle,
                        "--image-path",
                        image.toString(),
                        "two")
                .expect(0);
        lookAt("two");
        runsc.call("write-control", "two", "pids", "/work", "cgroup.kill", "1").expect(0);
        // All that the shell waits for is gone.
        runsc.call("wait", "two").expect(0);
        runsc.call("delete", "--force", "two").expect(0);
    }

    private void lookAt(String id) throws Exception {
        assertEquals(List.of("268435456"), read(id, "memory", "/", "memory.max"));
        assertEquals(List.of("40"), read(id, "pids", "/", "pids.max"));
        assertEquals(List.of("150000 100000"), read(id, "cpu", "/", "cpu.max"));
        assertEquals(List.of("2"), read(id, "pids", "/work", "pids.max"));
        assertEquals(List.of("pids"), read(id, "pids", "/work", "cgroup.subtree_control"));
        // The shell could not start anything in there, and each of its tries was counted.
        String events = read(id, "pids", "/work", "pids.events").getFirst();
        assertTrue(events.matches("max [1-9]\\d*"), events);
        assertEquals(List.of("max"), read(id, "pids", "/work/below", "pids.max"));
        long used = Long.parseLong(read(id, "memory", "/", "memory.current").getFirst());
        assertTrue(used > 0, () -> "memory.current " + used);
        fails("Device or resource busy", "write-control", id, "pids", "/", "cgroup.procs", "1");
        fails("No such file", "read-control", id, "memory", "/work/below", "memory.max");
        fails("No such file", "read-control", id, "memory", "/nowhere", "memory.max");
        fails("Permission denied", "read-control", id, "pids", "/work", "cgroup.kill");
        fails("Permission denied", "write-control", id, "pids", "/work", "pids.current", "1");
        fails("Invalid argument", "write-control", id, "pids", "/work", "pids.max", "few");
        fails("no such controller", "read-control", id, "blkio", "/", "x");
        fails("not mounted", "read-control", id, "devices", "/", "devices.list");
        fails("not absolute", "read-control", id, "pids", "work", "pids.max");
    }

    private void awaitLine(String id, String controller, String group, String file, String line)
            throws Exception {
        for (int tries = 0; tries < 100; tries++) {
            // Until the guest has come that far there is no such file.
            List<String> now = runsc.call("read-control", id, controller, group, file).out();
            if (now.contains(line)) {
                return;
            }
        }
        throw new AssertionError(file + " never shows " + line);
    }

    @Test
    void groupsMayBeReadOnly() throws Exception {
        String script =
                "cd /sys/fs/cgroup; cat pids.max; mkdir a 2>&1; echo 1 > pids.max; grep -c cgroup"
                        + " /proc/self/mounts; cat /proc/self/cgroup";
        runsc.callInto(output, "run", "-b", bundle("\"ro\"", script), "one").expect(0);
        List<String> lines = Files.readAllLines(output);
        assertEquals("40", lines.getFirst());
        assertTrue(lines.toString().contains("Read-only file system"), lines::toString);
        assertEquals("0::/", lines.getLast());
    }

    @Test
    void version1IsThereForWhoWantsIt() throws Exception {
        String script =
                "cd /sys/fs/cgroup; ls | tr '\\n' ' '; echo; cat pids/pids.max"
                        + " memory/memory.limit_in_bytes cpu/cpu.cfs_quota_us; mkdir memory/a &&"
                        + " echo 0 > memory/a/tasks; grep :memory: /proc/self/cgroup; cat"
                        + " memory/a/tasks | wc -l";
        String bundle = bundle("\"nosuid\"", script);
        runsc.callInto(output, "--mount-cgroup-v2=false", "run", "-b", bundle, "one").expect(0);
        List<String> lines = Files.readAllLines(output);
        assertEquals("cpu cpuacct cpuset devices job memory pids ", lines.getFirst());
        assertEquals(List.of("40", "268435456", "150000"), lines.subList(1, 4));
        assertTrue(lines.get(4).endsWith(":memory:/a"), lines::toString);
    }
}
