package dev.runsc.kernel.fs.tty;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.gofer.abi.Winsize;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.kernel.fs.host.HostPoller;
import dev.runsc.kernel.fs.host.HostStreams;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.kernel.sync.ThreadWaiter;
import dev.runsc.kernel.sync.WaitQueue;
import dev.runsc.state.AfterRestore;
import dev.runsc.state.RestoreContext;
import dev.runsc.state.Savable;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The master of a container's terminal: what the host's terminal sends is typed, what the programs
 * write goes there. The host's terminal is in raw mode, so that all its keys come through. One
 * thread does the work.
 */
final class HostConsole implements Savable, AfterRestore {
    /** As much as flushing leaves alone, so that what was taken is always what comes next. */
    private static final int CHUNK = InputBuffer.SIZE - 1;

    private static final int WAKING =
            PollEvents.POLLIN | PollEvents.POLLOUT | PollEvents.POLLHUP | PollEvents.POLLERR;

    private final Consoles consoles;
    private final String name;
    private final Terminal terminal;

    /** Whether it ends with the last replica: the terminal of an exec'd process. */
    private final boolean endsWithReplicas;

    /** Held while bytes are passed on; the signals that typing sends come under it. */
    private final KernelLock relay = new KernelLock(LockClass.CHECKPOINT);

    /** Taken from the terminal and not yet taken by the host. */
    @GuardedBy("relay")
    private byte[] pending = new byte[0];

    @GuardedBy("relay")
    private boolean ended;

    private final WaitQueue drained = new WaitQueue();
    private transient @Nullable HostEnd input;
    private transient @Nullable HostEnd output;
    private transient volatile @Nullable ThreadWaiter waiter;

    HostConsole(Consoles consoles, String name, Terminal terminal, boolean endsWithReplicas) {
        this.consoles = consoles;
        this.name = name;
        this.terminal = terminal;
        this.endsWithReplicas = endsWithReplicas;
    }

    Terminal terminal() {
        return terminal;
    }

    boolean belongsTo(String container) {
        return name.equals(container) || name.startsWith(container + "/");
    }

    /** Takes over the host's descriptors; {@code out} may be null when {@code in} serves both. */
    void connect(HostFd in, @Nullable HostFd out, HostPoller poller) throws ErrnoException {
        input = new HostEnd(in, poller, this::wake);
        output = out == null ? input : new HostEnd(out, poller, this::wake);
    }

    void start() {
        Thread thread = new Thread(this::run, "console " + terminal.terminalName());
        thread.setDaemon(true);
        thread.start();
    }

    /** Looks again at what there is to do. */
    void wake() {
        ThreadWaiter sleeping = waiter;
        if (sleeping != null) {
            sleeping.notified(WAKING);
        }
    }

    /** Waits until nothing is being passed on; after that the stop counts. */
    void awaitStop() {
        relay.lock();
        try {
            // Whoever passes on from now on sees the stop.
        } finally {
            relay.unlock();
        }
    }

    private void run() {
        ThreadWaiter own = new ThreadWaiter();
        waiter = own;
        terminal.masterQueue().add(own, WAKING);
        try {
            while (passOn()) {
                drained.notify(PollEvents.POLLOUT);
                while (!own.take()) {
                    LockSupport.park(this);
                }
            }
        } finally {
            terminal.masterQueue().remove(own);
            consoles.remove(this);
            drained.notify(PollEvents.POLLOUT);
        }
    }

    /** Passes on what can be; false at the end. */
    private boolean passOn() {
        relay.lock();
        try {
            if (ended) {
                return false;
            }
            if (consoles.isStopped()) {
                return true;
            }
            HostEnd in = input;
            HostEnd out = output;
            if (in == null || out == null || !passOn(in, out)) {
                end();
                return false;
            }
            return true;
        } finally {
            relay.unlock();
        }
    }

    @GuardedBy("relay")
    private boolean passOn(HostEnd in, HostEnd out) {
        boolean moved;
        do {
            moved = show(out);
            moved |= type(in);
        } while (moved);
        if (out.isEnded() && in.isEnded() || in.isHungUp()) {
            return false;
        }
        if (endsWithReplicas
                && pending.length == 0
                && (terminal.masterReadiness() & (PollEvents.POLLHUP | PollEvents.POLLIN))
                        == PollEvents.POLLHUP) {
            return false;
        }
        int read = !in.isEnded() && terminal.typingRoom() > 0 ? PollEvents.POLLIN : 0;
        int write = pending.length > 0 ? PollEvents.POLLOUT : 0;
        if (in == out) {
            in.arm(read | write);
        } else {
            in.arm(read);
            out.arm(write);
        }
        return true;
    }

    /** From the programs to the host. */
    @GuardedBy("relay")
    private boolean show(HostEnd out) {
        try {
            if (pending.length == 0) {
                int size = Math.min(CHUNK, terminal.outputSize());
                if (size == 0) {
                    return false;
                }
                byte[] taken = new byte[size];
                int count = (int) terminal.readMaster(UserBuffer.of(taken));
                pending = Arrays.copyOf(taken, count);
            }
            // Nobody would see it, and nobody shall wait for it.
            int written = out.isEnded() ? pending.length : out.write(pending);
            pending = Arrays.copyOfRange(pending, written, pending.length);
            return written > 0;
        } catch (ErrnoException failed) {
            throw new AssertionError("reading a terminal's output", failed);
        }
    }

    /** From the host to the programs. */
    private boolean type(HostEnd in) {
        int room = Math.min(CHUNK, terminal.typingRoom());
        if (room == 0 || in.isEnded()) {
            return false;
        }
        byte[] read = in.read(room);
        if (read.length == 0) {
            return false;
        }
        try {
            terminal.writeMaster(UserBuffer.of(read));
        } catch (ErrnoException failed) {
            throw new AssertionError("typing at a terminal", failed);
        }
        return true;
    }

    @GuardedBy("relay")
    private void end() {
        ended = true;
        close();
        terminal.closeMaster();
    }

    /** Before it was started: as if the host's terminal had gone. */
    void giveUp() {
        relay.lock();
        try {
            end();
        } finally {
            relay.unlock();
        }
        consoles.remove(this);
    }

    private void close() {
        HostEnd in = input;
        HostEnd out = output;
        if (in != null) {
            in.close();
        }
        if (out != null && out != in) {
            out.close();
        }
    }

    /** The size of the host's terminal becomes the container's. */
    void adoptSize() {
        HostEnd in = input;
        HostEnd out = output;
        Winsize size = in == null ? null : in.size();
        if (size == null && out != null) {
            size = out.size();
        }
        if (size != null) {
            terminal.setSize(size);
        }
    }

    /** Whether nothing waits to be shown. */
    boolean isDrained() {
        relay.lock();
        try {
            return ended || pending.length == 0 && terminal.outputSize() == 0;
        } finally {
            relay.unlock();
        }
    }

    WaitQueue drained() {
        return drained;
    }

    @Override
    public void afterRestore(RestoreContext context) {
        HostStreams streams = context.find(HostStreams.class);
        if (streams == null) {
            return;
        }
        HostFd in = streams.byName().get(name + ":0");
        HostFd out = streams.byName().get(name + ":1");
        if (in == null) {
            return;
        }
        try {
            connect(in, HostEnd.isSameTerminal(in, out) ? null : out, streams.poller());
        } catch (ErrnoException failed) {
            System.getLogger(HostConsole.class.getName())
                    .log(System.Logger.Level.WARNING, "console " + name + " is lost", failed);
        }
    }
}
