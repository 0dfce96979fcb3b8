package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** One server tells the numbers of all sandboxes, as they come and go. */
class MetricServerTest extends ScriptTest {
    private static final String USED = "runsc_cpu_user_seconds_total";

    private Command serve() throws Exception {
        Path pidFile = scratch.resolve("server.pid");
        Files.deleteIfExists(pidFile);
        Command server =
                runsc.start(
                        "metric-server",
                        "--metric-server",
                        socket().toString(),
                        "--pid-file",
                        pidFile.toString());
        awaitText(pidFile, "");
        return server;
    }

    private Path socket() {
        return scratch.resolve("metrics.sock");
    }

    private List<String> ask(String target, String status) throws Exception {
        try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
            client.write(
                    ByteBuffer.wrap(
                            ("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n")
                                    .getBytes(StandardCharsets.US_ASCII)));
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            Channels.newInputStream(client).transferTo(answer);
            String text = answer.toString(StandardCharsets.UTF_8);
            assertTrue(text.startsWith("HTTP/1.1 " + status), text);
            return text.lines().filter(line -> line.startsWith("runsc_")).toList();
        }
    }

    private List<String> metrics() throws Exception {
        return ask("/metrics", "200 OK");
    }

    private static boolean has(List<String> metrics, String sandbox) {
        return metrics.stream().anyMatch(line -> line.contains("{sandbox=\"" + sandbox + "\"}"));
    }

    private double used(String sandbox) throws Exception {
        String name = USED + "{sandbox=\"" + sandbox + "\"} ";
        return metrics().stream()
                .filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length())))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void sandboxesComeAndGoAndSoMayTheServer() throws Exception {
        String bundle = bundle("b", "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done; " + IDLE);
        Path image = scratch.resolve("image");
        double before;
        try (Command server = serve()) {
            assertFalse(Files.exists(runsc.root()), "nobody needed it yet");
            assertTrue(metrics().contains("runsc_sandboxes 0"));
            start(bundle, "one");
            start(bundle, "two");
            List<String> both = metrics();
            assertTrue(has(both, "one") && has(both, "two"), both::toString);
            assertTrue(both.contains("runsc_sandboxes 2"), both::toString);
            List<String> some = ask("/metrics?runsc-sandbox-metrics-filter=t.*s", "200 OK");
            assertEquals(
                    4, some.size(), () -> "tasks of two, the server's own two, and not " + some);
            ask("/metrics?runsc-sandbox-metrics-filter=%28", "400 Bad Request");
            ask("/other", "404 Not Found");
            runsc.call("delete", "--force", "two").expect(0);
            assertFalse(has(metrics(), "two"));
            while (used("one") == 0) {
                assertTrue(server.handle().isAlive());
            }
            before = used("one");
            runsc.call("checkpoint", "--image-path", image.toString(), "one").expect(0);
            runsc.call("delete", "--force", "one").expect(0);
            server.handle().destroyForcibly();
            server.awaitEnd();
        }
        assertTrue(Files.exists(socket()), "killed, it has left its socket");
        restore(bundle, image, "one").expect(0);
        try (Command server = serve()) {
            assertTrue(used("one") >= before, "a restored program has used what it had used");
            assertTrue(server.handle().isAlive());
        }
    }
}
