package dev.runsc.gofer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.SocketConstants;
import dev.runsc.gofer.client.GoferClient;
import dev.runsc.gofer.client.OpenedFile;
import dev.runsc.gofer.client.WalkResult;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.gofer.host.HostSockets;
import dev.runsc.gofer.host.HostTree;
import dev.runsc.gofer.host.UnixSocket;
import dev.runsc.gofer.protocol.Limits;
import dev.runsc.gofer.protocol.Reply;
import dev.runsc.gofer.protocol.Request;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a kernel that was taken over might send: errors come back, and nothing outside is reached.
 */
class HostileKernelTest {
    private static final long SEED = Long.getLong("runsc.seed", 1);

    @TempDir Path directory;

    private Path served;
    private GoferServer server;
    private UnixSocket socket;
    private Thread thread;
    private final ByteBuffer packet =
            ByteBuffer.allocateDirect(1 << 17).order(ByteOrder.LITTLE_ENDIAN);

    @BeforeEach
    void start() throws Exception {
        served = Files.createDirectories(directory.resolve("served"));
        Files.writeString(directory.resolve("secret"), "secret");
        Files.createDirectory(served.resolve("d"));
        Files.writeString(served.resolve("d/f"), "inside");
        HostFd root = HostTree.open(served.toString(), OpenFlags.O_PATH, 0);
        server = new GoferServer(List.of(new ServedRoot(root, false)));
        HostFd[] pair = HostSockets.socketpair(SocketConstants.SOCK_SEQPACKET);
        socket = new UnixSocket(pair[0]);
        UnixSocket theirs = new UnixSocket(pair[1]);
        thread = Thread.ofPlatform().start(() -> server.serve(theirs));
    }

    @AfterEach
    void stop() throws InterruptedException {
        socket.close();
        thread.join();
    }

    /** Sends what lies in the packet, returns the error number of the reply. */
    private int exchange() throws ErrnoException {
        socket.send(packet.flip());
        packet.clear();
        UnixSocket.Received received = socket.receive(packet, 4);
        received.closeDescriptors();
        assertTrue(received.bytes() >= 4);
        int errno = packet.getInt(0);
        packet.clear();
        return errno;
    }

    private long attach() throws ErrnoException {
        packet.clear().putShort((short) Request.Attach.OPERATION).putShort((short) 0);
        packet.putShort((short) 0);
        socket.send(packet.flip());
        packet.clear();
        socket.receive(packet, 0);
        assertEquals(0, packet.getInt(0));
        long node = packet.getLong(4);
        packet.clear();
        return node;
    }

    private void head(int operation) {
        packet.clear().putShort((short) operation).putShort((short) 0);
    }

    private void name(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.ISO_8859_1);
        packet.putShort((short) bytes.length).put(bytes);
    }

    @Test
    void malformedPacketsAreRefused() throws ErrnoException {
        long root = attach();
        int refused = Errno.EPROTO.number();
        packet.put((byte) 1);
        assertEquals(refused, exchange(), "one byte");
        head(0);
        assertEquals(refused, exchange(), "operation 0");
        head(999);
        assertEquals(refused, exchange(), "operation 999");
        packet.putShort((short) Request.Attach.OPERATION).putShort((short) 1).putShort((short) 0);
        assertEquals(refused, exchange(), "reserved bits");
        head(Request.Attach.OPERATION);
        packet.putShort((short) 0).put((byte) 0);
        assertEquals(refused, exchange(), "trailing byte");
        head(Request.Walk.OPERATION);
        packet.putLong(root).putShort((short) 0xffff);
        assertEquals(refused, exchange(), "65535 names");
        head(Request.Walk.OPERATION);
        packet.putLong(root).putShort((short) 1).putShort((short) 0xffff);
        assertEquals(refused, exchange(), "name of 65535 bytes");
        head(Request.Walk.OPERATION);
        packet.putLong(root).putShort((short) 1).putShort((short) 200).put((byte) 'a');
        assertEquals(refused, exchange(), "name cut off");
        head(Request.Write.OPERATION);
        packet.putLong(1).putLong(0).putInt(Integer.MAX_VALUE);
        assertEquals(refused, exchange(), "2 GiB of data");
        head(Request.Write.OPERATION);
        packet.putLong(1).putLong(0).putInt(-1);
        assertEquals(refused, exchange(), "negative length");
        head(Request.Release.OPERATION);
        packet.putShort((short) (Limits.NODES + 1));
        assertEquals(refused, exchange(), "too many to release");
        packet.position(packet.capacity());
        assertEquals(Errno.EMSGSIZE.number(), exchange(), "128 KiB");
        assertTrue(attach() > root, "the server still serves");
    }

    @Test
    void descriptorsSentAlongAreRefused() throws Exception {
        for (int i = 0; i < 20; i++) {
            head(Request.Attach.OPERATION);
            packet.putShort((short) 0);
            socket.send(packet.flip(), 0, 1, 2);
            packet.clear();
            socket.receive(packet, 0);
            assertEquals(Errno.EPROTO.number(), packet.getInt(0));
        }
        long before = openDescriptors();
        head(Request.Attach.OPERATION);
        packet.putShort((short) 0);
        socket.send(packet.flip(), 0, 1, 2);
        packet.clear();
        socket.receive(packet, 0);
        assertEquals(before, openDescriptors());
    }

    private static long openDescriptors() throws Exception {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return all.count();
        }
    }

    @Test
    void namesNeverLeaveTheirDirectory() throws ErrnoException {
        long root = attach();
        List<String> evil =
                List.of(
                        "..",
                        ".",
                        "",
                        "../secret",
                        "d/../../secret",
                        "/etc/passwd",
                        "d/f",
                        "a\0b",
                        "x".repeat(256));
        for (String name : evil) {
            head(Request.Walk.OPERATION);
            packet.putLong(root).putShort((short) 1);
            name(name);
            assertEquals(Errno.EPROTO.number(), exchange(), name);
            head(Request.Unlink.OPERATION);
            packet.putLong(root);
            name(name);
            packet.put((byte) 0);
            assertEquals(Errno.EPROTO.number(), exchange(), name);
            head(Request.MakeDirectory.OPERATION);
            packet.putLong(root);
            name(name);
            packet.putInt(0755).putInt(-1).putInt(-1);
            assertEquals(Errno.EPROTO.number(), exchange(), name);
        }
        assertTrue(Files.exists(directory.resolve("secret")));
    }

    @Test
    void numbersThatMeanNothingAreRefused() throws ErrnoException {
        long root = attach();
        for (long number : new long[] {0, -1, root + 1000, Long.MIN_VALUE, Long.MAX_VALUE}) {
            head(Request.ReadLink.OPERATION);
            packet.putLong(number);
            assertEquals(Errno.EBADF.number(), exchange());
        }
        head(Request.Read.OPERATION); // a node is no handle
        packet.putLong(root).putLong(0).putInt(10);
        assertEquals(Errno.EBADF.number(), exchange());
        head(Request.Attach.OPERATION);
        packet.putShort((short) 0xffff);
        assertEquals(Errno.ENOENT.number(), exchange());
    }

    @Test
    void openFlagsThatMakeThingsAreRefused() throws ErrnoException {
        long root = attach();
        int[] flags = {
            OpenFlags.O_CREAT, OpenFlags.O_PATH, OpenFlags.O_TMPFILE | OpenFlags.O_RDWR, 3, 1 << 30
        };
        for (int flag : flags) {
            head(Request.Open.OPERATION);
            packet.putLong(root).putInt(flag).put((byte) 1);
            assertEquals(Errno.EINVAL.number(), exchange());
        }
    }

    /**
     * Random packets, and real ones with random damage: an answer to each, and the same after all.
     */
    @Test
    void randomPacketsDoNoHarm() throws ErrnoException {
        long root = attach();
        Random random = new Random(SEED);
        for (int i = 0; i < 20_000; i++) {
            int operation = random.nextInt(28);
            if (operation == Request.Release.OPERATION
                    || operation == Request.OpenChannel.OPERATION) {
                continue; // the one has no reply, the other starts threads
            }
            head(operation);
            packet.putLong(random.nextBoolean() ? root : random.nextLong(20));
            int fields = random.nextInt(6);
            for (int k = 0; k < fields; k++) {
                switch (random.nextInt(5)) {
                    case 0 -> packet.putInt(random.nextInt());
                    case 1 -> packet.putLong(random.nextLong());
                    case 2 -> packet.put((byte) random.nextInt(3));
                    case 3 -> packet.putShort((short) random.nextInt(70));
                    default -> name(random.nextBoolean() ? ".." : "n" + random.nextInt(3));
                }
            }
            exchange();
        }
        assertTrue(attach() > root, "seed " + SEED);
        assertTrue(Files.exists(directory.resolve("secret")), "seed " + SEED);
    }

    /** While names are swapped between a directory and a link to the outside, no walk gets out. */
    @Test
    void swappedLinksLeadNowhere() throws Exception {
        Path outside = Files.createDirectory(directory.resolve("outside"));
        Files.writeString(outside.resolve("f"), "secret");
        Files.createSymbolicLink(served.resolve("other"), outside);
        AtomicBoolean stop = new AtomicBoolean();
        Thread swapper = Thread.ofPlatform().start(() -> swap(stop));
        HostFd[] pair = HostSockets.socketpair(SocketConstants.SOCK_SEQPACKET);
        UnixSocket theirs = new UnixSocket(pair[1]);
        Thread second = Thread.ofPlatform().start(() -> server.serve(theirs));
        List<Reply.WalkEnd> ends = new ArrayList<>();
        try (GoferClient client = new GoferClient(pair[0], reason -> {})) {
            long root = client.attach(0).root().node();
            for (int i = 0; i < 5000; i++) {
                WalkResult result = client.walk(root, List.of("d", "f"));
                ends.add(result.end());
                if (result.end() == Reply.WalkEnd.COMPLETE) {
                    assertEquals("inside", content(client, result.nodes().getLast().node()));
                }
                result.nodes().forEach(node -> client.release(node.node()));
            }
        } finally {
            stop.set(true);
            swapper.join();
            second.join();
        }
        assertTrue(ends.contains(Reply.WalkEnd.COMPLETE));
        assertNotEquals(1, ends.stream().distinct().count(), "the swapping was never seen");
        assertFalse(ends.contains(Reply.WalkEnd.NOT_DIRECTORY));
    }

    private void swap(AtomicBoolean stop) {
        byte[] d = {'d'};
        byte[] other = "other".getBytes(StandardCharsets.UTF_8);
        try (HostFd root = HostTree.open(served.toString(), OpenFlags.O_PATH, 0)) {
            while (!stop.get()) {
                HostTree.renameat2(root.number(), d, root.number(), other, 2);
            }
        } catch (ErrnoException e) {
            throw new AssertionError(e);
        }
    }

    private static String content(GoferClient client, long node) throws ErrnoException {
        try (HostFd fd = ((OpenedFile.Donated) client.open(node, 0)).fd()) {
            ByteBuffer buffer = ByteBuffer.allocate(100);
            HostFiles.pread(fd.number(), buffer, 0);
            return StandardCharsets.UTF_8.decode(buffer.flip()).toString();
        }
    }

    /** Connections beyond the bound are refused, and releasing under another's call is safe. */
    @Test
    void connectionsAreBounded() throws ErrnoException {
        List<HostFd> connections = new ArrayList<>();
        int errno = 0;
        while (errno == 0 && connections.size() <= Limits.CHANNELS) {
            head(Request.OpenChannel.OPERATION);
            socket.send(packet.flip());
            packet.clear();
            connections.addAll(socket.receive(packet, 1).descriptors());
            errno = packet.getInt(0);
        }
        assertEquals(Errno.EMFILE.number(), errno);
        assertEquals(Limits.CHANNELS - 1, connections.size());
        connections.forEach(HostFd::close);
    }
}
