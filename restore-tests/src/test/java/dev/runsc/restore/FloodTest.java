package dev.runsc.restore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.restore.Runsc.Outcome;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients of a sandbox's control socket that send too much, or leave too early. */
class FloodTest {
    private static final Pattern SOCKET = Pattern.compile("\"controlSocketPath\" *: *\"([^\"]+)\"");
    private static final long GIB = 1L << 30;
    private static final int LARGEST_REQUEST = 8 << 20;

    /** What the sandbox, its guests and all requests have to do with. */
    private static final String LIMIT_BYTES = String.valueOf(256 << 20);

    /** How many connections a sandbox has at once. */
    private static final int CONNECTIONS = 256;

    @TempDir Path scratch;

    private Runsc runsc;
    private Counter counter;
    private Footprint processes;
    private Path socket;

    @BeforeEach
    void start() throws Exception {
        runsc = new Runsc(scratch);
        Path bundle = Bundle.write(scratch.resolve("bundle"), List.of("/guest/counter"));
        limit(bundle.resolve("config.json"));
        counter = Counter.run(runsc, bundle, "one").count(5);
        processes = Footprint.of(runsc, "one");
        socket = socketOf(runsc, "one");
    }

    /** The control socket of a sandbox with one container. */
    static Path socketOf(Runsc runsc, String id) throws IOException {
        Path state = runsc.root().resolve(id + "_sandbox:" + id + ".state");
        Matcher matcher = SOCKET.matcher(Files.readString(state));
        assertTrue(matcher.find(), "no control socket in " + state);
        return Path.of(matcher.group(1));
    }

    @AfterEach
    void cleanUp() throws Exception {
        counter.close();
        runsc.close();
    }

    /** The host ends whatever needs more. */
    private void limit(Path config) throws IOException {
        String obstacle = HostCgroups.obstacle();
        if (!obstacle.isEmpty()) {
            NotRunnable.add("FloodTest, its limit of memory", obstacle);
            return;
        }
        String limits =
                "\"linux\": {\"cgroupsPath\": \"/runsc-flood-%d\", \"resources\": {\"memory\": {\"limit\": %s}},"
                        .formatted(ProcessHandle.current().pid(), LIMIT_BYTES);
        String text = Files.readString(config);
        Files.writeString(config, text.replace("\"linux\": {", limits));
    }

    private SocketChannel connect() throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(socket));
    }

    static ByteBuffer request(String text) {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(4 + body.length).putInt(body.length).put(body).flip();
    }

    static void send(SocketChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    static String answer(SocketChannel channel) throws IOException {
        ByteBuffer length = read(channel, 4);
        ByteBuffer body = read(channel, length.getInt());
        return new String(body.array(), 0, body.limit(), StandardCharsets.UTF_8);
    }

    private static ByteBuffer read(SocketChannel channel, int bytes) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(bytes);
        while (target.hasRemaining() && channel.read(target) >= 0) {
            // There may be more.
        }
        return target.flip();
    }

    /** It still counts, and answers. */
    private void isWell() throws Exception {
        counter.count(10);
        runsc.call("ps", "one").expect(0);
    }

    @Test
    void oneRequestOfAGibibyte() throws Exception {
        for (int length : new int[] {(int) GIB, LARGEST_REQUEST + 1, -1}) {
            try (SocketChannel channel = connect()) {
                send(channel, ByteBuffer.allocate(4).putInt(length).flip());
                assertTrue(answer(channel).contains("too long"));
                ByteBuffer piece = ByteBuffer.allocate(1 << 16);
                long sent = 0;
                try {
                    for (; sent < GIB; sent += piece.capacity()) {
                        send(channel, piece.clear());
                    }
                } catch (IOException e) {
                    // Closed.
                }
                assertTrue(sent < GIB, "somebody took all of it");
            }
        }
        isWell();
    }

    /** Every shape of the largest request, each refused with a line. */
    @Test
    void aGibibyteOfRequestsOnOneConnection() throws Exception {
        int room = LARGEST_REQUEST - 200;
        List<String> all =
                List.of(
                        "{\"method\":\"" + "x".repeat(3 << 20) + "\"}",
                        "{\"method\":\"Fs.Read\",\"args\":" + "[".repeat(room) + "}",
                        "{\"method\":\"Fs.Read\",\"args\":[" + "1,".repeat(room / 2) + "1]}",
                        "{\"method\":\"Fs.Read\",\"args\":{\"id\":\""
                                + "\\u0041".repeat((3 << 20) / 6)
                                + "\"}}",
                        "{\"method\":\"containerManager.ExecuteAsync\",\"args\":{\"id\":\"one\",\"process\":{\"args\":["
                                + "\"\",".repeat(room / 3 - 100)
                                + "\"\"]}}}",
                        " ".repeat(room),
                        "{".repeat(room));
        long sent = 0;
        try (SocketChannel channel = connect()) {
            while (sent < GIB) {
                for (String text : all) {
                    send(channel, request(text));
                    String answer = answer(channel);
                    assertTrue(answer.startsWith("{\"ok\":false"), answer);
                    assertTrue(answer.length() < 3000, () -> answer.length() + " bytes of answer");
                    sent += text.length();
                }
            }
        }
        isWell();
    }

    @Test
    void aGibibyteOfRequestsOnManyConnections() throws Exception {
        byte[] large = new byte[LARGEST_REQUEST];
        Arrays.fill(large, (byte) ' ');
        int each = (int) (GIB / LARGEST_REQUEST / 32);
        try (ExecutorService clients = Executors.newFixedThreadPool(32)) {
            List<Future<String>> answers = new ArrayList<>();
            for (int i = 0; i < 32; i++) {
                answers.add(
                        clients.submit(() -> {
                            String last = "";
                            try (SocketChannel channel = connect()) {
                                for (int round = 0; round < each; round++) {
                                    send(
                                            channel,
                                            ByteBuffer.allocate(4).putInt(large.length).flip());
                                    send(channel, ByteBuffer.wrap(large));
                                    last = answer(channel);
                                }
                            }
                            return last;
                        }));
            }
            counter.count(10);
            for (Future<String> answer : answers) {
                assertTrue(answer.get().contains("BAD_REQUEST"), answer::resultNow);
            }
        }
        isWell();
    }

    @Test
    void moreConnectionsThanThereAre() throws Exception {
        List<SocketChannel> idle = new ArrayList<>();
        try {
            for (int i = 0; i < CONNECTIONS; i++) {
                idle.add(connect());
            }
            counter.count(5);
            Outcome outcome = runsc.call("exec", "one", "/guest/counter").expect(128);
            assertEquals(1, outcome.err().size(), outcome::toString);
            assertTrue(outcome.err().getFirst().contains("too many"), outcome::toString);
        } finally {
            for (SocketChannel channel : idle) {
                channel.close();
            }
        }
        isWell();
    }

    /** Waits on behalf of clients that have gone end: they would use up the connections. */
    @Test
    void clientsThatLeaveInTheMiddleOfACall() throws Exception {
        long descriptors = descriptors();
        List<String> waits =
                List.of(
                        "{\"method\":\"containerManager.Wait\",\"args\":{\"id\":\"one\"}}",
                        "{\"method\":\"containerManager.WaitPID\",\"args\":{\"id\":\"one\",\"pid\":1}}",
                        "{\"method\":\"containerManager.WaitPaused\",\"args\":{\"id\":\"one\"}}",
                        "{\"method\":\"containerManager.WaitCheckpoint\",\"args\":{}}",
                        "{\"method\":\"containerManager.Processes\",\"args\":{\"id\":\"one\"}}");
        for (int round = 0; round < CONNECTIONS; round++) {
            try (SocketChannel channel = connect()) {
                send(channel, request(waits.get(round % waits.size())));
            }
        }
        long deadline = System.nanoTime() + Command.PATIENCE_SECONDS * 1_000_000_000L;
        // The poller of hang-ups is one that stays.
        while (descriptors() > descriptors + 2) {
            assertTrue(System.nanoTime() < deadline, "connections of clients that have gone");
            Thread.onSpinWait();
        }
        isWell();
        runsc.call("kill", "one", "KILL").expect(0);
        counter.awaitEnd();
        processes.awaitGone();
    }

    private long descriptors() throws IOException {
        Path folder = Path.of("/proc/" + processes.sandbox().pid() + "/fd");
        try (var files = Files.list(folder)) {
            return files.count();
        }
    }
}
