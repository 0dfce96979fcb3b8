package dev.runsc.kernel.fs.anon;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.time.KernelTimer;
import dev.runsc.kernel.time.TimerListener;
import dev.runsc.kernel.time.TimerQueue;
import dev.runsc.kernel.vfs.Caller;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicLong;

/** A timer whose expirations are read (timerfd_create(2)). */
public final class TimerFd extends AnonymousFile implements TimerListener {
    private final int clockId;
    private final KernelTimer timer;
    private final AtomicLong expirations = new AtomicLong();

    public TimerFd(int clockId, TimerQueue queue, int statusFlags) {
        super(OpenFlags.O_RDWR | statusFlags);
        this.clockId = clockId;
        this.timer = new KernelTimer(queue, this);
    }

    public int clockId() {
        return clockId;
    }

    /** timerfd_settime(2): forgets expirations not read. */
    public KernelTimer.Setting set(long expiryNanos, long periodNanos) {
        KernelTimer.Setting old = timer.set(0, 0);
        expirations.set(0);
        long over = timer.arm(expiryNanos, periodNanos);
        if (over > 0) {
            expired(timer, over);
        }
        return old;
    }

    public KernelTimer.Setting setting() {
        return timer.setting();
    }

    @Override
    public void expired(KernelTimer fired, long count) {
        expirations.addAndGet(count);
        queue().notify(PollEvents.POLLIN);
    }

    @Override
    public long read(Caller caller, UserBuffer target) throws ErrnoException {
        if (target.remaining() < Long.BYTES) {
            throw Errno.EINVAL.error();
        }
        long count = expirations.getAndSet(0);
        if (count == 0) {
            return WOULD_BLOCK;
        }
        byte[] out = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(count).array();
        return target.put(out, 0, out.length);
    }

    @Override
    public int readiness() {
        return expirations.get() > 0 ? PollEvents.POLLIN : 0;
    }

    @Override
    protected void closed() {
        timer.set(0, 0);
    }

    @Override
    public String anonymousName() {
        return "anon_inode:[timerfd]";
    }
}
