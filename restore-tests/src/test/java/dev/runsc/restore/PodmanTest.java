package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.restore.Runsc.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Debian's podman with our runtime. */
class PodmanTest {
    private static final String COUNT =
            "i=0; while :; do i=$((i+1)); echo line $i; sleep 0.1; done";

    @TempDir private Path scratch;

    private Runsc runsc;
    private List<String> podman;
    private String root;

    @BeforeEach
    void prepare() throws Exception {
        runsc = new Runsc(scratch);
        HostClient client = new HostClient(scratch);
        root = client.busybox().toString();
        podman =
                List.of(
                        "podman",
                        "--root",
                        scratch.resolve("store").toString(),
                        "--runroot",
                        scratch.resolve("run").toString(),
                        "--storage-driver=vfs",
                        "--cgroup-manager=cgroupfs",
                        "--events-backend=none",
                        "--runtime",
                        client.runtime(runsc).toString());
    }

    @AfterEach
    void cleanUp() throws Exception {
        podman("rm", "--all", "--force", "--time", "0");
        runsc.close();
        assertEquals(List.of(), runsc.containers());
        awaitHelpers();
    }

    /**
     * For each container that has ended conmon starts a podman to tidy up: it may outlive the
     * command that removed the container, and makes its store anew where there is none.
     */
    private void awaitHelpers() throws Exception {
        for (Optional<ProcessHandle> one = helper(); one.isPresent(); one = helper()) {
            one.get().onExit().get(Command.PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    private Optional<ProcessHandle> helper() {
        return ProcessHandle.allProcesses()
                .filter(each -> each.info().commandLine().orElse("").contains(scratch.toString()))
                .findAny();
    }

    private Outcome podman(String... words) throws Exception {
        return HostClient.call(podman, words);
    }

    /** {@code podman run} or {@code create} of a command on busybox. */
    private Outcome make(String how, List<String> options, String... command) throws Exception {
        List<String> words = new ArrayList<>(List.of(how, "--network=none"));
        words.addAll(options);
        words.addAll(List.of("--rootfs", root));
        words.addAll(List.of(command));
        return podman(words.toArray(String[]::new));
    }

    private String status(String name) throws Exception {
        return podman("inspect", "--format", "{{.State.Status}}", name).expect(0).out().getFirst();
    }

    @Test
    void runsAndPassesOnTheStatus() throws Exception {
        assertEquals(
                List.of("hello"), make("run", List.of("--rm"), "echo", "hello").expect(0).out());
        make("run", List.of("--rm"), "sh", "-c", "exit 7").expect(7);
        make("run", List.of("--rm"), "/no/such/program").expect(127);
    }

    /** Its own profile when nothing is said, another, none. */
    @Test
    void filtersOfCalls() throws Exception {
        String[] count = {"cat", "/proc/self/status"};
        Outcome usual = make("run", List.of("--rm"), count).expect(0);
        assertTrue(usual.out().contains("Seccomp:\t2"), usual::toString);
        Outcome none =
                make("run", List.of("--rm", "--security-opt", "seccomp=unconfined"), count)
                        .expect(0);
        assertTrue(none.out().contains("Seccomp:\t0"), none::toString);
        Path profile = scratch.resolve("profile.json");
        Files.writeString(
                profile,
                "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": [{\"names\": [\"mkdir\"],"
                        + " \"action\": \"SCMP_ACT_ERRNO\", \"errnoRet\": 18}]}");
        Outcome own =
                make("run", List.of("--rm", "--security-opt", "seccomp=" + profile), "mkdir", "/x")
                        .expect(1);
        assertTrue(own.err().getLast().contains("Invalid cross-device link"), own::toString);
    }

    @Test
    void aContainerInTheBackground() throws Exception {
        make("run", List.of("-d", "--name", "c"), "sh", "-c", COUNT).expect(0);
        assertEquals(List.of("in"), podman("exec", "c", "echo", "in").expect(0).out());
        podman("exec", "c", "sh", "-c", "exit 9").expect(9);
        podman("pause", "c").expect(0);
        assertEquals("paused", status("c"));
        podman("unpause", "c").expect(0);
        assertEquals("running", status("c"));
        assertEquals("line 1", podman("logs", "c").expect(0).out().getFirst());
        podman("kill", "--signal", "USR1", "c").expect(0);
        podman("stop", "--time", "1", "c").expect(0);
        assertEquals("exited", status("c"));
        podman("rm", "c").expect(0);
        assertEquals(List.of(), runsc.containers());
    }

    @Test
    void aContainerThatIsMadeFirstAndStartedLater() throws Exception {
        make("create", List.of("--name", "c"), "echo", "attached").expect(0);
        assertEquals(List.of("attached"), podman("start", "--attach", "c").expect(0).out());
        make("run", List.of("-d", "--name", "r"), "sleep", "1000").expect(0);
        podman("rm", "--force", "--time", "0", "r").expect(0);
    }

    @Test
    void aTerminal() throws Exception {
        List<String> words = new ArrayList<>(podman);
        words.addAll(List.of("run", "--rm", "-it", "--network=none", "--rootfs", root));
        words.addAll(List.of("tty"));
        Outcome outcome =
                HostClient.call(List.of("script", "-qec", String.join(" ", words), "/dev/null"));
        assertTrue(
                outcome.expect(0).out().stream().anyMatch(line -> line.contains("/dev/pts/0")),
                outcome::toString);
    }

    @Test
    void mountsUserAndLimits() throws Exception {
        Path shared = Files.createDirectory(scratch.resolve("shared"));
        Files.writeString(shared.resolve("file"), "");
        Path data = Files.createDirectory(Path.of(root, "data"));
        Files.writeString(data.resolve("f"), "old\n");
        Outcome outcome =
                make(
                        "run",
                        List.of(
                                "--rm",
                                "--read-only",
                                "--tmpfs=/data",
                                "--volume=" + shared + ":/mnt:ro",
                                "--env=A=b",
                                "--hostname=named",
                                "--user=1000:1001",
                                "--ulimit=nofile=100:200",
                                "--memory=64m",
                                "--cap-drop=all",
                                "--security-opt=no-new-privileges",
                                "--oom-score-adj=500"),
                        "sh",
                        "-c",
                        "ls /mnt; echo $A; hostname; id -u; id -g; ulimit -n; cat /data/f;"
                                + " cat /proc/self/oom_score_adj; echo > /x");
        outcome.expect(1);
        assertEquals(
                List.of("file", "b", "named", "1000", "1001", "100", "old", "500"), outcome.out());
        assertTrue(outcome.err().getFirst().contains("Read-only file system"), outcome::toString);
    }

    @Test
    void aPodWithoutAFirstContainer() throws Exception {
        podman("pod", "create", "--name", "p", "--infra=false").expect(0);
        make("run", List.of("-d", "--pod=p"), "sleep", "1000").expect(0);
        assertEquals(
                List.of("two"),
                make("run", List.of("--rm", "--pod=p"), "echo", "two").expect(0).out());
        podman("pod", "rm", "--force", "--time", "0", "p").expect(0);
    }
}
