package dev.runsc.kernel.task;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.sync.InterruptedSyscall;
import dev.runsc.kernel.sync.Interruptible;
import dev.runsc.kernel.sync.Interruptible.Wake;
import dev.runsc.kernel.sync.ThreadWaiter;
import dev.runsc.kernel.sync.WaitQueue;
import dev.runsc.kernel.vfs.FileDescription;

/**
 * How system calls wait. Each method registers, tries, sleeps and leaves the queue again; a
 * cut-short sleep throws {@link InterruptedSyscall}, and when the call is repeated it goes on with
 * the same deadline and progress.
 */
public final class Blocking {
    private static final int READ_EVENTS =
            PollEvents.POLLIN | PollEvents.POLLHUP | PollEvents.POLLERR | PollEvents.POLLRDHUP;
    private static final int WRITE_EVENTS =
            PollEvents.POLLOUT | PollEvents.POLLHUP | PollEvents.POLLERR;

    private final Task task;

    Blocking(Task task) {
        this.task = task;
    }

    /** One attempt at something that may not be possible yet. */
    @FunctionalInterface
    public interface Attempt {
        /**
         * @return a result, or {@link FileDescription#WOULD_BLOCK}
         */
        long run() throws ErrnoException;
    }

    /** read(2) and its family: waits for the first byte unless O_NONBLOCK. */
    public long read(FileDescription file, UserBuffer target) throws ErrnoException {
        long result = file.read(task, target);
        if (result == FileDescription.WOULD_BLOCK) {
            result = untilDone(file, READ_EVENTS, () -> file.read(task, target));
        }
        task.times().countRead(result);
        return result;
    }

    /** write(2) and its family: waits until all is written unless O_NONBLOCK. */
    public long write(FileDescription file, UserBuffer source) throws ErrnoException {
        long written = writeAll(file, source);
        task.times().countWrite(written);
        return written;
    }

    private long writeAll(FileDescription file, UserBuffer source) throws ErrnoException {
        RestartBlock restart = task.restartBlock();
        long done = restart.progress();
        source.skip(done);
        while (true) {
            long result;
            try {
                result = file.write(task, source);
                if (result == FileDescription.WOULD_BLOCK) {
                    if (done > 0 && isNonBlocking(file)) {
                        return done;
                    }
                    result = untilDone(file, WRITE_EVENTS, () -> file.write(task, source));
                }
            } catch (InterruptedSyscall interrupted) {
                if (done > 0 && task.isSignalPending()) {
                    return done;
                }
                restart.setProgress(done);
                throw interrupted;
            } catch (ErrnoException failed) {
                if (failed.is(Errno.EPIPE)) {
                    task.brokenPipe();
                }
                if (done > 0) {
                    return done;
                }
                throw failed;
            }
            done += result;
            if (source.remaining() == 0 || result == 0 || !isStream(file)) {
                return done;
            }
        }
    }

    /** Whether a partial write goes on by itself: pipes and sockets that take what fits. */
    private static boolean isStream(FileDescription file) {
        return !file.isSeekable();
    }

    private static boolean isNonBlocking(FileDescription file) {
        return (file.statusFlags() & OpenFlags.O_NONBLOCK) != 0;
    }

    /** Repeats an attempt whenever the file's readiness changes; EAGAIN at once with O_NONBLOCK. */
    public long untilDone(FileDescription file, int events, Attempt attempt) throws ErrnoException {
        if (isNonBlocking(file)) {
            throw Errno.EAGAIN.error();
        }
        ThreadWaiter waiter = new ThreadWaiter();
        file.retain();
        file.addWaiter(waiter, events);
        try {
            return untilDone(
                    waiter,
                    Interruptible.FOREVER,
                    InterruptedSyscall.SYSTEM,
                    attempt,
                    Errno.EAGAIN);
        } finally {
            file.removeWaiter(waiter);
            file.release();
        }
    }

    /**
     * Repeats an attempt whenever the queue is notified.
     *
     * @param onInterrupt how a cut-short sleep restarts
     * @param onTimeout the error when the deadline passes
     */
    public long untilDone(
            WaitQueue queue,
            int events,
            long deadlineNanos,
            InterruptedSyscall onInterrupt,
            Errno onTimeout,
            Attempt attempt)
            throws ErrnoException {
        ThreadWaiter waiter = new ThreadWaiter();
        queue.add(waiter, events);
        try {
            return untilDone(waiter, deadlineNanos, onInterrupt, attempt, onTimeout);
        } finally {
            queue.remove(waiter);
        }
    }

    /**
     * Repeats an attempt whenever a waiter, registered by the caller, is notified. What has become
     * possible by the time of an interruption or timeout is done (Linux ___wait_event).
     */
    public long untilDone(
            ThreadWaiter waiter,
            long deadlineNanos,
            InterruptedSyscall onInterrupt,
            Attempt attempt,
            Errno onTimeout)
            throws ErrnoException {
        Wake wake = Wake.NOTIFIED;
        while (true) {
            long result = attempt.run();
            if (result != FileDescription.WOULD_BLOCK) {
                return result;
            }
            switch (wake) {
                case NOTIFIED -> wake = task.sleep(waiter, deadlineNanos);
                case TIMED_OUT -> throw onTimeout.error();
                case INTERRUPTED -> throw onInterrupt;
            }
        }
    }

    /** Sleeps to the deadline; nanosleep(2). */
    public void sleepUntil(long deadlineNanos, InterruptedSyscall onInterrupt)
            throws ErrnoException {
        switch (task.sleep(new ThreadWaiter(), deadlineNanos)) {
            case INTERRUPTED -> throw onInterrupt;
            default -> {}
        }
    }

    /**
     * The absolute deadline of this call: counted from its first attempt, kept when it is cut short
     * and repeated.
     *
     * @param timeoutNanos relative, not negative; {@link Interruptible#FOREVER} for none
     */
    public long deadline(long timeoutNanos) {
        if (timeoutNanos == Interruptible.FOREVER) {
            return timeoutNanos;
        }
        RestartBlock restart = task.restartBlock();
        if (!restart.hasDeadline()) {
            long now = task.taskSet().clock().monotonicNanos();
            long deadline = now + timeoutNanos;
            restart.setDeadline(deadline < now ? Interruptible.FOREVER : deadline);
        }
        return restart.deadlineNanos();
    }

    /** What a call has done before it was cut short, in units of its own. */
    public long progress() {
        return task.restartBlock().progress();
    }

    public void setProgress(long done) {
        task.restartBlock().setProgress(done);
    }
}
