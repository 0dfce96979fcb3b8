package dev.runsc.kernel.fs.tty;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.kernel.fs.host.HostPoller;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.kernel.sync.ThreadWaiter;
import dev.runsc.kernel.task.ThreadGroup;
import dev.runsc.kernel.vfs.AttributeChange;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.kernel.vfs.Location;
import dev.runsc.kernel.vfs.PathWalk;
import dev.runsc.state.AfterRestore;
import dev.runsc.state.RestoreContext;
import dev.runsc.state.Savable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The terminals of containers that the host's terminals stand behind. Stopped and resumed with the
 * tasks, so that nothing is typed into an image while it is written.
 */
public final class Consoles implements Savable, AfterRestore {
    /** How long a host that does not take a container's last words can hold up its end. */
    private static final long DRAIN_NANOS = 3_000_000_000L;

    private final KernelLock lock = new KernelLock(LockClass.CHANNEL);

    @GuardedBy("lock")
    private final ArrayList<HostConsole> consoles = new ArrayList<>();

    private transient AtomicInteger stops = new AtomicInteger();

    /** A new console and the open file that its process has as standard descriptors. */
    public static final class Opened {
        private final HostConsole console;
        private final Location place;
        private final FileDescription file;

        private Opened(HostConsole console, Location place, FileDescription file) {
            this.console = console;
            this.place = place;
            this.file = file;
        }

        /** Where it lies in the container's devpts. */
        public Location place() {
            return place;
        }

        public FileDescription file() {
            return file;
        }

        /** Makes it the controlling terminal of a process that has not run yet; bytes pass on. */
        public void giveTo(ThreadGroup leader) {
            console.terminal().jobControl().giveTo(leader);
            console.adoptSize();
            console.start();
        }

        /** Nobody wants it after all. */
        public void giveUp() {
            file.release();
            console.giveUp();
        }
    }

    /**
     * Makes a terminal in a container's devpts.
     *
     * @param devices root of a mount of devpts
     * @param name {@code name:0} and {@code name:1} are the host descriptors at a restore
     * @param uid its owner
     */
    public Opened open(
            Caller caller,
            Location devices,
            String name,
            boolean endsWithReplicas,
            int uid,
            HostFd in,
            @Nullable HostFd out,
            HostPoller poller)
            throws ErrnoException {
        if (!(devices.inode().fileSystem() instanceof DevptsFileSystem devpts)) {
            throw Errno.ENODEV.error();
        }
        Terminal terminal = devpts.create(caller);
        terminal.setLocked(false);
        HostConsole console = new HostConsole(this, name, terminal, endsWithReplicas);
        boolean same = HostEnd.isSameTerminal(in, out);
        console.connect(in, same ? null : out, poller);
        if (same && out != null) {
            out.close();
        }
        Location place = PathWalk.find(caller, devices, String.valueOf(terminal.index()), 0);
        place.inode()
                .changeAttributes(
                        caller, new AttributeChange(AttributeChange.UID, 0, uid, 0, 0, 0));
        FileDescription file =
                place.inode().open(caller, place, OpenFlags.O_RDWR | OpenFlags.O_LARGEFILE);
        lock.lock();
        try {
            consoles.add(console);
        } finally {
            lock.unlock();
        }
        return new Opened(console, place, file);
    }

    private List<HostConsole> all() {
        lock.lock();
        try {
            return List.copyOf(consoles);
        } finally {
            lock.unlock();
        }
    }

    void remove(HostConsole console) {
        lock.lock();
        try {
            consoles.remove(console);
        } finally {
            lock.unlock();
        }
    }

    boolean isStopped() {
        return stops.get() > 0;
    }

    /** Nothing is passed on once this returns. Nests. */
    public void stop() {
        stops.incrementAndGet();
        all().forEach(HostConsole::awaitStop);
    }

    /** Ends one stop. */
    public void resume() {
        if (stops.decrementAndGet() == 0) {
            all().forEach(HostConsole::wake);
        }
    }

    /** After a restore, beside {@link #resume}: their threads. */
    public void startRestored() {
        for (HostConsole console : all()) {
            console.adoptSize();
            console.start();
        }
    }

    /** The host's terminals may have changed their sizes. */
    public void adoptSizes() {
        all().forEach(HostConsole::adoptSize);
    }

    /** Waits until the host has what a container's programs wrote, or does not want it. */
    public void drain(String container) throws InterruptedException {
        long deadline = System.nanoTime() + DRAIN_NANOS;
        for (HostConsole console : all()) {
            if (console.belongsTo(container)) {
                drain(console, deadline);
            }
        }
    }

    private static void drain(HostConsole console, long deadline) throws InterruptedException {
        ThreadWaiter waiter = new ThreadWaiter();
        console.drained().add(waiter, PollEvents.POLLOUT);
        try {
            while (!console.isDrained()) {
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    return;
                }
                LockSupport.parkNanos(console, left);
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
        } finally {
            console.drained().remove(waiter);
        }
    }

    @Override
    public void afterRestore(RestoreContext context) {
        stops = new AtomicInteger(1);
    }
}
