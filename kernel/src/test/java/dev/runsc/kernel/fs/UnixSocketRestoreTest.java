package dev.runsc.kernel.fs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.SocketConstants;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.auth.UserNamespace;
import dev.runsc.kernel.memory.MemoryFile;
import dev.runsc.kernel.memory.MemoryFileHost;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.net.unix.Outgoing;
import dev.runsc.kernel.net.unix.PeerCredentials;
import dev.runsc.kernel.net.unix.Received;
import dev.runsc.kernel.net.unix.UnixSocket;
import dev.runsc.kernel.net.unix.UnixSockets;
import dev.runsc.kernel.net.unix.UnixTypes;
import dev.runsc.kernel.platform.Platform;
import dev.runsc.kernel.vfs.FdTable;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.FsContext;
import dev.runsc.kernel.vfs.MountNamespace;
import dev.runsc.kernel.vfs.VirtualFileSystem;
import dev.runsc.state.ObjectGraph;
import dev.runsc.state.RestoreContext;
import dev.runsc.state.Savable;
import dev.runsc.state.StateException;
import dev.runsc.state.StateSchema;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Sockets that are saved with messages and descriptors on the way, and go on. */
final class UnixSocketRestoreTest {
    private static final StateSchema SCHEMA = schema();

    private static StateSchema schema() {
        StateSchema.Builder types = FsSchema.types().type("test.World", 1, World.class);
        UnixTypes.register(types);
        return types.build();
    }

    private static final class World implements Savable {
        final MemoryFile memoryFile;
        final VirtualFileSystem vfs;
        final FsContext fs;
        final FdTable files = new FdTable();
        final UnixSockets sockets;

        World(FsFixture fixture) throws ErrnoException {
            memoryFile = fixture.memoryFile;
            vfs = fixture.vfs;
            MountNamespace namespace =
                    vfs.newNamespace(new UserNamespace(), fixture.tmpfs(), "tmpfs", 0);
            fs = new FsContext(namespace.rootLocation(), namespace.rootLocation(), 022);
            sockets = new UnixSockets(vfs);
        }

        TestCaller caller() {
            return new TestCaller(fs, files, Credentials.root(new UserNamespace()));
        }

        UnixSocket socket(int fd) throws ErrnoException {
            return (UnixSocket) files.require(fd);
        }

        int install(UnixSocket socket) throws ErrnoException {
            return files.install(caller(), socket, false);
        }

        String read(FileDescription file) throws ErrnoException {
            byte[] bytes = new byte[100];
            long count = file.read(caller(), UserBuffer.of(bytes));
            return count < 0
                    ? "would block"
                    : new String(bytes, 0, (int) count, StandardCharsets.UTF_8);
        }
    }

    private static UserBuffer text(String text) {
        return UserBuffer.of(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void messagesAndDescriptorsInFlightAreSaved() throws ErrnoException, StateException {
        try (FsFixture before = new FsFixture();
                FsFixture after = new FsFixture()) {
            World world = new World(before);
            TestCaller caller = world.caller();
            UnixSocket[] pair = world.sockets.createPair(caller, SocketConstants.SOCK_STREAM, 0, 0);
            int sending = world.install(pair[0]);
            int receiving = world.install(pair[1]);
            UnixSocket[] passed =
                    world.sockets.createPair(caller, SocketConstants.SOCK_SEQPACKET, 0, 0);
            int kept = world.install(passed[0]);
            PeerCredentials sender = PeerCredentials.ofMessage(caller);
            assertEquals(5, pair[0].send(text("plain"), new Outgoing(sender)));
            Outgoing out = new Outgoing(sender, List.of(passed[1]), null);
            assertEquals(4, pair[0].send(text("with"), out));
            UnixSocket listener = world.sockets.create(caller, SocketConstants.SOCK_STREAM, 0, 0);
            int listening = world.install(listener);
            world.sockets.bind(caller, listener, "/name");
            listener.listen(caller, 1);
            UnixSocket client = world.sockets.create(caller, SocketConstants.SOCK_STREAM, 0, 0);
            int connected = world.install(client);
            assertEquals(0, client.connect(caller, listener));

            RestoreContext context =
                    RestoreContext.builder()
                            .put(MemoryFileHost.class, after.host)
                            .put(Platform.class, new NoPlatform())
                            .build();
            world.vfs.prepareSave();
            World restored = ObjectGraph.copy(SCHEMA, world, context);
            after.closeLater(restored.memoryFile);

            byte[] bytes = new byte[100];
            Received into = new Received();
            assertEquals(9, restored.socket(receiving).receive(UserBuffer.of(bytes), 0, into));
            assertEquals("plainwith", new String(bytes, 0, 9, StandardCharsets.UTF_8));
            FileDescription arrived = into.rights().getFirst();
            restored.socket(kept).write(restored.caller(), text("through"));
            assertEquals("through", restored.read(arrived));
            into.discard();
            ErrnoException broken =
                    assertThrows(
                            ErrnoException.class,
                            () -> restored.socket(kept).write(restored.caller(), text("x")));
            assertEquals(Errno.EPIPE, broken.errno());
            restored.files.close(restored.caller(), sending);
            assertEquals("", restored.read(restored.socket(receiving)));

            UnixSocket found =
                    restored.sockets.find(restored.caller(), "/name", SocketConstants.SOCK_STREAM);
            assertEquals(restored.socket(listening), found);
            UnixSocket accepted = Objects.requireNonNull(found.accept());
            accepted.write(restored.caller(), text("hello"));
            assertEquals("hello", restored.read(restored.socket(connected)));
            accepted.release();
            assertEquals("", restored.read(restored.socket(connected)));
        }
    }
}
