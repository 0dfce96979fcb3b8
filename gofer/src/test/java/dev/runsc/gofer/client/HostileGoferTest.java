package dev.runsc.gofer.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.runsc.gofer.abi.Dirent64;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.SocketConstants;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.gofer.host.HostSockets;
import dev.runsc.gofer.host.UnixSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** What a gofer that was taken over might answer: the client ends the connection with EIO. */
class HostileGoferTest {
    private final CountDownLatch died = new CountDownLatch(1);
    private UnixSocket gofer;
    private GoferClient client;

    @BeforeEach
    void connect() throws ErrnoException {
        HostFd[] pair = HostSockets.socketpair(SocketConstants.SOCK_SEQPACKET);
        gofer = new UnixSocket(pair[1]);
        client = new GoferClient(pair[0], reason -> died.countDown());
    }

    @AfterEach
    void close() {
        client.close();
        gofer.close();
    }

    private static ByteBuffer reply(int errno) {
        return ByteBuffer.allocateDirect(1000).order(ByteOrder.LITTLE_ENDIAN).putInt(errno);
    }

    /** The answer is there before the question, which makes one thread enough. */
    private void answer(ByteBuffer reply, int... descriptors) throws ErrnoException {
        gofer.send(reply.flip(), descriptors);
    }

    private void assertFails(Errno errno, Executable call) {
        assertEquals(errno, assertThrows(ErrnoException.class, call).errno());
    }

    @Test
    void errorsPassThroughAndUnknownOnesAreEio() throws ErrnoException {
        answer(reply(Errno.ENOSPC.number()));
        assertFails(Errno.ENOSPC, () -> client.attach(0));
        answer(reply(4000));
        assertFails(Errno.EIO, () -> client.attach(0));
        answer(reply(Errno.EACCES.number()));
        assertFails(Errno.EACCES, () -> client.attach(0));
    }

    @Test
    void repliesCutOffEndTheConnection() throws Exception {
        answer(reply(0).putLong(5));
        assertFails(Errno.EIO, () -> client.attach(0));
        died.await();
        assertFails(Errno.EIO, () -> client.attach(0));
    }

    @Test
    void moreAttributesThanAskedForEndTheConnection() throws Exception {
        answer(reply(0).putShort((short) 0));
        assertFails(Errno.EIO, () -> client.getAttributes(1));
        died.await();
    }

    @Test
    void moreDataThanAskedForEndsTheConnection() throws Exception {
        answer(reply(0).putInt(100).put(new byte[100]));
        ByteBuffer target = ByteBuffer.allocate(10);
        assertFails(Errno.EIO, () -> client.read(1, 0, target));
        assertEquals(0, target.position());
        died.await();
    }

    @Test
    void descriptorsNobodyAskedForEndTheConnection() throws Exception {
        try (HostFd file = HostFiles.memfdCreate("f", 0)) {
            answer(reply(0), file.number());
            assertFails(Errno.EIO, () -> client.flush(1));
        }
        died.await();
    }

    @Test
    void aDonationWithoutDescriptorEndsTheConnection() throws Exception {
        answer(reply(0).putLong(0));
        assertFails(Errno.EIO, () -> client.open(1, 0));
        died.await();
    }

    @Test
    void listedNamesAreChecked() throws Exception {
        byte[] entry = new Dirent64(1, 1, 8, new byte[] {'a', '/', 'b'}).toBytes();
        answer(reply(0).putInt(entry.length).put(entry));
        assertFails(Errno.EIO, () -> client.readDirectory(1, 0));
        died.await();
    }

    @Test
    void closingEndsACallThatWaits() throws Exception {
        CountDownLatch failed = new CountDownLatch(1);
        Thread caller =
                Thread.ofPlatform()
                        .start(() -> {
                            assertFails(Errno.EIO, () -> client.attach(0));
                            failed.countDown();
                        });
        gofer.receive(ByteBuffer.allocateDirect(100), 0); // the request is here, and never answered
        client.close();
        failed.await();
        caller.join();
        assertEquals(1, died.getCount());
    }

    @Test
    void illegalNamesAreNotEvenSent() {
        assertFails(Errno.EINVAL, () -> client.unlink(1, "..", false));
        assertFails(Errno.EINVAL, () -> client.walk(1, List.of("a/b")));
        assertFails(Errno.ENAMETOOLONG, () -> client.unlink(1, "x".repeat(256), false));
        assertThrows(IllegalArgumentException.class, () -> client.unlink(1, "\u0436", false));
    }
}
