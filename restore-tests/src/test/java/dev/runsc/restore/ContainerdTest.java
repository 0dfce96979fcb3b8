package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.restore.Runsc.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Debian's containerd, by its runc shim, with our runtime; images by Debian's buildah. */
class ContainerdTest {
    private static final String IMAGE = "localhost/busybox:latest";
    private static final String COUNT =
            "i=0; while :; do i=$((i+1)); echo $i > /next; mv /next /count; sleep 0.1; done";

    @TempDir private Path scratch;

    private Runsc runsc;
    private HostClient client;
    private Path runtime;
    private Command daemon;
    private List<String> ctr;

    @BeforeEach
    void prepare() throws Exception {
        runsc = new Runsc(scratch);
        client = new HostClient(scratch);
        runtime = client.runtime(runsc);
        Path socket = scratch.resolve("c.sock");
        Path config = scratch.resolve("config.toml");
        Files.writeString(
                config,
                """
                version = 2
                root = "%1$s/containerd"
                state = "%1$s/state"
                disabled_plugins = ["io.containerd.grpc.v1.cri"]
                [grpc]
                  address = "%1$s/c.sock"
                """
                        .formatted(scratch));
        daemon = Command.start(List.of("sh", "-c", "exec containerd --config " + config + " 2>&1"));
        daemon.awaitLine(line -> line.contains("successfully booted"));
        ctr = List.of("ctr", "--address", socket.toString());
    }

    @AfterEach
    void cleanUp() throws Exception {
        for (String id : List.of("one", "two")) {
            ctr("task", "kill", "--signal", "KILL", id);
            ctr("task", "rm", "--force", id);
            ctr("container", "rm", id);
        }
        daemon.handle().destroy();
        daemon.awaitEnd();
        runsc.close();
        assertEquals(List.of(), runsc.containers());
    }

    private Outcome ctr(String... words) throws Exception {
        return HostClient.call(ctr, words);
    }

    private Outcome run(String... words) throws Exception {
        List<String> first = new java.util.ArrayList<>(ctr);
        first.addAll(
                List.of(
                        "run",
                        "--runtime",
                        "io.containerd.runc.v2",
                        "--runc-binary",
                        runtime.toString()));
        return HostClient.call(first, words);
    }

    @Test
    void runsAndPassesOnTheStatus() throws Exception {
        String root = client.busybox().toString();
        assertEquals(
                List.of("hello"),
                run("--rm", "--rootfs", root, "one", "echo", "hello").expect(0).out());
        run("--rm", "--rootfs", root, "one", "sh", "-c", "exit 5").expect(5);
    }

    @Test
    void aTaskIsPausedMeasuredAndKilled() throws Exception {
        String root = client.busybox().toString();
        run("-d", "--rootfs", root, "one", "sh", "-c", COUNT).expect(0);
        assertEquals(
                List.of("in"),
                ctr("task", "exec", "--exec-id", "e", "one", "echo", "in").expect(0).out());
        assertTrue(ctr("task", "ps", "one").expect(0).out().size() >= 2);
        ctr("task", "metrics", "one").expect(0);
        ctr("task", "pause", "one").expect(0);
        assertEquals("PAUSED", task("one"));
        ctr("task", "resume", "one").expect(0);
        assertEquals("RUNNING", task("one"));
        Path image = scratch.resolve("image");
        ctr("task", "checkpoint", "--image-path", image.toString(), "one").expect(0);
        assertTrue(Files.isDirectory(image));
    }

    private String task(String id) throws Exception {
        for (String line : ctr("task", "ls").expect(0).out()) {
            String[] words = line.split("\\s+");
            if (words[0].equals(id)) {
                return words[2];
            }
        }
        return "";
    }

    /** The image's files, the container's changes and the running processes, in one image. */
    @Test
    void aCheckpointIsAnImageThatOthersAreMadeFrom() throws Exception {
        importImage();
        run("-d", "--snapshotter", "native", IMAGE, "one", "sh", "-c", COUNT).expect(0);
        int before = await("one", 3);
        ctr("container", "checkpoint", "--task", "--rw", "--image", "one", "localhost/saved")
                .expect(0);
        assertTrue(await("one", before + 1) > before, "it goes on");
        ctr("task", "kill", "--signal", "KILL", "one").expect(0);
        ctr("container", "restore", "--live", "two", "localhost/saved").expect(0);
        int after = await("two", before);
        assertTrue(after < before + 1000, "not from the beginning, nor from nowhere: " + after);
        await("two", after + 1);
    }

    private void importImage() throws Exception {
        List<String> buildah =
                List.of(
                        "buildah",
                        "--root",
                        scratch.resolve("images").toString(),
                        "--runroot",
                        scratch.resolve("work").toString(),
                        "--storage-driver=vfs");
        String made = HostClient.call(buildah, "from", "scratch").expect(0).out().getLast();
        HostClient.call(buildah, "copy", "-q", made, client.busybox().toString(), "/").expect(0);
        HostClient.call(buildah, "commit", "-q", made, "busybox").expect(0);
        Path archive = scratch.resolve("busybox.tar");
        HostClient.call(buildah, "push", "-q", "busybox", "oci-archive:" + archive + ":" + IMAGE)
                .expect(0);
        ctr("image", "import", "--snapshotter", "native", archive.toString()).expect(0);
    }

    /** Asks until a container has counted so far. */
    private int await(String id, int least) throws Exception {
        for (int asked = 0; ; asked++) {
            Outcome answer =
                    ctr("task", "exec", "--exec-id", "ask-" + id + asked, id, "cat", "/count");
            if (answer.status() == 0 && Integer.parseInt(answer.out().getFirst()) >= least) {
                return Integer.parseInt(answer.out().getFirst());
            }
            assertTrue(asked < 1000, answer::toString);
        }
    }
}
