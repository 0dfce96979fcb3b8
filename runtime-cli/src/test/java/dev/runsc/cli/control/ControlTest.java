package dev.runsc.cli.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.cli.control.ControlClient.Answer;
import dev.runsc.cli.control.ControlFault.Code;
import dev.runsc.cli.control.ControlServer.Reply;
import dev.runsc.cli.json.JsonText;
import dev.runsc.gofer.abi.DescriptorFlags;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.SocketConstants;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.gofer.host.HostSockets;
import java.io.IOException;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The control socket, from well-behaved clients to hostile ones. */
class ControlTest {
    @TempDir private Path folder;

    private HostFd listener;
    private Path path;
    private ControlServer server;
    private final CountDownLatch slowBegun = new CountDownLatch(1);
    private final CountDownLatch parked = new CountDownLatch(1);
    private final CompletableFuture<String> told = new CompletableFuture<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final SynchronousQueue<String> slowAnswers = new SynchronousQueue<>();

    @BeforeEach
    void serve() throws ErrnoException {
        path = folder.resolve("s.sock");
        listener = HostSockets.socket(SocketConstants.AF_UNIX, SocketConstants.SOCK_STREAM, 0);
        HostSockets.bind(listener.number(), HostSockets.unixAddress(path.toString()));
        HostSockets.listen(listener.number(), 128);
        server =
                new ControlServer(
                        listener,
                        (method, in, descriptors, connection) ->
                                switch (method) {
                                    case "Echo" -> {
                                        descriptors.forEach(HostFd::close);
                                        yield new Reply(in.raw());
                                    }
                                    case "Give" -> new Reply("{}", descriptors);
                                    case "Fail" -> throw new ControlFault(Code.BUSY, "later");
                                    case "Break" -> throw new IllegalStateException("a defect");
                                    case "Slow" -> {
                                        connection.onEnd(ended::countDown);
                                        slowBegun.countDown();
                                        try {
                                            yield new Reply(slowAnswers.take());
                                        } catch (InterruptedException e) {
                                            throw new IllegalStateException(e);
                                        }
                                    }
                                    case "Park" -> new Reply(connection.park(this::awaitEnd));
                                    default -> throw new ControlFault(Code.UNKNOWN_METHOD, method);
                                });
        server.start();
    }

    private void tellOfTheEnd() {
        server.awaitPromptAnswers();
        told.complete("{}");
    }

    private String awaitEnd() {
        parked.countDown();
        return told.join();
    }

    @AfterEach
    void stop() {
        HostSocketsShutdown.close(listener);
    }

    /** Ends a listening socket while a thread waits on it. */
    private static final class HostSocketsShutdown {
        static void close(HostFd fd) {
            try {
                HostSockets.shutdown(fd.number(), SocketConstants.SHUT_RDWR);
            } catch (ErrnoException e) {
                throw new AssertionError(e);
            }
        }
    }

    private void assertStillServing() throws ControlFault {
        try (ControlClient client = ControlClient.connect(path)) {
            assertEquals("{\"a\": 1}", client.call("Echo", "{\"a\": 1}").result());
        }
    }

    private SocketChannel raw() throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(path));
    }

    private static ByteBuffer frame(int length, byte[] body) {
        return ByteBuffer.allocate(4 + body.length).putInt(length).put(body).flip();
    }

    @Test
    void answersComeBackOverOneConnection() throws ControlFault {
        try (ControlClient client = ControlClient.connect(path)) {
            for (int i = 0; i < 100; i++) {
                assertEquals(
                        "{\"n\":" + i + "}", client.call("Echo", "{\"n\":" + i + "}").result());
            }
        }
    }

    @Test
    void largeMessagesPass() throws ControlFault {
        String arguments =
                new JsonText().beginObject().field("x", "y".repeat(3 << 20)).endObject().text();
        try (ControlClient plain = ControlClient.connect(path);
                ControlClient full = ControlClient.connect(path)) {
            assertEquals(arguments, plain.call("Echo", arguments).result());
            assertEquals(arguments, full.call("Echo", arguments).result());
        }
    }

    @Test
    void descriptorsTravelBothWays() throws ControlFault, ErrnoException {
        try (ControlClient client = ControlClient.connect(path);
                HostFd file = HostFiles.memfdCreate("x", DescriptorFlags.MFD_CLOEXEC)) {
            HostFiles.ftruncate(file.number(), 12345);
            int[] many = new int[150];
            java.util.Arrays.fill(many, file.number());
            Answer answer = client.call("Give", "{}", many);
            assertEquals(many.length, answer.descriptors().size());
            for (HostFd fd : answer.descriptors()) {
                assertEquals(12345, HostFiles.fstat(fd.number()).size());
                fd.close();
            }
        }
    }

    @Test
    void failuresKeepTheirCode() throws ControlFault {
        try (ControlClient client = ControlClient.connect(path)) {
            for (List<String> row :
                    List.of(
                            List.of("Fail", "BUSY"),
                            List.of("Nope", "UNKNOWN_METHOD"),
                            List.of("Break", "INTERNAL"))) {
                ControlFault fault =
                        assertThrows(ControlFault.class, () -> client.call(row.get(0), "{}"));
                assertEquals(row.get(1), fault.code().name());
            }
            assertEquals(
                    "{}", client.call("Echo", "{}").result(), "the connection survives failures");
        }
    }

    @Test
    void garbageGetsAnErrorOrTheDoor() throws IOException, ControlFault {
        for (String text :
                List.of(
                        "",
                        "{",
                        "null",
                        "[]",
                        "{\"method\":7}",
                        "{\"method\":\"Echo\"} x",
                        "\u0000")) {
            byte[] body = text.getBytes(StandardCharsets.UTF_8);
            try (SocketChannel channel = raw()) {
                channel.write(frame(body.length, body));
                String said = said(channel);
                assertTrue(said.contains("\"ok\":false"), said);
            }
        }
        assertStillServing();
    }

    private static String said(SocketChannel channel) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(4);
        assertEquals(4, channel.read(header));
        ByteBuffer answer = ByteBuffer.allocate(header.flip().getInt());
        while (answer.hasRemaining() && channel.read(answer) > 0) {
            // An answer may come in pieces.
        }
        return new String(answer.array(), StandardCharsets.UTF_8);
    }

    @Test
    void lengthsAreNotBelieved() throws IOException, ControlFault {
        for (int length :
                new int[] {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, Frame.REQUEST_BYTES_MAX + 1}) {
            try (SocketChannel channel = raw()) {
                channel.write(frame(length, new byte[10]));
                assertTrue(said(channel).contains("too long"), "length " + length);
                assertTrue(isDropped(channel), "length " + length);
            }
        }
        // The largest legal length, of which nothing comes: it must cost no memory and no other
        // client.
        List<SocketChannel> liars = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            SocketChannel channel = raw();
            channel.write(frame(Frame.REQUEST_BYTES_MAX, new byte[1]));
            liars.add(channel);
        }
        assertStillServing();
        for (SocketChannel channel : liars) {
            channel.close();
        }
    }

    /** The end, or a reset when the server closed with bytes of ours unread. */
    private static boolean isDropped(SocketChannel channel) throws IOException {
        try {
            return channel.read(ByteBuffer.allocate(1)) < 0;
        } catch (SocketException e) {
            return true;
        }
    }

    @Test
    void clientsThatVanishLeaveNothing() throws Exception {
        assertStillServing();
        long before = openDescriptors();
        Random random = new Random(42);
        byte[] good = "{\"method\":\"Echo\",\"args\":{}}".getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 300; i++) {
            try (SocketChannel channel = raw()) {
                ByteBuffer message = frame(good.length, good);
                message.limit(random.nextInt(message.limit() + 1));
                channel.write(message);
            }
        }
        for (int i = 0; i < 50; i++) {
            try (ControlClient client = ControlClient.connect(path);
                    HostFd file = HostFiles.memfdCreate("x", DescriptorFlags.MFD_CLOEXEC)) {
                client.send("Give", "{}", file.number(), file.number());
            }
        }
        assertStillServing();
        awaitDescriptors(before + 10);
    }

    private static long openDescriptors() throws IOException {
        try (Stream<Path> fds = java.nio.file.Files.list(Path.of("/proc/self/fd"))) {
            return fds.count();
        }
    }

    /** The server's threads close what their clients left when they get to it. */
    private static void awaitDescriptors(long most) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (openDescriptors() > most) {
            assertTrue(System.nanoTime() < deadline, "descriptors leak: " + openDescriptors());
            Thread.onSpinWait();
        }
    }

    @Test
    void theEndOfAConnectionIsNoticed() throws Exception {
        try (ControlClient client = ControlClient.connect(path)) {
            client.send("Slow", "{}");
        }
        slowAnswers.put("{}");
        assertTrue(ended.await(30, TimeUnit.SECONDS));
    }

    @Test
    void othersHaveTheirAnswersBeforeTheEndIsTold() throws Exception {
        try (ControlClient waiting = ControlClient.connect(path);
                ControlClient other = ControlClient.connect(path)) {
            waiting.send("Park", "{}");
            other.send("Slow", "{}");
            parked.await();
            slowBegun.await();
            Thread end = Thread.ofPlatform().start(this::tellOfTheEnd);
            while (end.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
            }
            assertFalse(told.isDone());
            slowAnswers.put("{}");
            assertEquals("{}", other.receive().result());
            assertEquals("{}", waiting.receive().result());
            end.join();
        }
    }

    @Test
    void aDeadServerIsToldApart() throws ControlFault {
        ControlFault fault =
                assertThrows(
                        ControlFault.class,
                        () -> ControlClient.connect(folder.resolve("none.sock")));
        assertEquals(Code.DISCONNECTED, fault.code());
        assertNotNull(fault.getMessage());
        assertThrows(ControlFault.class, () -> ControlClient.connect(folder.resolve("none.sock")));
    }

    @Test
    void tooManyDescriptorsAreRefused() throws Exception {
        try (ControlClient client = ControlClient.connect(path);
                HostFd file = HostFiles.pipe2(OpenFlags.O_CLOEXEC)[0]) {
            int[] many = new int[Frame.DESCRIPTORS_MAX + 1];
            java.util.Arrays.fill(many, file.number());
            assertThrows(ControlFault.class, () -> client.call("Give", "{}", many));
        }
        assertStillServing();
    }
}
