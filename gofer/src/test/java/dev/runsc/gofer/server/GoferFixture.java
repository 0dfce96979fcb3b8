package dev.runsc.gofer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.SocketConstants;
import dev.runsc.gofer.client.GoferClient;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostSockets;
import dev.runsc.gofer.host.HostTree;
import dev.runsc.gofer.host.UnixSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.function.Executable;

/** A server on a thread of this process, with a client that speaks to it over a real socket. */
final class GoferFixture implements AutoCloseable {
    final GoferServer server;
    final GoferClient client;
    final AtomicReference<String> death = new AtomicReference<>();
    private final Thread thread;

    /** Root 0 is {@code directory} to change, root 1 the same read-only. */
    GoferFixture(Path directory) throws ErrnoException {
        List<ServedRoot> roots = new ArrayList<>();
        for (boolean readOnly : new boolean[] {false, true}) {
            HostFd root = HostTree.open(directory.toString(), OpenFlags.O_PATH, 0);
            roots.add(new ServedRoot(root, readOnly));
        }
        server = new GoferServer(roots);
        HostFd[] pair = HostSockets.socketpair(SocketConstants.SOCK_SEQPACKET);
        UnixSocket theirs = new UnixSocket(pair[1]);
        thread = Thread.ofPlatform().start(() -> server.serve(theirs));
        client = new GoferClient(pair[0], death::set);
    }

    long root() throws ErrnoException {
        return client.attach(0).root().node();
    }

    long readOnlyRoot() throws ErrnoException {
        return client.attach(1).root().node();
    }

    static void assertErrno(Errno expected, Executable call) {
        assertEquals(expected, assertThrows(ErrnoException.class, call).errno());
    }

    @Override
    public void close() {
        client.close();
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
