package dev.runsc.kernel.task;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.FileMode;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.gofer.abi.SigInfo;
import dev.runsc.gofer.abi.Stat;
import dev.runsc.gofer.abi.Timespec;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.sync.Waiter;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.FileDescription;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Signals that are read (signalfd(2)): those of whoever reads, not of who made it. */
public final class SignalFd extends FileDescription {
    private static final int RECORD_BYTES = 128;
    private static final Timespec ZERO = new Timespec(0, 0);

    /** Whose queue wakes the waiters: the process that made it. */
    private final ThreadGroup group;

    private volatile long mask;

    public SignalFd(ThreadGroup group, long mask, int statusFlags) {
        super(OpenFlags.O_RDWR | statusFlags);
        this.group = group;
        this.mask = mask;
    }

    public void setMask(long signals) {
        mask = signals;
    }

    @Override
    public boolean isSeekable() {
        return false;
    }

    @Override
    public long read(Caller caller, UserBuffer target) throws ErrnoException {
        if (!(caller instanceof Task task) || target.remaining() < RECORD_BYTES) {
            throw Errno.EINVAL.error();
        }
        long done = 0;
        while (target.remaining() >= RECORD_BYTES) {
            SigInfo info = Signals.take(task, mask);
            if (info == null) {
                break;
            }
            byte[] signal = encode(info);
            done += target.put(signal, 0, signal.length);
        }
        return done == 0 ? WOULD_BLOCK : done;
    }

    /** struct signalfd_siginfo (linux/signalfd.h). */
    private static byte[] encode(SigInfo info) {
        ByteBuffer out = ByteBuffer.allocate(RECORD_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(0, info.signal()).putInt(4, info.errno()).putInt(8, info.code());
        out.putInt(12, info.pid()).putInt(16, info.uid()).putInt(20, info.pollFd());
        out.putInt(24, info.timerId()).putInt(28, (int) info.band()).putInt(32, info.overrun());
        out.putInt(40, info.status()).putInt(44, (int) info.value()).putLong(48, info.value());
        out.putLong(56, info.userTicks()).putLong(64, info.systemTicks());
        out.putLong(72, info.address());
        return out.array();
    }

    @Override
    public int readiness() {
        return Signals.peek(group.leader(), mask) != 0 ? PollEvents.POLLIN : 0;
    }

    @Override
    public void addWaiter(Waiter waiter, int events) {
        group.signalEvents().add(waiter, events);
    }

    @Override
    public void removeWaiter(Waiter waiter) {
        group.signalEvents().remove(waiter);
    }

    @Override
    public Stat stat(Caller caller) {
        return new Stat(
                0xe,
                1,
                1,
                FileMode.S_IRUSR | FileMode.S_IWUSR,
                0,
                0,
                0,
                0,
                4096,
                0,
                ZERO,
                ZERO,
                ZERO);
    }

    @Override
    public String anonymousName() {
        return "anon_inode:[signalfd]";
    }
}
