package dev.runsc.kernel.fs.host;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FcntlCommands;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.Ioctls;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.gofer.abi.Stat;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostFiles;
import dev.runsc.gofer.host.HostPoll;
import dev.runsc.gofer.host.HostTree;
import dev.runsc.kernel.memory.MemoryManager;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.sync.WaitQueue;
import dev.runsc.kernel.sync.Waiter;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.state.AfterRestore;
import dev.runsc.state.RestoreContext;
import java.nio.ByteBuffer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A host descriptor that a container was given: its standard streams. Saved by name; after a
 * restore it is the stream of the same name that the restorer supplied, or one that is closed
 * (reads end, writes fail with EIO).
 *
 * <p>The host's description is shared with others, so it is never made non-blocking: pipes and
 * terminals are opened a second time for that, everything else is polled before use.
 */
public final class HostStream extends FileDescription implements AfterRestore, HostPoller.Watcher {
    private static final int CHUNK_BYTES = 64 << 10;

    /** PIPE_BUF: what a pipe that polls writable takes without blocking. */
    private static final int SAFE_WRITE_BYTES = 4096;

    private static final int TERMIOS_BYTES = 36;
    private static final int WINSIZE_BYTES = 8;

    /** Sizes of the terminal requests that are passed on. */
    private static final Map<Integer, Integer> TERMINAL_REQUESTS =
            Map.of(
                    Ioctls.TCGETS, TERMIOS_BYTES,
                    Ioctls.TCSETS, TERMIOS_BYTES,
                    Ioctls.TCSETSW, TERMIOS_BYTES,
                    Ioctls.TCSETSF, TERMIOS_BYTES,
                    Ioctls.TIOCGWINSZ, WINSIZE_BYTES,
                    Ioctls.TIOCSWINSZ, WINSIZE_BYTES,
                    Ioctls.FIONREAD, Integer.BYTES);

    private static final ThreadLocal<ByteBuffer> SCRATCH =
            ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(CHUNK_BYTES));

    private final String name;
    private final WaitQueue queue = new WaitQueue();

    private transient @Nullable HostFd host;
    private transient @Nullable HostPoller poller;
    private transient boolean nonBlocking;

    public HostStream(String name, HostFd host, HostPoller poller) throws ErrnoException {
        super(
                HostFiles.fcntl(host.number(), FcntlCommands.F_GETFL, 0)
                        & (OpenFlags.O_ACCMODE | OpenFlags.O_APPEND));
        this.name = name;
        connect(host, poller);
    }

    private void connect(HostFd given, HostPoller pollerToUse) throws ErrnoException {
        host = given;
        poller = pollerToUse;
        int type = HostFiles.fstat(given.number()).mode() & FileMode.S_IFMT;
        nonBlocking = false;
        if (type == FileMode.S_IFIFO) {
            int access =
                    HostFiles.fcntl(given.number(), FcntlCommands.F_GETFL, 0) & OpenFlags.O_ACCMODE;
            try {
                host =
                        HostTree.open(
                                "/proc/self/fd/" + given.number(),
                                access | OpenFlags.O_NONBLOCK | OpenFlags.O_CLOEXEC,
                                0);
                nonBlocking = true;
                given.close();
            } catch (ErrnoException notAllowed) {
                // Without /proc, or with a pipe of another user: polling before each call does.
                host = given;
            }
        }
    }

    private HostFd require() throws ErrnoException {
        HostFd open = host;
        if (open == null) {
            throw Errno.EIO.error();
        }
        return open;
    }

    @Override
    public boolean isSeekable() {
        return false;
    }

    /**
     * For /dev/stdout and its like: there is no second description of a host's stream, so this one
     * is shared.
     */
    @Override
    public FileDescription reopen(Caller caller, int flags) throws ErrnoException {
        int access = flags & OpenFlags.O_ACCMODE;
        if (access != OpenFlags.O_WRONLY && !isReadable()
                || access != OpenFlags.O_RDONLY && !isWritable()) {
            throw Errno.EACCES.error();
        }
        retain();
        return this;
    }

    @Override
    public long read(Caller caller, UserBuffer target) throws ErrnoException {
        if (host == null || target.remaining() == 0) {
            return 0;
        }
        if (!isReady(PollEvents.POLLIN)) {
            return wouldBlock(PollEvents.POLLIN);
        }
        ByteBuffer scratch = SCRATCH.get().clear();
        scratch.limit((int) Math.min(CHUNK_BYTES, target.remaining()));
        int count;
        try {
            count = HostFiles.read(require().number(), scratch);
        } catch (ErrnoException failed) {
            if (failed.is(Errno.EAGAIN)) {
                return wouldBlock(PollEvents.POLLIN);
            }
            throw failed;
        }
        if (count <= 0) {
            return 0;
        }
        return target.put(java.lang.foreign.MemorySegment.ofBuffer(scratch.flip()));
    }

    @Override
    public long write(Caller caller, UserBuffer source) throws ErrnoException {
        int fd = require().number();
        if (source.remaining() == 0) {
            return 0;
        }
        if (!isReady(PollEvents.POLLOUT)) {
            return wouldBlock(PollEvents.POLLOUT);
        }
        ByteBuffer scratch = SCRATCH.get().clear();
        int most = nonBlocking ? CHUNK_BYTES : SAFE_WRITE_BYTES;
        scratch.limit((int) Math.min(most, source.remaining()));
        java.lang.foreign.MemorySegment chunk = java.lang.foreign.MemorySegment.ofBuffer(scratch);
        long taken = source.take(chunk);
        scratch.limit((int) taken);
        try {
            int written = HostFiles.write(fd, scratch);
            source.rewind(taken - written);
            return written;
        } catch (ErrnoException failed) {
            if (failed.is(Errno.EAGAIN)) {
                source.rewind(taken);
                return wouldBlock(PollEvents.POLLOUT);
            }
            throw failed;
        }
    }

    private boolean isReady(int event) throws ErrnoException {
        int failures = PollEvents.POLLHUP | PollEvents.POLLERR;
        return nonBlocking
                || (HostPoll.poll(require().number(), event, 0) & (event | failures)) != 0;
    }

    private long wouldBlock(int events) throws ErrnoException {
        arm(events);
        return WOULD_BLOCK;
    }

    private void arm(int events) throws ErrnoException {
        HostPoller watching = poller;
        if (watching != null && !watching.arm(this, require().number(), events)) {
            queue.notify(events);
        }
    }

    @Override
    public void ready(int events) {
        queue.notify(events | PollEvents.POLLERR | PollEvents.POLLHUP);
    }

    @Override
    public int readiness() {
        if (host == null) {
            return PollEvents.POLLIN | PollEvents.POLLHUP;
        }
        int wanted = PollEvents.POLLIN | PollEvents.POLLOUT;
        try {
            int now = HostPoll.poll(require().number(), wanted, 0);
            int missing = wanted & ~now;
            if (missing != 0 && !queue.isEmpty()) {
                arm(missing);
            }
            return now;
        } catch (ErrnoException failed) {
            return PollEvents.POLLERR;
        }
    }

    @Override
    public void addWaiter(Waiter waiter, int events) {
        queue.add(waiter, events);
    }

    @Override
    public void removeWaiter(Waiter waiter) {
        queue.remove(waiter);
    }

    @Override
    public Stat stat(Caller caller) throws ErrnoException {
        return HostFiles.fstat(require().number());
    }

    @Override
    public long ioctl(Caller caller, MemoryManager memory, int request, long argument)
            throws ErrnoException {
        Integer size = TERMINAL_REQUESTS.get(request);
        if (size == null) {
            throw Errno.ENOTTY.error();
        }
        byte[] data = new byte[size];
        boolean sets =
                request != Ioctls.TCGETS
                        && request != Ioctls.TIOCGWINSZ
                        && request != Ioctls.FIONREAD;
        if (sets) {
            memory.copyIn(argument, data);
        }
        int result = HostFiles.ioctl(require().number(), request, data);
        if (!sets) {
            memory.copyOut(argument, data);
        }
        return result;
    }

    @Override
    protected void closed() {
        HostFd open = host;
        if (open == null) {
            return;
        }
        host = null;
        try {
            HostPoller watching = poller;
            if (watching != null) {
                watching.forget(open.number());
            }
            open.close();
        } catch (ErrnoException failed) {
            System.getLogger(HostStream.class.getName())
                    .log(System.Logger.Level.WARNING, "closing " + name, failed);
        }
    }

    @Override
    public String anonymousName() {
        return "host:[" + name + "]";
    }

    @Override
    public void afterRestore(RestoreContext context) {
        HostStreams streams = context.find(HostStreams.class);
        HostFd given = streams == null ? null : streams.byName().get(name);
        if (streams == null || given == null) {
            return;
        }
        try {
            connect(given, streams.poller());
        } catch (ErrnoException failed) {
            System.getLogger(HostStream.class.getName())
                    .log(System.Logger.Level.WARNING, "stream " + name + " is lost", failed);
        }
    }
}
