package dev.runsc.gofer.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.jna.Native;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.SignalNumbers;
import dev.runsc.gofer.abi.SocketConstants;
import dev.runsc.gofer.client.GoferClient;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostProcess;
import dev.runsc.gofer.host.HostSockets;
import dev.runsc.gofer.host.HostTree;
import dev.runsc.gofer.host.Spawn;
import dev.runsc.gofer.protocol.Reply;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The gofer as the command line starts it: a process with inherited descriptors. */
class GoferProcessTest {
    private static final int CHILD_SOCKET = 3;
    private static final int CHILD_ROOT = 4;

    @TempDir Path directory;

    private int pid;

    private static String locationOf(Class<?> type) {
        return type.getProtectionDomain().getCodeSource().getLocation().getPath();
    }

    private HostFd startGofer(String... more) throws ErrnoException {
        return startGoferOf(System.getProperty("runsc.dist"), more);
    }

    /** Without {@code dist} the process has to do with JNA. */
    private HostFd startGoferOf(@Nullable String dist, String... more) throws ErrnoException {
        HostFd[] pair = HostSockets.socketpair(SocketConstants.SOCK_SEQPACKET);
        List<String> command = new ArrayList<>();
        command.add("java");
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("-XX:+UseSerialGC");
        command.add("-cp");
        command.add(locationOf(GoferMain.class) + ":" + locationOf(Native.class));
        if (dist != null) {
            command.add("-Drunsc.dist=" + dist);
        }
        command.add(GoferMain.class.getName());
        command.addAll(List.of(more));
        Path java = Path.of(System.getProperty("java.home"), "bin", "java");
        try (HostFd theirs = pair[1];
                HostFd root = HostTree.open(directory.toString(), OpenFlags.O_PATH, 0)) {
            pid =
                    new Spawn(java.toString())
                            .arguments(command)
                            .descriptor(2, 2)
                            .descriptor(CHILD_SOCKET, theirs.number())
                            .descriptor(CHILD_ROOT, root.number())
                            .start();
        }
        return pair[0];
    }

    @Test
    void servesUntilTheSocketCloses() throws Exception {
        serves(startGofer("--socket-fd=3", "--root-fd=4", "--root-path=/etc", "--read-only"));
    }

    /** Where mounts cannot be copied, the host's own are served. */
    @Test
    void servesACopyOfMounts() throws Exception {
        serves(
                startGofer(
                        "--socket-fd=3",
                        "--root-fd=4",
                        "--copy=tree,rprivate",
                        "--root-path=/etc",
                        "--read-only"));
    }

    @Test
    void servesWithoutALibraryOfOurs() throws Exception {
        String none = directory.resolve("no-dist").toString();
        serves(startGoferOf(none, "--socket-fd=3", "--root-fd=4", "--root-path=/", "--read-only"));
    }

    private void serves(HostFd socket) throws Exception {
        Files.writeString(directory.resolve("f"), "x");
        try (GoferClient client = new GoferClient(socket, reason -> {})) {
            Reply.Attached attached = client.attach(0);
            assertEquals(false, attached.readOnly());
            long root = attached.root().node();
            assertEquals(Reply.WalkEnd.COMPLETE, client.walk(root, List.of("f")).end());
            Reply.Node made = client.makeDirectory(root, "d", 0777, -1, -1);
            assertEquals(0777, made.attributes().mode() & 07777, "no umask");
            assertEquals(true, client.attach(1).readOnly());
        }
        assertEquals(new HostProcess.Exit(pid, false, 0), HostProcess.waitFor(pid));
    }

    @Test
    void deathIsHeardAndCallsFail() throws Exception {
        HostFd socket = startGofer("--socket-fd=3", "--root-fd=4");
        CountDownLatch died = new CountDownLatch(1);
        try (GoferClient client = new GoferClient(socket, reason -> died.countDown())) {
            long root = client.attach(0).root().node();
            HostProcess.kill(pid, SignalNumbers.SIGKILL);
            died.await();
            GoferFixture.assertErrno(Errno.EIO, () -> client.getAttributes(root));
            client.release(root);
        }
        assertTrue(HostProcess.waitFor(pid).signaled());
    }

    @Test
    void badArgumentsAreOneLineAndCode128() throws Exception {
        startGofer("--root-fd=4").close();
        assertEquals(new HostProcess.Exit(pid, false, 128), HostProcess.waitFor(pid));
        startGofer("--socket-fd=3", "--nonsense").close();
        assertEquals(128, HostProcess.waitFor(pid).status());
        startGofer("--socket-fd=3", "--root-path=/does/not/exist").close();
        assertEquals(128, HostProcess.waitFor(pid).status());
    }
}
