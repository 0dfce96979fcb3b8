package dev.runsc.gofer.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FcntlCommands;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.gofer.abi.SocketConstants;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnixSocketTest {
    private UnixSocket left;
    private UnixSocket right;

    @BeforeEach
    void connect() throws ErrnoException {
        HostFd[] pair = HostSockets.socketpair(SocketConstants.SOCK_STREAM);
        left = new UnixSocket(pair[0]);
        right = new UnixSocket(pair[1]);
    }

    @AfterEach
    void close() {
        left.close();
        right.close();
    }

    private static ByteBuffer direct(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    private static long openDescriptors() throws Exception {
        try (Stream<Path> all = Files.list(Path.of("/proc/self/fd"))) {
            return all.count();
        }
    }

    @Test
    void carriesBytesAndDescriptors() throws ErrnoException {
        try (HostFd file = HostFiles.memfdCreate("sent", 0)) {
            HostFiles.write(file.number(), direct("content"));
            left.send(direct("message"), file.number(), file.number());
            ByteBuffer target = ByteBuffer.allocateDirect(100);
            UnixSocket.Received received = right.receive(target, 2);
            assertEquals(7, received.bytes());
            assertEquals(2, received.descriptors().size());
            HostFd copy = received.descriptors().getFirst();
            assertEquals(7, HostFiles.fstat(copy.number()).size());
            assertEquals(
                    FcntlCommands.FD_CLOEXEC,
                    HostFiles.fcntl(copy.number(), FcntlCommands.F_GETFD, 0));
            received.closeDescriptors();
        }
    }

    @Test
    void descriptorsBeyondTheBoundAreClosed() throws Exception {
        try (HostFd file = HostFiles.memfdCreate("sent", 0)) {
            ByteBuffer target = ByteBuffer.allocateDirect(100);
            int[] four = {file.number(), file.number(), file.number(), file.number()};
            left.send(direct("x"), four); // classes used below are loaded by now
            right.receive(target, 4).closeDescriptors();
            long before = openDescriptors();
            for (int bound = 0; bound < 4; bound++) {
                left.send(direct("x"), four);
                int most = bound;
                ErrnoException e =
                        assertThrows(ErrnoException.class, () -> right.receive(target, most));
                assertEquals(Errno.EPROTO, e.errno());
            }
            assertEquals(before, openDescriptors());
        }
    }

    @Test
    void aLargeMessageGoesWhole() throws Exception {
        ByteBuffer large = ByteBuffer.allocateDirect(4 << 20);
        Thread sender =
                Thread.ofPlatform()
                        .start(() -> {
                            try {
                                left.send(large);
                                left.shutdown();
                            } catch (ErrnoException e) {
                                throw new AssertionError(e);
                            }
                        });
        ByteBuffer target = ByteBuffer.allocateDirect(4 << 20);
        while (!right.receive(target, 0).atEnd()) {
            assertTrue(target.position() > 0);
        }
        sender.join();
        assertEquals(4 << 20, target.position());
    }

    @Test
    void theEndIsSeenAndWritingAfterItFails() throws ErrnoException {
        left.close();
        assertTrue(right.receive(ByteBuffer.allocateDirect(10), 0).atEnd());
        ErrnoException e =
                assertThrows(ErrnoException.class, () -> right.send(ByteBuffer.allocateDirect(1)));
        assertEquals(Errno.EPIPE, e.errno());
    }

    @Test
    void oversizedPacketsAreRefused() throws ErrnoException {
        HostFd[] pair = HostSockets.socketpair(SocketConstants.SOCK_SEQPACKET);
        try (UnixSocket one = new UnixSocket(pair[0]);
                UnixSocket other = new UnixSocket(pair[1])) {
            one.send(direct("0123456789"));
            ErrnoException e =
                    assertThrows(
                            ErrnoException.class,
                            () -> other.receive(ByteBuffer.allocateDirect(5), 0));
            assertEquals(Errno.EMSGSIZE, e.errno());
        }
    }

    @Test
    void connectsByPath(@TempDir Path directory) throws ErrnoException {
        byte[] address = HostSockets.unixAddress(directory.resolve("s").toString());
        try (HostFd server = HostSockets.socket(SocketConstants.AF_UNIX, 1, 0);
                HostFd client = HostSockets.socket(SocketConstants.AF_UNIX, 1, 0)) {
            HostSockets.bind(server.number(), address);
            HostSockets.listen(server.number(), 1);
            HostSockets.connect(client.number(), address);
            assertEquals(
                    PollEvents.POLLIN,
                    HostPoll.poll(server.number(), PollEvents.POLLIN, HostPoll.FOREVER));
            HostSockets.accept(server.number(), 0).close();
            assertEquals(address.length, HostSockets.getpeername(client.number()).length);
            assertEquals(
                    4,
                    HostSockets.getsockopt(
                                    client.number(),
                                    SocketConstants.SOL_SOCKET,
                                    SocketConstants.SO_TYPE,
                                    4)
                            .length);
        }
    }

    @Test
    void pollAndEpollTellReadiness() throws ErrnoException {
        assertEquals(0, HostPoll.poll(right.number(), PollEvents.POLLIN, 0));
        left.send(direct("x"));
        assertEquals(
                PollEvents.POLLIN, HostPoll.poll(right.number(), PollEvents.POLLIN, 1_000_000));
        try (HostFd epoll = HostPoll.epollCreate();
                HostFd event = HostPoll.eventfd(0, 0)) {
            int add = PollEvents.EPOLL_CTL_ADD;
            HostPoll.epollCtl(epoll.number(), add, event.number(), PollEvents.EPOLLIN, 99L << 40);
            assertTrue(HostPoll.epollWait(epoll.number(), 0).isEmpty());
            HostPoll.signalEvent(event.number(), 3);
            assertEquals(99L << 40, HostPoll.epollWait(epoll.number(), -1).getFirst().data());
            assertEquals(3, HostPoll.takeEvent(event.number()));
        }
    }
}
