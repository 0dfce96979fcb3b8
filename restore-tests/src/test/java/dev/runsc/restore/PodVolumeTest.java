package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.restore.Runsc.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the containers of a pod have together, and what each has for itself. */
class PodVolumeTest extends ScriptTest {
    private static final String HINT = "dev.gvisor.spec.mount.";
    private static final String POD = "pod";

    private String first(Map<String, String> hints) throws IOException {
        Map<String, String> annotations = new HashMap<>();
        annotations.put("io.kubernetes.cri.container-type", "sandbox");
        annotations.put("io.kubernetes.cri.sandbox-id", POD);
        hints.forEach((name, value) -> annotations.put(HINT + name, value));
        Path folder = scratch.resolve("bundle-" + POD);
        return Bundle.writePod(folder, annotations, null, List.of(), IDLE).toString();
    }

    private String member(String name, String script, String mounts, String... changes)
            throws IOException {
        Map<String, String> annotations =
                Map.of(
                        "io.kubernetes.cri.container-type", "container",
                        "io.kubernetes.cri.sandbox-id", POD,
                        "io.kubernetes.cri.container-name", name);
        Path folder = scratch.resolve("bundle-" + name);
        Bundle.writePod(folder, annotations, null, List.of(), script);
        if (!mounts.isEmpty()) {
            change(folder, MOUNTS_END, further(mounts));
        }
        return change(folder, changes);
    }

    private void remove(String id) throws Exception {
        runsc.call("delete", "--force", id).expect(0);
    }

    @Test
    void volumesAreSharedAndRootsAreNot() throws Exception {
        Path memory = Files.createDirectory(scratch.resolve("memory"));
        Path folder = Files.createDirectory(scratch.resolve("folder"));
        Map<String, String> hints =
                Map.of(
                        "v.source", memory.toString(),
                        "v.type", "tmpfs",
                        "v.share", "pod",
                        "v.options", "rw,rprivate,mode=0777",
                        "w.source", folder.toString(),
                        "w.type", "bind",
                        "w.share", "shared");
        start(first(hints), POD);
        String both = bind(memory, "/mnt", "\"rbind\"") + bind(folder, "/opt", "\"rbind\"");
        start(member("one", IDLE, both), "one");
        String other =
                bind(memory, "/mnt", "\"rbind\", \"ro\"")
                        + bind(memory, "/media", "\"rbind\"")
                        + bind(folder, "/opt", "\"rbind\"");
        start(member("two", IDLE, other), "two");
        in("one", "echo 1 > /mnt/a; echo 1 > /opt/a; mkdir /own; hostname mine");
        assertEquals(
                List.of("1", "1", "1", "guest"),
                in("two", "cat /mnt/a /media/a /opt/a; ! ls -d /own 2> /dev/null; hostname"));
        in("two", "! echo 2 > /mnt/b 2> /dev/null && echo 2 > /media/b");
        assertEquals(List.of("2"), in("one", "cat /mnt/b"));
        assertEquals("1\n", Files.readString(folder.resolve("a")));
        try (Stream<Path> files = Files.list(memory)) {
            assertEquals(0, files.count(), "the volume lies in the sandbox's memory");
        }
        remove("one");
        start(member("one", IDLE, both), "again");
        assertEquals(
                List.of("1", "2", "1"),
                in("again", "cat /mnt/a /mnt/b /opt/a; ! ls -d /own 2> /dev/null"));
        assertEquals(List.of(POD), runsc.call("list", "--sandbox", "--quiet").expect(0).out());
        Outcome stopped = runsc.call("kill", "again", "KILL").expect(0);
        assertEquals(List.of(), stopped.err());
    }

    @Test
    void hintsThatMakeNoSense() throws Exception {
        for (Map<String, String> bad :
                List.of(
                        Map.of("v.source", "/tmp", "v.type", "tmpfs", "v.share", "everybody"),
                        Map.of("v.source", "/tmp", "v.type", "ext4", "v.share", "pod"),
                        Map.of("v.source", "relative", "v.type", "tmpfs", "v.share", "pod"),
                        Map.of("v.type", "tmpfs", "v.share", "pod"),
                        Map.of("v", "nothing"))) {
            Outcome refused = runsc.call("run", "--bundle", first(bad), POD).expect(OURS);
            says(refused, "mount annotation");
            assertEquals(1, refused.err().size(), refused::toString);
        }
        assertEquals(List.of(), runsc.containers());
    }

    /** A pod may see thousands of containers in its life. */
    @Test
    void containersComeAndGoWithoutATrace() throws Exception {
        start(first(Map.of()), POD);
        String script = "echo $(id -u) $HOME $V; " + IDLE;
        String[] user = {
            "\"uid\": 0",
            "\"uid\": 1234",
            "[\"PATH=/usr/bin:/bin\"]",
            "[\"PATH=/usr/bin:/bin\", \"V=1\", \"V=2\"]"
        };
        long pid = Footprint.of(runsc, POD).sandbox().pid();
        long before = 0;
        for (int i = 0; i < 4; i++) {
            String bundle = member("n" + i, script, "", user);
            try (Command run = runsc.start("run", "--bundle", bundle, "c")) {
                assertEquals("1234 / 2", run.awaitLine(line -> true));
                runsc.call("exec", "c", "true").expect(0);
                remove("c");
                run.awaitEnd();
            }
            if (i == 0) {
                before = descriptors(pid);
            }
        }
        long left = descriptors(pid);
        assertTrue(left <= before + 2, () -> "more and more: " + left);
        // Started and deleted at once: either may come first.
        for (int i = 0; i < 2; i++) {
            runsc.callInto(
                            Files.createTempFile(scratch, "out", ""),
                            "create",
                            "--bundle",
                            member("s" + i, IDLE, ""),
                            "s")
                    .expect(0);
            try (Command start = runsc.start("start", "s")) {
                remove("s");
                start.awaitEnd();
            }
        }
        assertEquals(List.of(POD), runsc.containers());
        assertEquals(2, runsc.call("ps", POD).expect(0).out().size());
    }

    private static long descriptors(long pid) throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            return files.count();
        }
    }
}
