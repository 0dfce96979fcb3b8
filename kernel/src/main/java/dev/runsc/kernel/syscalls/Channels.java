package dev.runsc.kernel.syscalls;

import dev.runsc.gofer.abi.ClockIds;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.EventFdFlags;
import dev.runsc.gofer.abi.Itimerspec;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.kernel.fs.anon.EventFd;
import dev.runsc.kernel.fs.anon.TimerFd;
import dev.runsc.kernel.fs.pipe.PipeFiles;
import dev.runsc.kernel.task.SignalFd;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.task.signal.SignalSet;
import dev.runsc.kernel.time.KernelTimer;
import dev.runsc.kernel.vfs.FileDescription;

/** Pipes, eventfd, timerfd, signalfd. */
final class Channels {
    private static final int TFD_TIMER_ABSTIME = 1;
    private static final int TFD_TIMER_CANCEL_ON_SET = 2;

    private Channels() {}

    static long pipe(Task task, Args args) throws ErrnoException {
        return pipe(task, args.address(0), 0);
    }

    static long pipe2(Task task, Args args) throws ErrnoException {
        int flags = args.integer(1);
        if ((flags & ~(OpenFlags.O_CLOEXEC | OpenFlags.O_NONBLOCK | OpenFlags.O_DIRECT)) != 0) {
            throw Errno.EINVAL.error();
        }
        return pipe(task, args.address(0), flags);
    }

    private static long pipe(Task task, long address, int flags) throws ErrnoException {
        FileDescription[] ends = pipes(task).create(task, flags);
        boolean onExec = (flags & OpenFlags.O_CLOEXEC) != 0;
        int reading = -1;
        int writing = -1;
        try {
            reading = task.files().install(task, ends[0], onExec);
            writing = task.files().install(task, ends[1], onExec);
            task.memory().writeInt(address, reading);
            task.memory().writeInt(address + Integer.BYTES, writing);
            return 0;
        } catch (ErrnoException failed) {
            discard(task, ends[0], reading);
            discard(task, ends[1], writing);
            throw failed;
        }
    }

    private static void discard(Task task, FileDescription end, int fd) throws ErrnoException {
        if (fd >= 0) {
            task.files().close(task, fd);
        } else {
            end.release();
        }
    }

    private static PipeFiles pipes(Task task) {
        return task.taskSet().host().pipes();
    }

    static long eventfd(Task task, Args args) throws ErrnoException {
        return eventfd(task, args.integer(0), 0);
    }

    static long eventfd2(Task task, Args args) throws ErrnoException {
        return eventfd(task, args.integer(0), args.integer(1));
    }

    private static long eventfd(Task task, int initial, int flags) throws ErrnoException {
        int known =
                EventFdFlags.EFD_SEMAPHORE | EventFdFlags.EFD_CLOEXEC | EventFdFlags.EFD_NONBLOCK;
        if ((flags & ~known) != 0) {
            throw Errno.EINVAL.error();
        }
        EventFd file =
                new EventFd(
                        Integer.toUnsignedLong(initial),
                        (flags & EventFdFlags.EFD_SEMAPHORE) != 0,
                        flags & OpenFlags.O_NONBLOCK);
        return install(task, file, flags);
    }

    private static long install(Task task, FileDescription file, int flags) throws ErrnoException {
        try {
            return task.files().install(task, file, (flags & OpenFlags.O_CLOEXEC) != 0);
        } catch (ErrnoException full) {
            file.release();
            throw full;
        }
    }

    static long timerfd_create(Task task, Args args) throws ErrnoException {
        int clockId = args.integer(0);
        int flags = args.integer(1);
        boolean known =
                clockId == ClockIds.CLOCK_REALTIME
                        || clockId == ClockIds.CLOCK_MONOTONIC
                        || clockId == ClockIds.CLOCK_BOOTTIME
                        || clockId == ClockIds.CLOCK_REALTIME_ALARM
                        || clockId == ClockIds.CLOCK_BOOTTIME_ALARM;
        if (!known || (flags & ~(OpenFlags.O_CLOEXEC | OpenFlags.O_NONBLOCK)) != 0) {
            throw Errno.EINVAL.error();
        }
        TimerFd file = new TimerFd(clockId, task.taskSet().timers(), flags & OpenFlags.O_NONBLOCK);
        return install(task, file, flags);
    }

    static long timerfd_settime(Task task, Args args) throws ErrnoException {
        int flags = args.integer(1);
        Itimerspec wanted =
                Itimerspec.readFrom(Users.read(task, args.address(2), Itimerspec.BYTES));
        if ((flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET)) != 0) {
            throw Errno.EINVAL.error();
        }
        long value = Users.nanos(wanted.value());
        long interval = Users.nanos(wanted.interval());
        TimerFd timer = requireTimer(task, args.integer(0));
        boolean absolute = (flags & TFD_TIMER_ABSTIME) != 0;
        KernelTimer.Setting old =
                timer.set(Clocks.expiryOn(task, timer.clockId(), value, absolute), interval);
        if (args.address(3) != 0) {
            Users.write(task, args.address(3), Clocks.itimerspec(old));
        }
        return 0;
    }

    static long timerfd_gettime(Task task, Args args) throws ErrnoException {
        TimerFd timer = requireTimer(task, args.integer(0));
        Users.write(task, args.address(1), Clocks.itimerspec(timer.setting()));
        return 0;
    }

    private static TimerFd requireTimer(Task task, int fd) throws ErrnoException {
        if (task.files().require(fd) instanceof TimerFd timer) {
            return timer;
        }
        throw Errno.EINVAL.error();
    }

    static long signalfd(Task task, Args args) throws ErrnoException {
        return signalfd(task, args, 0);
    }

    static long signalfd4(Task task, Args args) throws ErrnoException {
        return signalfd(task, args, args.integer(3));
    }

    private static long signalfd(Task task, Args args, int flags) throws ErrnoException {
        if (args.size(2) != Long.BYTES) {
            throw Errno.EINVAL.error();
        }
        long mask = task.memory().readLong(args.address(1)) & ~SignalSet.UNBLOCKABLE;
        if ((flags & ~(OpenFlags.O_CLOEXEC | OpenFlags.O_NONBLOCK)) != 0) {
            throw Errno.EINVAL.error();
        }
        int fd = args.integer(0);
        if (fd != -1) {
            if (!(task.files().require(fd) instanceof SignalFd existing)) {
                throw Errno.EINVAL.error();
            }
            existing.setMask(mask);
            return fd;
        }
        return install(task, new SignalFd(task.group(), mask, flags & OpenFlags.O_NONBLOCK), flags);
    }
}
