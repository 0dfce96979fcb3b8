package dev.runsc.kernel.fs.tty;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.DeviceNumber;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.gofer.abi.SignalNumbers;
import dev.runsc.gofer.abi.TermiosFlags;
import dev.runsc.gofer.abi.Winsize;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.kernel.sync.WaitQueue;
import dev.runsc.kernel.task.ControllingTerminal;
import dev.runsc.kernel.task.PidNamespace;
import dev.runsc.kernel.task.TaskSet;
import dev.runsc.kernel.task.ThreadGroup;
import dev.runsc.kernel.vfs.FileDescription;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A pseudo terminal (pty(7)): what programs write to the replica comes out at the master, what is
 * written to the master is typed.
 */
public final class Terminal implements ControllingTerminal {
    /** Major number of replicas (UNIX98_PTY_SLAVE_MAJOR). */
    static final int MAJOR = 136;

    /** What may be typed ahead of a full input buffer; the master waits then. */
    private static final int TYPED_LIMIT = 8192;

    private static final int CHUNK = 4096;
    private static final int READABLE = PollEvents.POLLIN | PollEvents.POLLRDNORM;
    private static final int WRITABLE = PollEvents.POLLOUT | PollEvents.POLLWRNORM;
    private static final int EVERYTHING =
            READABLE | WRITABLE | PollEvents.POLLPRI | PollEvents.POLLHUP | PollEvents.POLLERR;

    private final KernelLock lock = new KernelLock(LockClass.CHANNEL);
    private final WaitQueue replicaQueue = new WaitQueue();
    private final WaitQueue masterQueue = new WaitQueue();
    private final DevptsFileSystem fileSystem;
    private final int index;
    private final JobControl jobControl;
    final LockedModes lockedModes = new LockedModes();

    @GuardedBy("lock")
    private final LineDiscipline discipline = new LineDiscipline();

    @GuardedBy("lock")
    private final ByteQueue typed = new ByteQueue();

    @GuardedBy("lock")
    private int replicas;

    @GuardedBy("lock")
    private boolean masterOpen = true;

    /** The last replica was closed and none has been opened since: the master sees a hang-up. */
    @GuardedBy("lock")
    private boolean replicasGone;

    /** Until unlockpt(3) the replica cannot be opened. */
    @GuardedBy("lock")
    private boolean locked = true;

    @GuardedBy("lock")
    private boolean exclusive;

    @GuardedBy("lock")
    private final PacketMode packets = new PacketMode();

    @GuardedBy("lock")
    private final WindowSize window = new WindowSize();

    /** How often it was hung up: files opened before that are dead. */
    private final AtomicInteger hangUps = new AtomicInteger();

    Terminal(DevptsFileSystem fileSystem, int index, TaskSet tasks) {
        this.fileSystem = fileSystem;
        this.index = index;
        this.jobControl = new JobControl(this, tasks);
    }

    int index() {
        return index;
    }

    JobControl jobControl() {
        return jobControl;
    }

    WaitQueue replicaQueue() {
        return replicaQueue;
    }

    WaitQueue masterQueue() {
        return masterQueue;
    }

    int hangUps() {
        return hangUps.get();
    }

    // As the task layer sees it.

    @Override
    public long deviceNumber() {
        return DeviceNumber.make(MAJOR, index);
    }

    @Override
    public String terminalName() {
        return "pts/" + index;
    }

    @Override
    public int foregroundGroup(PidNamespace view) {
        return jobControl.foregroundGroup(view);
    }

    @Override
    public List<ThreadGroup> foregroundProcesses() {
        return jobControl.foregroundProcesses();
    }

    @Override
    public void sessionLeaderExited() {
        jobControl.leaderExited();
    }

    // Opening and closing.

    /**
     * Counts a replica. EIO while it is locked or the master is gone, EBUSY while it is in use
     * alone.
     */
    void openReplica(boolean mayShareExclusive) throws ErrnoException {
        lock.lock();
        try {
            if (!masterOpen || locked) {
                throw Errno.EIO.error();
            }
            if (exclusive && replicas > 0 && !mayShareExclusive) {
                throw Errno.EBUSY.error();
            }
            replicas++;
            replicasGone = false;
        } finally {
            lock.unlock();
        }
    }

    void closeReplica() {
        boolean free;
        lock.lock();
        try {
            replicas--;
            if (replicas == 0) {
                replicasGone = true;
                exclusive = false;
            }
            free = replicas == 0 && !masterOpen;
        } finally {
            lock.unlock();
        }
        masterQueue.notify(EVERYTHING);
        if (free) {
            fileSystem.release(this);
        }
    }

    /** The master is gone: the terminal is hung up. */
    void closeMaster() {
        boolean free;
        lock.lock();
        try {
            masterOpen = false;
            packets.set(false);
            free = replicas == 0;
        } finally {
            lock.unlock();
        }
        fileSystem.hide(this);
        hangUp();
        if (free) {
            fileSystem.release(this);
        }
    }

    /** vhangup(2): open replicas are dead, and the session loses it. */
    void hangUp() {
        lock.lock();
        try {
            hangUps.incrementAndGet();
            discipline.output().setStoppedByCall(false);
            discipline.flushInput();
            typed.clear();
        } finally {
            lock.unlock();
        }
        jobControl.hangUp();
        replicaQueue.notify(EVERYTHING);
        masterQueue.notify(EVERYTHING);
    }

    boolean isMasterOpen() {
        lock.lock();
        try {
            return masterOpen;
        } finally {
            lock.unlock();
        }
    }

    // The replica's side.

    /** The rules for reads that do not go by lines; null when they do. */
    Modes.@Nullable Patience patience() {
        return modes().patience();
    }

    /** Bytes that can be read without regard to lines. */
    int typedSize() {
        lock.lock();
        try {
            return discipline.input().size();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Reads (n_tty_read).
     *
     * @param impatient whether to be content with what is there, even nothing
     */
    long readReplica(UserBuffer target, boolean nonBlocking, boolean impatient)
            throws ErrnoException {
        long result;
        long signals;
        lock.lock();
        try {
            result = discipline.read(target, nonBlocking || !masterOpen, impatient);
            if (result == FileDescription.WOULD_BLOCK && !masterOpen) {
                throw Errno.EIO.error();
            }
            signals = discipline.receive(typed);
        } finally {
            lock.unlock();
        }
        if (result >= 0) {
            afterInput(signals);
        }
        return result;
    }

    /** Writes what fits (n_tty_write). */
    long writeReplica(UserBuffer source) throws ErrnoException {
        byte[] chunk = new byte[(int) Math.min(CHUNK, source.remaining())];
        int taken = (int) source.take(chunk, 0, chunk.length);
        int done;
        lock.lock();
        try {
            if (!masterOpen) {
                throw Errno.EIO.error();
            }
            done = discipline.output().write(discipline.modes(), chunk, taken);
        } finally {
            lock.unlock();
        }
        source.rewind(taken - done);
        if (done == 0) {
            return FileDescription.WOULD_BLOCK;
        }
        masterQueue.notify(READABLE);
        return done;
    }

    int replicaReadiness() {
        lock.lock();
        try {
            int events = discipline.isReadable() ? READABLE : 0;
            events |= masterOpen ? 0 : PollEvents.POLLHUP;
            return events | (discipline.output().room() > 0 ? WRITABLE : 0);
        } finally {
            lock.unlock();
        }
    }

    // The master's side.

    /** Reads what the programs wrote; with packets a status or a zero comes first. */
    long readMaster(UserBuffer target) throws ErrnoException {
        long done;
        lock.lock();
        try {
            ByteQueue ready = discipline.output().ready();
            if (packets.hasStatus()) {
                return target.put(new byte[] {packets.takeStatus()}, 0, 1);
            }
            if (ready.isEmpty()) {
                if (replicasGone) {
                    throw Errno.EIO.error();
                }
                return FileDescription.WOULD_BLOCK;
            }
            done = packets.isOn() ? target.put(new byte[1], 0, 1) : 0;
            done += ready.moveTo(target, CHUNK);
            discipline.output().processEchoes(discipline.modes());
        } finally {
            lock.unlock();
        }
        replicaQueue.notify(WRITABLE);
        return done;
    }

    /** Types. */
    long writeMaster(UserBuffer source) throws ErrnoException {
        byte[] chunk = new byte[(int) Math.min(CHUNK, source.remaining())];
        int taken = (int) source.take(chunk, 0, chunk.length);
        int done;
        long signals;
        lock.lock();
        try {
            done = Math.min(taken, TYPED_LIMIT - typed.size());
            typed.add(chunk, 0, done);
            signals = discipline.receive(typed);
        } finally {
            lock.unlock();
        }
        source.rewind(taken - done);
        if (done == 0) {
            return FileDescription.WOULD_BLOCK;
        }
        afterInput(signals);
        return done;
    }

    /** Bytes that may be typed now. */
    int typingRoom() {
        lock.lock();
        try {
            return TYPED_LIMIT - typed.size();
        } finally {
            lock.unlock();
        }
    }

    int masterReadiness() {
        lock.lock();
        try {
            int events = discipline.output().ready().isEmpty() ? 0 : READABLE;
            events |= packets.hasStatus() ? READABLE | PollEvents.POLLPRI : 0;
            events |= replicasGone ? PollEvents.POLLHUP : 0;
            return events | (typed.size() < TYPED_LIMIT ? WRITABLE : 0);
        } finally {
            lock.unlock();
        }
    }

    /** Bytes ready for the master, for FIONREAD. */
    int outputSize() {
        lock.lock();
        try {
            return discipline.output().ready().size();
        } finally {
            lock.unlock();
        }
    }

    /** All bytes that ever became ready for the master. */
    long produced() {
        lock.lock();
        try {
            return discipline.output().produced();
        } finally {
            lock.unlock();
        }
    }

    // Effects.

    /** Tells everybody after bytes went in; called without the lock. */
    private void afterInput(long signals) {
        noteEvents();
        for (int signal : JobControl.TYPED) {
            if ((signals & 1L << signal - 1) != 0) {
                jobControl.signalForeground(signal);
            }
        }
        replicaQueue.notify(READABLE | WRITABLE);
        masterQueue.notify(READABLE | WRITABLE);
    }

    /** What happened goes to a master that reads packets. */
    private void noteEvents() {
        boolean news;
        lock.lock();
        try {
            news = packets.note(discipline.takeEvents());
        } finally {
            lock.unlock();
        }
        if (news) {
            masterQueue.notify(READABLE | PollEvents.POLLPRI);
        }
    }

    // Requests.

    Modes modes() {
        lock.lock();
        try {
            return discipline.modes();
        } finally {
            lock.unlock();
        }
    }

    /** tcsetattr(3). */
    void setModes(Modes changed, boolean flushInput) {
        lock.lock();
        try {
            Modes old = discipline.modes();
            if (flushInput) {
                discipline.flushInput();
            }
            Modes kept = lockedModes.keep(old, changed);
            discipline.setModes(kept);
            packets.noteModes(old, kept);
        } finally {
            lock.unlock();
        }
        noteEvents();
        replicaQueue.notify(READABLE | WRITABLE);
        masterQueue.notify(READABLE | PollEvents.POLLPRI);
    }

    Winsize size() {
        lock.lock();
        try {
            return window.get();
        } finally {
            lock.unlock();
        }
    }

    /** TIOCSWINSZ: the foreground group hears of a change. */
    void setSize(Winsize size) {
        if (size.equals(size())) {
            return;
        }
        lock.lock();
        try {
            window.set(size);
        } finally {
            lock.unlock();
        }
        jobControl.signalForeground(SignalNumbers.SIGWINCH);
    }

    /** FIONREAD of the replica. */
    int inputSize() {
        lock.lock();
        try {
            return discipline.readableSize();
        } finally {
            lock.unlock();
        }
    }

    /** tcflush(3) at the replica. */
    void flush(boolean in, boolean out) {
        lock.lock();
        try {
            if (in) {
                discipline.flushInput();
                discipline.receive(typed);
            }
            if (out) {
                discipline.flushOutput();
            }
        } finally {
            lock.unlock();
        }
        noteEvents();
        replicaQueue.notify(WRITABLE);
        masterQueue.notify(WRITABLE);
    }

    /** tcflush(3) at the master: the same two ways, seen from there. */
    void flushMaster(boolean in, boolean out) {
        lock.lock();
        try {
            if (in) {
                discipline.output().ready().clear();
            }
            if (out) {
                typed.clear();
            }
        } finally {
            lock.unlock();
        }
        replicaQueue.notify(WRITABLE);
        masterQueue.notify(WRITABLE);
    }

    /** tcflow(3): stops or starts output. */
    void setOutputStopped(boolean stop) {
        lock.lock();
        try {
            discipline.output().setStoppedByCall(stop);
            discipline.flowEvent(stop ? TermiosFlags.TIOCPKT_STOP : TermiosFlags.TIOCPKT_START);
            discipline.output().processEchoes(discipline.modes());
        } finally {
            lock.unlock();
        }
        noteEvents();
        replicaQueue.notify(WRITABLE);
        masterQueue.notify(READABLE);
    }

    /** tcflow(3): asks the other side to stop or start, by the characters for it. */
    void sendFlowCharacter(int characterIndex) {
        lock.lock();
        try {
            int character = discipline.modes().character(characterIndex);
            if (character != 0) {
                discipline.output().emit(character);
            }
        } finally {
            lock.unlock();
        }
        masterQueue.notify(READABLE);
    }

    boolean isLocked() {
        lock.lock();
        try {
            return locked;
        } finally {
            lock.unlock();
        }
    }

    void setLocked(boolean on) {
        lock.lock();
        try {
            locked = on;
        } finally {
            lock.unlock();
        }
    }

    boolean isExclusive() {
        lock.lock();
        try {
            return exclusive;
        } finally {
            lock.unlock();
        }
    }

    void setExclusive(boolean on) {
        lock.lock();
        try {
            exclusive = on;
        } finally {
            lock.unlock();
        }
    }

    boolean hasPackets() {
        lock.lock();
        try {
            return packets.isOn();
        } finally {
            lock.unlock();
        }
    }

    /** TIOCPKT. */
    void setPackets(boolean on) {
        lock.lock();
        try {
            if (on && !packets.isOn()) {
                discipline.takeEvents();
            }
            packets.set(on);
        } finally {
            lock.unlock();
        }
    }
}
