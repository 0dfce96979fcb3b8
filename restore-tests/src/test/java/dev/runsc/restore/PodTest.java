package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.restore.Runsc.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several containers in one sandbox, as Kubernetes' runtimes ask for them. */
class PodTest {
    private static final String WRITER =
            "i=0; while :; do i=$((i+1)); echo $i > /mnt/next && mv /mnt/next /mnt/count; sleep 0.05; done";
    private static final String READER =
            "until [ -e /mnt/count ]; do sleep 0.05; done;"
                    + " while :; do echo count $(cat /mnt/count) $(hostname); sleep 0.05; done";

    @TempDir private Path scratch;

    private Runsc runsc;
    private Path volume;

    @BeforeEach
    void prepare() throws Exception {
        runsc = new Runsc(scratch);
        volume = Files.createDirectory(scratch.resolve("volume"));
    }

    @AfterEach
    void cleanUp() throws Exception {
        runsc.close();
    }

    private static Map<String, String> of(String pod, String name) {
        return Map.of(
                "io.kubernetes.cri.container-type", "container",
                "io.kubernetes.cri.sandbox-id", pod,
                "io.kubernetes.cri.container-name", name);
    }

    private String first(String pod) throws IOException {
        Map<String, String> annotations =
                Map.of(
                        "io.kubernetes.cri.container-type", "sandbox",
                        "io.kubernetes.cri.sandbox-id", pod,
                        "dev.gvisor.spec.mount.v.source", volume.toString(),
                        "dev.gvisor.spec.mount.v.type", "tmpfs",
                        "dev.gvisor.spec.mount.v.share", "pod");
        return Bundle.writePod(
                        scratch.resolve("first-" + pod), annotations, null, List.of(), "sleep 1000")
                .toString();
    }

    private String member(String pod, String name, List<String> shared, String script)
            throws IOException {
        return Bundle.writePod(
                        scratch.resolve(name + "-" + pod), of(pod, name), volume, shared, script)
                .toString();
    }

    private void create(String bundle, String id) throws Exception {
        runsc.callInto(scratch.resolve(id + ".out"), "create", "--bundle", bundle, id).expect(0);
    }

    private void start(String bundle, String id) throws Exception {
        create(bundle, id);
        runsc.call("start", id).expect(0);
    }

    private static int number(String line) {
        return Integer.parseInt(line.split(" ")[1]);
    }

    @Test
    void containersShareASandboxAVolumeAndNamespaces() throws Exception {
        start(first("pod"), "pod");
        start(member("pod", "writer", List.of(), WRITER), "w");
        try (Command reader =
                runsc.start(
                        "run",
                        "--bundle",
                        member("pod", "reader", List.of("uts", "pid"), READER),
                        "r")) {
            int before = number(reader.awaitLine(line -> true));
            String later = reader.awaitLine(line -> number(line) > before);
            assertTrue(later.endsWith(" guest"), later);
            assertEquals(List.of("pod", "r", "w"), runsc.containers());
            try (Stream<Path> files = Files.list(volume)) {
                assertEquals(0, files.count(), "the volume lies in the sandbox's memory");
            }
            // Its own PID namespace begins with its shell; the shared one with the pod's.
            String own = String.join("\n", runsc.call("exec", "w", "ps", "ax").expect(0).out());
            assertTrue(own.contains("/mnt/next") && !own.contains("sleep 1000"), own);
            String shared = String.join("\n", runsc.call("exec", "r", "ps", "ax").expect(0).out());
            assertTrue(shared.contains("sleep 1000") && shared.contains("/mnt/count"), shared);
            Outcome list = runsc.call("exec", "w", "ls", "/mnt").expect(0);
            assertTrue(list.out().contains("count"), list::toString);
            runsc.call("kill", "r", "TERM").expect(0);
            reader.awaitEnd().expect(143);
        }
        assertEquals(List.of("pod", "w"), runsc.containers());
        Outcome wait = runsc.call("kill", "w", "KILL").expect(0);
        assertEquals(List.of(), wait.err());
        assertEquals(
                List.of("{\"id\":\"w\",\"exitStatus\":137}"),
                runsc.call("wait", "w").expect(0).out());
        runsc.call("delete", "w").expect(0);
        // A name is free again once its container has ended.
        start(member("pod", "writer", List.of(), WRITER), "w2");
        Footprint all = Footprint.of(runsc, "w2");
        runsc.call("delete", "--force", "pod").expect(0);
        all.awaitGone();
        runsc.call("delete", "w2").expect(0);
        assertEquals(List.of(), runsc.containers());
    }

    @Test
    void oneContainersEndIsNotTheOthers() throws Exception {
        start(first("pod"), "pod");
        Outcome failed =
                runsc.call("run", "--bundle", member("pod", "bad", List.of(), "exit 3"), "bad");
        failed.expect(3);
        runsc.call("exec", "pod", "true").expect(0);
        create(member("pod", "idle", List.of(), "exit 0"), "idle");
        runsc.call("delete", "idle").expect(0);
        create(member("pod", "served", List.of(), "sleep 1000"), "served");
        runsc.call("start", "served").expect(0);
        Footprint.of(runsc, "served").gofer().destroyForcibly();
        runsc.call("wait", "served").expect(128);
        runsc.call("exec", "pod", "true").expect(0);
        runsc.call("delete", "--force", "served").expect(0);
        assertEquals(List.of("pod"), runsc.containers());
    }

    @Test
    void aSandboxIsSavedWhole() throws Exception {
        Path image = scratch.resolve("image");
        start(first("pod"), "pod");
        start(member("pod", "writer", List.of(), WRITER), "w");
        String reader = member("pod", "reader", List.of("uts"), READER);
        int last;
        try (Command run = runsc.start("run", "--bundle", reader, "r")) {
            int before = number(run.awaitLine(line -> true));
            last = number(run.awaitLine(line -> number(line) > before));
            runsc.call("checkpoint", "--image-path", image.toString(), "w").expect(0);
            run.awaitEnd();
        }
        runsc.call("delete", "--force", "pod", "w").expect(0);
        for (String pod : List.of("next", "after")) {
            runsc.callInto(
                            scratch.resolve("out"),
                            "restore",
                            "--detach",
                            "--image-path",
                            image.toString(),
                            "--bundle",
                            first(pod),
                            pod)
                    .expect(0);
            runsc.callInto(
                            scratch.resolve("out"),
                            "restore",
                            "--detach",
                            "--image-path",
                            image.toString(),
                            "--bundle",
                            member(pod, "writer", List.of(), WRITER),
                            "w-" + pod)
                    .expect(0);
            String unknown = member(pod, "unknown", List.of(), WRITER);
            Outcome refused =
                    runsc.call(
                            "restore", "--image-path", image.toString(), "--bundle", unknown, "u");
            assertTrue(refused.expect(128).err().getFirst().contains("unknown"), refused::toString);
            try (Command run =
                    runsc.start(
                            "restore",
                            "--image-path",
                            image.toString(),
                            "--bundle",
                            member(pod, "reader", List.of("uts"), READER),
                            "r-" + pod)) {
                int reached = last;
                run.awaitLine(line -> number(line) > reached);
                runsc.call("kill", "r-" + pod, "KILL").expect(0);
                run.awaitEnd().expect(137);
            }
        }
        for (String pod : List.of("next", "after")) {
            runsc.call("delete", "--force", pod, "w-" + pod).expect(0);
        }
        assertEquals(List.of(), runsc.containers());
    }
}
