package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.restore.Runsc.Outcome;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Looking into a container that runs a shell of the host. */
class DebugTest extends ScriptTest {
    private static final String SCRIPT =
            """
            mkdir /made && cd /made && echo hello > file && ln -s file link && ln file hard
            rm /etc/hostname
            rm -r @FOLDER@ && mkdir @FOLDER@ && echo new > @FOLDER@/new
            echo ready
            while true; do /bin/sleep 0.2; done
            """;

    private Path output;

    /** A folder of the host's root, which the container replaces by another. */
    private Path folder;

    @BeforeEach
    void start() throws Exception {
        output = Files.createFile(scratch.resolve("output"));
        Path target = Files.createDirectories(Runsc.CHECKOUT.resolve("restore-tests/target"));
        folder = Files.createTempDirectory(target, "replaced");
        Files.createFile(folder.resolve("old"));
        String script = SCRIPT.replace("@FOLDER@", folder.toString());
        String bundle = bundle("bundle", script);
        runsc.callInto(output, "run", "--detach", "--bundle", bundle, "one").expect(0);
        awaitText(output, "ready");
    }

    @Override
    @AfterEach
    void cleanUp() throws Exception {
        super.cleanUp();
        Files.delete(folder.resolve("old"));
        Files.delete(folder);
    }

    private Outcome good(String... arguments) throws Exception {
        return runsc.call(arguments).expect(0);
    }

    @Test
    void showsStacksAndProcesses() throws Exception {
        String stacks = good("debug", "--stacks", "one").out().toString();
        assertTrue(stacks.contains("\"task-1\""), stacks);
        assertTrue(stacks.contains("TaskLoop.run"), stacks);
        String processes = good("debug", "--ps", "one").out().toString();
        assertTrue(processes.contains("sh"), processes);
        String dump = good("trace", "procfs", "one").out().toString();
        assertTrue(dump.contains("\"cwd\":\"/made\""), dump);
        assertTrue(dump.contains("RLIMIT_NOFILE"), dump);
        assertEquals(OURS, runsc.call("debug", "--stacks", "two").status());
    }

    @Test
    void tracesSystemCallsWhileItRuns() throws Exception {
        Path log = scratch.resolve("calls.log");
        good(
                "--debug",
                "--debug-command=boot",
                "--debug-log=" + log,
                "debug",
                "--strace",
                "execve",
                "one");
        awaitText(log, "execve(\"/bin/sleep\"");
        assertTrue(!Files.readString(log).contains("openat("), "only what was asked for");
        good("debug", "--strace", "off", "one");
        Outcome wrong = runsc.call("debug", "--strace", "nope", "one");
        assertEquals(OURS, wrong.status());
        assertTrue(wrong.err().toString().contains("unknown system call"), wrong::toString);
    }

    @Test
    void recordsAProfile() throws Exception {
        Path file = scratch.resolve("cpu.jfr");
        good("debug", "--profile-cpu", file.toString(), "--duration", "300ms", "one");
        byte[] bytes = Files.readAllBytes(file);
        assertEquals("FLR", new String(bytes, 0, 3, StandardCharsets.US_ASCII));
    }

    @Test
    void readsFiles() throws Exception {
        assertEquals(List.of("hello"), good("read", "one", "/made/link").out());
        assertEquals(
                List.of("el"),
                good("read", "--offset", "1", "--size", "2", "one", "/made/file").out());
        for (String bad : List.of("/made", "/nowhere", "relative", "/dev/null")) {
            assertEquals(OURS, runsc.call("read", "one", bad).status(), bad);
        }
    }

    @Test
    void archivesWhatHasChanged() throws Exception {
        Path archive = scratch.resolve("upper.tar");
        good("tar", "rootfs-upper", "--file", archive.toString(), "one");
        Path unpacked = Files.createDirectory(scratch.resolve("unpacked"));
        Process tar =
                new ProcessBuilder("tar", "-xf", archive.toString(), "-C", unpacked.toString())
                        .inheritIO()
                        .start();
        assertEquals(0, tar.waitFor());
        assertEquals("hello\n", Files.readString(unpacked.resolve("made/file")));
        assertEquals(Path.of("file"), Files.readSymbolicLink(unpacked.resolve("made/link")));
        assertTrue(Files.isSameFile(unpacked.resolve("made/file"), unpacked.resolve("made/hard")));
        assertTrue(Files.exists(unpacked.resolve("etc/.wh.hostname")), "a whiteout as OCI has it");
        Path replaced = unpacked.resolve(folder.toString().substring(1));
        assertEquals("new\n", Files.readString(replaced.resolve("new")));
        assertTrue(Files.exists(replaced.resolve(".wh..wh..opq")), "nothing shows through");
    }

    private Path config(String sink) throws Exception {
        return Files.writeString(
                scratch.resolve("session.json"),
                """
                {"trace_session": {"name": "Default",
                  "points": [{"name": "sentry/execve", "context_fields": ["container_id"]},
                             {"name": "sentry/clone"}, {"name": "sentry/task_exit"},
                             {"name": "syscall/execve/enter"}],
                  "sinks": [%s]}}
                """
                        .formatted(sink));
    }

    @Test
    void tellsAFileOfPoints() throws Exception {
        Path lines = scratch.resolve("lines");
        Path config = config("{\"name\": \"file\", \"config\": {\"path\": \"" + lines + "\"}}");
        good("trace", "create", "--config", config.toString(), "one");
        assertEquals(
                OURS, runsc.call("trace", "create", "--config", config.toString(), "one").status());
        for (String point :
                List.of("sentry/execve", "sentry/clone", "sentry/task_exit", "\"sysno\":59")) {
            awaitText(lines, point);
        }
        awaitText(lines, "\"container_id\":\"one\"");
        good("trace", "create", "--force", "--config", config.toString(), "one");
        String list = good("trace", "list", "one").out().toString();
        assertTrue(list.contains("SESSIONS (1)") && list.contains("dropped: 0"), list);
        good("trace", "delete", "one");
        assertTrue(good("trace", "list", "one").out().contains("SESSIONS (0)"));
        assertEquals(OURS, runsc.call("trace", "delete", "one").status());
    }

    @Test
    void tellsASocketOfPoints() throws Exception {
        Path path = scratch.resolve("sink.sock");
        Path config =
                config("{\"name\": \"remote\", \"config\": {\"endpoint\": \"" + path + "\"}}");
        assertEquals(
                OURS,
                runsc.call("trace", "create", "--config", config.toString(), "one").status(),
                "nobody listens");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(path));
            good("trace", "create", "--config", config.toString(), "one");
            StringBuilder seen = new StringBuilder();
            try (SocketChannel sink = server.accept()) {
                ByteBuffer bytes = ByteBuffer.allocate(4096);
                while (!seen.toString().contains("sentry/execve") && sink.read(bytes) > 0) {
                    seen.append(StandardCharsets.UTF_8.decode(bytes.flip()));
                    bytes.clear();
                }
            }
            assertTrue(seen.toString().contains("sentry/execve"), seen::toString);
        }
        // The reader is gone: the container is not.
        good("debug", "--ps", "one");
        good("trace", "delete", "one");
    }

    @Test
    void showsItsNumbers() throws Exception {
        String numbers = String.join("\n", good("export-metrics", "one").out());
        assertTrue(numbers.contains("# TYPE runsc_processes gauge"), numbers);
        assertTrue(numbers.contains("runsc_tasks{sandbox=\"one\"} "), numbers);
        Path socket = scratch.resolve("metrics.sock");
        Path pidFile = scratch.resolve("metrics.pid");
        try (Command server =
                runsc.start(
                        "metric-server",
                        "--metric-server",
                        socket.toString(),
                        "--pid-file",
                        pidFile.toString())) {
            awaitText(pidFile, "");
            try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
                client.write(
                        ByteBuffer.wrap(
                                "GET /metrics HTTP/1.0\r\n\r\n"
                                        .getBytes(StandardCharsets.US_ASCII)));
                StringBuilder answer = new StringBuilder();
                ByteBuffer bytes = ByteBuffer.allocate(4096);
                while (client.read(bytes) >= 0) {
                    answer.append(StandardCharsets.UTF_8.decode(bytes.flip()));
                    bytes.clear();
                }
                assertTrue(answer.toString().startsWith("HTTP/1.1 200 OK"), answer::toString);
                assertTrue(answer.toString().contains("runsc_sandboxes 1"), answer::toString);
            }
            assertTrue(server.handle().isAlive());
        }
    }

    @Test
    void waitsForCheckpointsAndRestores() throws Exception {
        Path image = scratch.resolve("image");
        try (Command waiting = runsc.start("wait", "--checkpoint", "one")) {
            // A wait that has not begun yet misses this one, and sees the next.
            int round = 0;
            do {
                good(
                        "checkpoint",
                        "--leave-running",
                        "--image-path",
                        image.resolve(String.valueOf(round)).toString(),
                        "one");
                round++;
                assertTrue(round < 10, "it waits for ever");
            } while (!waiting.endsWithin(500));
            assertEquals(0, waiting.awaitEnd().status());
        }
        assertEquals(OURS, runsc.call("wait", "--restore", "one").status(), "never restored");
        runsc.callInto(
                        output,
                        "restore",
                        "--detach",
                        "--image-path",
                        image.resolve("0").toString(),
                        "--bundle",
                        scratch.resolve("bundle").toString(),
                        "two")
                .expect(0);
        good("wait", "--restore", "two");
        assertEquals(List.of("hello"), good("read", "two", "/made/file").out());
    }

    @Test
    void completesInBash() throws Exception {
        Path script = scratch.resolve("completion");
        Files.write(script, good("completion", "bash").out());
        String shell =
                """
                compopt() { :; }
                source %s
                COMP_WORDS=(runsc che); COMP_CWORD=1; _complete_runsc; echo "${COMPREPLY[@]}"
                COMP_WORDS=(runsc checkpoint --image); COMP_CWORD=2; COMPREPLY=()
                _complete_runsc; echo "${COMPREPLY[@]}"
                """
                        .formatted(script);
        try (Command bash = Command.start(List.of("bash", "--norc", "-c", shell))) {
            Outcome outcome = bash.awaitEnd();
            assertEquals(List.of("checkpoint", "--image-path"), outcome.out(), outcome::toString);
        }
    }
}
