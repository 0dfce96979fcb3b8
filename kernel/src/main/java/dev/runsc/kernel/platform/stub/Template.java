package dev.runsc.kernel.platform.stub;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.SocketConstants;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostProcess;
import dev.runsc.gofer.host.HostSockets;
import dev.runsc.gofer.host.Spawn;
import dev.runsc.gofer.host.UnixSocket;
import dev.runsc.kernel.platform.PlatformException;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;

/**
 * The template process, first of the stubs' PID namespace: forks pristine stub processes and holds
 * the descriptors that they share. When our end of its socket closes, by {@link #close} or because
 * this JVM died, the host ends it and with it every process of the namespace.
 */
final class Template implements AutoCloseable {
    /** What a new stub process is known by; the pid is that in the stubs' namespace. */
    record Fork(HostFd process, int pid, HostFd event, int eventNumber) {}

    /**
     * What the template said of the machine.
     *
     * @param pausePicoseconds what one look of a spinning thread takes
     * @param componentOffsets where each XSAVE component lies in a signal frame, by its bit in the
     *     feature mask; 0 if absent
     */
    record Hello(
            int features,
            int signalStackBytes,
            int xsaveBytes,
            long xsaveFeatures,
            long pausePicoseconds,
            int[] componentOffsets,
            int[] componentSizes) {}

    /**
     * A stack placed at random can lie where the stub has to; then the host refuses or kills the
     * new process.
     */
    private static final int ATTEMPTS = 5;

    private final KernelLock lock = new KernelLock(LockClass.PLATFORM);
    private final UnixSocket socket;
    private final Hello hello;

    @GuardedBy("lock")
    private final ByteBuffer message = buffer(StubLayout.MESSAGE_SIZE);

    @GuardedBy("lock")
    private boolean closed;

    private Template(UnixSocket socket, Hello hello) {
        this.socket = socket;
        this.hello = hello;
    }

    /** Starts the template. Both descriptors stay the caller's. */
    static Template start(Path program, HostFd memory, HostFd control) throws PlatformException {
        PlatformException last = new PlatformException("the stub did not start");
        for (int i = 0; i < ATTEMPTS; i++) {
            try {
                return attempt(program, memory, control);
            } catch (ErrnoException e) {
                last = new PlatformException("cannot start " + program + ": " + e.getMessage(), e);
            }
        }
        throw last;
    }

    private static Template attempt(Path program, HostFd memory, HostFd control)
            throws ErrnoException, PlatformException {
        HostFd[] pair = HostSockets.socketpair(SocketConstants.SOCK_SEQPACKET);
        UnixSocket socket = new UnixSocket(pair[0]);
        boolean started = false;
        try {
            int pid;
            try {
                pid =
                        new Spawn(program.toString())
                                .arguments(List.of("runsc-stub"))
                                .descriptor(StubLayout.STUB_FD_SOCKET, pair[1].number())
                                .descriptor(StubLayout.STUB_FD_MEMORY, memory.number())
                                .descriptor(StubLayout.STUB_FD_CONTROL, control.number())
                                .newSession()
                                .start();
            } finally {
                pair[1].close();
            }
            ByteBuffer data = buffer(StubLayout.HELLO_SIZE);
            UnixSocket.Received received = socket.receive(data, 0);
            // Only the template's first process is our child; it ends once the namespace's first
            // one runs.
            HostProcess.waitFor(pid);
            Template template = new Template(socket, parse(data, received.bytes()));
            started = true;
            return template;
        } finally {
            if (!started) {
                socket.close();
            }
        }
    }

    private static Hello parse(ByteBuffer data, int length)
            throws ErrnoException, PlatformException {
        if (length != StubLayout.HELLO_SIZE) {
            throw Errno.EPIPE.error();
        }
        int error = -data.getInt((int) StubLayout.MESSAGE_RESULT);
        if (error != 0) {
            throw new PlatformException(
                    "the stub cannot set itself up: "
                            + Errno.find(error)
                            + " (it needs seccomp, and CAP_SYS_ADMIN or user namespaces)");
        }
        if (data.getInt((int) StubLayout.HELLO_PROTOCOL) != StubLayout.STUB_PROTOCOL) {
            throw new PlatformException("the stub is of another version");
        }
        int[] offsets = new int[StubLayout.XSAVE_COMPONENTS];
        int[] sizes = new int[StubLayout.XSAVE_COMPONENTS];
        for (int i = 0; i < offsets.length; i++) {
            long component = StubLayout.HELLO_COMPONENTS + StubLayout.COMPONENT_SIZE * i;
            offsets[i] = data.getInt((int) (component + StubLayout.COMPONENT_OFFSET));
            sizes[i] = data.getInt((int) (component + StubLayout.COMPONENT_BYTES));
        }
        return new Hello(
                data.getInt((int) StubLayout.HELLO_FEATURES),
                data.getInt((int) StubLayout.HELLO_SIGNAL_STACK),
                data.getInt((int) StubLayout.HELLO_XSAVE_SIZE),
                data.getLong((int) StubLayout.HELLO_XSAVE_FEATURES),
                data.getLong((int) StubLayout.HELLO_PAUSE_PICOSECONDS),
                offsets,
                sizes);
    }

    private static ByteBuffer buffer(long bytes) {
        return ByteBuffer.allocateDirect((int) bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    Hello hello() {
        return hello;
    }

    /** Makes a stub process that uses this block of the control file. */
    Fork fork(int block) throws PlatformException {
        lock.lock();
        try {
            try {
                send(StubLayout.OP_FORK, block);
                List<HostFd> descriptors = receive(2);
                long value = message.getLong((int) StubLayout.MESSAGE_VALUE);
                int pid = (int) (value >>> Integer.SIZE);
                return new Fork(descriptors.get(0), pid, descriptors.get(1), (int) value);
            } catch (ErrnoException e) {
                throw new PlatformException("cannot fork a stub: " + e.getMessage(), e);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Gives a descriptor to all stub processes; returns its number there. */
    int addDescriptor(HostFd descriptor) throws PlatformException {
        lock.lock();
        try {
            try {
                send(StubLayout.OP_ADD_FD, 0, descriptor.number());
                receive(0);
                int number = (int) message.getLong((int) StubLayout.MESSAGE_VALUE);
                if (number < 0) {
                    throw new PlatformException("the stubs have too many open files");
                }
                return number;
            } catch (ErrnoException e) {
                throw new PlatformException("cannot donate a file: " + e.getMessage(), e);
            }
        } finally {
            lock.unlock();
        }
    }

    void closeDescriptor(int number) {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            try {
                send(StubLayout.OP_CLOSE_FD, number);
            } catch (ErrnoException e) {
                // The template is gone, and the descriptor with it.
                assert e != null;
            }
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void send(int operation, long value, int... descriptors) throws ErrnoException {
        if (closed) {
            throw Errno.EPIPE.error();
        }
        message.clear();
        message.putInt(operation).putInt(0).putLong(value).flip();
        socket.send(message, descriptors);
    }

    @GuardedBy("lock")
    private List<HostFd> receive(int descriptors) throws ErrnoException {
        message.clear();
        UnixSocket.Received received = socket.receive(message, descriptors);
        int error = received.atEnd() ? 0 : -message.getInt((int) StubLayout.MESSAGE_RESULT);
        if (received.bytes() != StubLayout.MESSAGE_SIZE
                || error != 0
                || received.descriptors().size() != descriptors) {
            received.closeDescriptors();
            Errno errno = Errno.find(error);
            throw (errno == null ? Errno.EPIPE : errno).error();
        }
        return received.descriptors();
    }

    /** Ends every stub process. */
    @Override
    public void close() {
        lock.lock();
        try {
            if (!closed) {
                closed = true;
                socket.close();
            }
        } finally {
            lock.unlock();
        }
    }
}
