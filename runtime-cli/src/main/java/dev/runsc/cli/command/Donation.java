package dev.runsc.cli.command;

import dev.runsc.cli.base.Failure;
import dev.runsc.cli.container.ContainerState;
import dev.runsc.cli.control.ControlClient;
import dev.runsc.cli.control.ControlFault;
import dev.runsc.cli.lifecycle.Containers;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.SocketConstants;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.gofer.host.HostSockets;
import dev.runsc.gofer.host.HostTree;
import java.nio.file.Path;

/** Descriptors that a sandbox gets: it opens no file of the host itself. */
final class Donation {
    private static final int MODE = 0644;

    private Donation() {}

    /** A new file, or one that is made empty. */
    static HostFd create(Path file) throws Failure {
        return open(file, OpenFlags.O_TRUNC);
    }

    /** The end of a file. */
    static HostFd append(Path file) throws Failure {
        return open(file, OpenFlags.O_APPEND);
    }

    /** A regular file to be read: nothing that could keep a reader waiting. */
    static HostFd read(Path file) throws Failure {
        int flags = OpenFlags.O_RDONLY | OpenFlags.O_NONBLOCK | OpenFlags.O_CLOEXEC;
        try {
            HostFd opened = HostTree.open(file.toString(), flags, 0);
            if ((HostFiles.fstat(opened.number()).mode() & FileMode.S_IFMT) != FileMode.S_IFREG) {
                opened.close();
                throw new Failure("opening " + file + ": not a regular file");
            }
            return opened;
        } catch (ErrnoException e) {
            throw new Failure("opening " + file + ": " + e.getMessage(), e);
        }
    }

    private static HostFd open(Path file, int how) throws Failure {
        int flags = OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_CLOEXEC | how;
        try {
            return HostTree.open(file.toString(), flags, MODE);
        } catch (ErrnoException e) {
            throw new Failure("opening " + file + ": " + e.getMessage(), e);
        }
    }

    /** A connection to a unix socket that somebody listens on. */
    static HostFd connect(String path) throws Failure {
        try {
            HostFd socket =
                    HostSockets.socket(
                            SocketConstants.AF_UNIX,
                            SocketConstants.SOCK_STREAM | SocketConstants.SOCK_CLOEXEC,
                            0);
            boolean good = false;
            try {
                HostSockets.connect(socket.number(), HostSockets.unixAddress(path));
                good = true;
                return socket;
            } finally {
                if (!good) {
                    socket.close();
                }
            }
        } catch (ErrnoException e) {
            throw new Failure("connecting to " + path + ": " + e.getMessage(), e);
        }
    }

    /** A call with one descriptor, which stays ours. */
    static ControlClient.Answer call(
            ContainerState state, String method, String arguments, HostFd given) throws Failure {
        try (ControlClient client = Containers.connect(state)) {
            return client.call(method, arguments, given.number());
        } catch (ControlFault e) {
            throw new Failure(e.getMessage(), e);
        }
    }
}
