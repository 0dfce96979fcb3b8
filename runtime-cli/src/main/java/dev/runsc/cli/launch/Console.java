package dev.runsc.cli.launch;

import dev.runsc.cli.base.DebugLog;
import dev.runsc.cli.base.Failure;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.Ioctls;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.SignalNumbers;
import dev.runsc.gofer.abi.SocketConstants;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.gofer.host.HostSignals;
import dev.runsc.gofer.host.HostSockets;
import dev.runsc.gofer.host.HostTree;
import dev.runsc.gofer.host.UnixSocket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** A pair of terminal ends: one for the container, one for whoever asked for it. */
public final class Console {
    private Console() {}

    /**
     * Opens a terminal pair and sends the master over a unix socket.
     *
     * @return the other end, for the container's standard descriptors
     */
    public static HostFd open(Path socket) throws Failure {
        try (HostFd master = HostTree.open("/dev/ptmx", OpenFlags.O_RDWR | OpenFlags.O_NOCTTY, 0)) {
            HostFiles.ioctl(master.number(), Ioctls.TIOCSPTLCK, new byte[Integer.BYTES]);
            byte[] number = new byte[Integer.BYTES];
            HostFiles.ioctl(master.number(), (int) Ioctls.TIOCGPTN, number);
            int index = ByteBuffer.wrap(number).order(ByteOrder.LITTLE_ENDIAN).getInt();
            String name = "/dev/pts/" + index;
            HostFd replica = HostTree.open(name, OpenFlags.O_RDWR | OpenFlags.O_NOCTTY, 0);
            boolean sent = false;
            try {
                // The container's own terminal edits lines and echoes.
                RawTerminal.makeRaw(replica.number());
                send(socket, master, name);
                sent = true;
                return replica;
            } finally {
                if (!sent) {
                    replica.close();
                }
            }
        } catch (ErrnoException e) {
            throw new Failure("console socket \"" + socket + "\": " + e.getMessage(), e);
        }
    }

    /**
     * Makes a terminal that is nobody's the controlling one of this process, a session leader, so
     * that it hears of changes of the size.
     */
    public static void takeAsControlling(int fd) {
        try {
            HostFiles.ioctl(fd, Ioctls.TIOCSCTTY, 0L);
            // Its end is seen by who reads from it.
            HostSignals.handle(
                    List.of(SignalNumbers.SIGHUP), signal -> DebugLog.write("terminal hung up"));
        } catch (ErrnoException e) {
            // Our starter's terminal: he passes its changes on.
            DebugLog.write("terminal is another session's: " + e.getMessage());
        }
    }

    private static void send(Path socket, HostFd master, String name) throws ErrnoException {
        HostFd fd =
                HostSockets.socket(
                        SocketConstants.AF_UNIX,
                        SocketConstants.SOCK_STREAM | SocketConstants.SOCK_CLOEXEC,
                        0);
        try (UnixSocket connection = new UnixSocket(fd)) {
            HostSockets.connect(fd.number(), HostSockets.unixAddress(socket.toString()));
            byte[] text = name.getBytes(StandardCharsets.UTF_8);
            connection.send(
                    ByteBuffer.allocateDirect(text.length).put(text).flip(), master.number());
        }
    }
}
