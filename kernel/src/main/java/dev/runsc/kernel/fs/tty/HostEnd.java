package dev.runsc.kernel.fs.tty;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FcntlCommands;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.Ioctls;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.gofer.abi.Stat;
import dev.runsc.gofer.abi.Winsize;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.gofer.host.HostPoll;
import dev.runsc.gofer.host.HostTree;
import dev.runsc.kernel.fs.host.HostPoller;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A descriptor of the host that a console reads from or writes to, without waiting. The host's
 * description is shared with others, so it is opened a second time to be non-blocking; where that
 * fails it is polled before use.
 */
final class HostEnd implements HostPoller.Watcher {
    private final HostFd fd;
    private final boolean nonBlocking;
    private final boolean isTerminal;
    private final HostPoller poller;
    private final Runnable onReady;
    private boolean ended;

    HostEnd(HostFd given, HostPoller poller, Runnable onReady) throws ErrnoException {
        this.poller = poller;
        this.onReady = onReady;
        isTerminal = find(given) != null;
        HostFd own = null;
        int access =
                HostFiles.fcntl(given.number(), FcntlCommands.F_GETFL, 0) & OpenFlags.O_ACCMODE;
        try {
            own =
                    HostTree.open(
                            "/proc/self/fd/" + given.number(),
                            access
                                    | OpenFlags.O_NONBLOCK
                                    | OpenFlags.O_NOCTTY
                                    | OpenFlags.O_CLOEXEC,
                            0);
            given.close();
        } catch (ErrnoException notAllowed) {
            // A terminal of another user, a socket: polling before each call does.
            own = null;
        }
        nonBlocking = own != null;
        fd = own == null ? given : own;
    }

    private static @Nullable Winsize find(HostFd fd) {
        byte[] data = new byte[Winsize.BYTES];
        try {
            HostFiles.ioctl(fd.number(), Ioctls.TIOCGWINSZ, data);
            return Winsize.readFrom(ByteBuffer.wrap(data));
        } catch (ErrnoException noTerminal) {
            return null;
        }
    }

    /** Whether two descriptors lead to one terminal. */
    static boolean isSameTerminal(HostFd one, @Nullable HostFd other) throws ErrnoException {
        if (other == null) {
            return true;
        }
        Stat first = HostFiles.fstat(one.number());
        Stat second = HostFiles.fstat(other.number());
        return (first.mode() & FileMode.S_IFMT) == FileMode.S_IFCHR
                && (second.mode() & FileMode.S_IFMT) == FileMode.S_IFCHR
                && first.rdev() == second.rdev()
                && first.dev() == second.dev()
                && first.ino() == second.ino();
    }

    /** Nothing more comes, or can be written. */
    boolean isEnded() {
        return ended;
    }

    /** A terminal that is gone, which is more than a pipe that has ended. */
    boolean isHungUp() {
        return ended && isTerminal;
    }

    @Nullable Winsize size() {
        return ended ? null : find(fd);
    }

    /** What is there, at most so many bytes; none when nothing is, or at the end. */
    byte[] read(int most) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(most);
        try {
            if (!nonBlocking && HostPoll.poll(fd.number(), PollEvents.POLLIN, 0) == 0) {
                return new byte[0];
            }
            ended = HostFiles.read(fd.number(), buffer) <= 0;
        } catch (ErrnoException failed) {
            ended = isFinal(failed);
        }
        byte[] read = new byte[buffer.flip().remaining()];
        buffer.get(read);
        return read;
    }

    /** Writes what is taken at once; how many bytes. */
    int write(byte[] data) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(data.length).put(data).flip();
        try {
            if (!nonBlocking && HostPoll.poll(fd.number(), PollEvents.POLLOUT, 0) == 0) {
                return 0;
            }
            return HostFiles.write(fd.number(), buffer);
        } catch (ErrnoException failed) {
            ended = isFinal(failed);
            return 0;
        }
    }

    private static boolean isFinal(ErrnoException failed) {
        return !failed.is(Errno.EAGAIN) && !failed.is(Errno.EINTR);
    }

    /** Asks to hear of events, once. */
    void arm(int events) {
        if (ended || events == 0 && !isTerminal) {
            return;
        }
        try {
            if (!poller.arm(this, fd.number(), events) && events != 0) {
                onReady.run();
            }
        } catch (ErrnoException failed) {
            ended = true;
        }
    }

    @Override
    public void ready(int events) {
        onReady.run();
    }

    void close() {
        ended = true;
        try {
            poller.forget(fd.number());
        } catch (ErrnoException failed) {
            System.getLogger(HostEnd.class.getName())
                    .log(System.Logger.Level.WARNING, "forgetting a console", failed);
        }
        fd.close();
    }
}
