package dev.runsc.kernel.syscalls;

import static dev.runsc.gofer.abi.ClockIds.*;

import dev.runsc.gofer.abi.Capabilities;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.Itimerspec;
import dev.runsc.gofer.abi.Itimerval;
import dev.runsc.gofer.abi.SignalNumbers;
import dev.runsc.gofer.abi.Timespec;
import dev.runsc.gofer.abi.Tms;
import dev.runsc.kernel.sync.InterruptedSyscall;
import dev.runsc.kernel.task.CpuTimes;
import dev.runsc.kernel.task.ProcessTimers;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.task.signal.SignalSet;
import dev.runsc.kernel.time.KernelTimer;
import dev.runsc.kernel.time.Timekeeper;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Clocks, sleeping, interval and POSIX timers. */
final class Clocks {
    private static final long TICK_NANOS = 10_000_000;
    private static final long COARSE_RESOLUTION_NANOS = 4_000_000;
    private static final int TIMER_ABSTIME = 1;
    private static final int SIGEV_SIGNAL = 0;
    private static final int SIGEV_NONE = 1;
    private static final int SIGEV_THREAD_ID = 4;
    private static final int SIGEVENT_BYTES = 64;

    private Clocks() {}

    // Reading.

    static long clock_gettime(Task task, Args args) throws ErrnoException {
        long now = read(task, args.integer(0));
        Users.write(task, args.address(1), Users.timespec(now));
        return 0;
    }

    /** A clock in nanoseconds; EINVAL for one that is not there. */
    static long read(Task task, int clockId) throws ErrnoException {
        Timekeeper clock = task.taskSet().clock();
        return switch (clockId) {
            case CLOCK_REALTIME, CLOCK_REALTIME_COARSE, CLOCK_REALTIME_ALARM, CLOCK_TAI ->
                    clock.realNanos();
            case CLOCK_MONOTONIC,
                    CLOCK_MONOTONIC_COARSE,
                    CLOCK_MONOTONIC_RAW,
                    CLOCK_BOOTTIME,
                    CLOCK_BOOTTIME_ALARM ->
                    clock.monotonicNanos();
            case CLOCK_PROCESS_CPUTIME_ID -> task.group().times().totalNanos();
            case CLOCK_THREAD_CPUTIME_ID -> task.times().totalNanos();
            default -> readCpuClock(task, clockId);
        };
    }

    /** clock_getcpuclockid(3): negative ids name another process or thread. */
    private static long readCpuClock(Task task, int clockId) throws ErrnoException {
        if (clockId >= 0 || (clockId & 3) == 3) {
            throw Errno.EINVAL.error();
        }
        int pid = ~(clockId >> 3);
        boolean thread = (clockId & 4) != 0;
        try {
            Task target = Processes.requireTask(task, pid);
            return thread ? target.times().totalNanos() : target.group().times().totalNanos();
        } catch (ErrnoException noSuchTask) {
            throw Errno.EINVAL.error();
        }
    }

    static long clock_getres(Task task, Args args) throws ErrnoException {
        int clockId = args.integer(0);
        read(task, clockId);
        boolean coarse = clockId == CLOCK_REALTIME_COARSE || clockId == CLOCK_MONOTONIC_COARSE;
        if (args.address(1) != 0) {
            Users.write(
                    task, args.address(1), new Timespec(0, coarse ? COARSE_RESOLUTION_NANOS : 1));
        }
        return 0;
    }

    /** Nobody in a sandbox sets the clock of the host. */
    static long clock_settime(Task task, Args args) throws ErrnoException {
        if (args.integer(0) != CLOCK_REALTIME) {
            throw Errno.EINVAL.error();
        }
        throw Errno.EPERM.error();
    }

    static long gettimeofday(Task task, Args args) throws ErrnoException {
        if (args.address(0) != 0) {
            Users.write(task, args.address(0), Users.timeval(task.taskSet().clock().realNanos()));
        }
        if (args.address(1) != 0) {
            task.memory().writeLong(args.address(1), 0);
        }
        return 0;
    }

    static long time(Task task, Args args) throws ErrnoException {
        long now = task.taskSet().clock().realNanos() / Users.NANOS_PER_SECOND;
        if (args.address(0) != 0) {
            task.memory().writeLong(args.address(0), now);
        }
        return now;
    }

    static long times(Task task, Args args) throws ErrnoException {
        if (args.address(0) != 0) {
            CpuTimes own = task.group().times();
            CpuTimes children = task.group().childTimes();
            Users.write(
                    task,
                    args.address(0),
                    new Tms(
                            own.userNanos() / TICK_NANOS,
                            own.systemNanos() / TICK_NANOS,
                            children.userNanos() / TICK_NANOS,
                            children.systemNanos() / TICK_NANOS));
        }
        return task.taskSet().clock().monotonicNanos() / TICK_NANOS;
    }

    // Sleeping.

    static long nanosleep(Task task, Args args) throws ErrnoException {
        long nanos = Users.readTimespec(task, args.address(0));
        sleep(task, nanos, args.address(1));
        return 0;
    }

    static long clock_nanosleep(Task task, Args args) throws ErrnoException {
        int clockId = args.integer(0);
        if (clockId == CLOCK_THREAD_CPUTIME_ID) {
            throw Errno.EINVAL.error();
        }
        long now = read(task, clockId);
        long time = Users.readTimespec(task, args.address(2));
        if ((args.integer(1) & TIMER_ABSTIME) == 0) {
            sleep(task, time, args.address(3));
            return 0;
        }
        long deadline = task.blocking().deadline(Math.max(0, time - now));
        task.blocking().sleepUntil(deadline, InterruptedSyscall.NO_HANDLER);
        return 0;
    }

    private static void sleep(Task task, long nanos, long remainderAddress) throws ErrnoException {
        long deadline = task.blocking().deadline(nanos);
        try {
            task.blocking().sleepUntil(deadline, InterruptedSyscall.BLOCK);
        } catch (InterruptedSyscall interrupted) {
            if (remainderAddress != 0) {
                long left = Math.max(0, deadline - task.taskSet().clock().monotonicNanos());
                Users.write(task, remainderAddress, Users.timespec(left));
            }
            throw interrupted;
        }
    }

    // Interval timers.

    static long setitimer(Task task, Args args) throws ErrnoException {
        int which = requireItimer(args.integer(0));
        Itimerval wanted =
                args.address(1) == 0
                        ? null
                        : Itimerval.readFrom(Users.read(task, args.address(1), Itimerval.BYTES));
        long value = wanted == null ? 0 : Users.nanos(wanted.value());
        long interval = wanted == null ? 0 : Users.nanos(wanted.interval());
        ProcessTimers timers = task.group().timers();
        KernelTimer.Setting old =
                which == ITIMER_REAL
                        ? timers.real().set(expiry(task, value), interval)
                        : timers.setCpu(which, value, interval);
        if (args.address(2) != 0) {
            Users.write(task, args.address(2), itimerval(old));
        }
        return 0;
    }

    static long getitimer(Task task, Args args) throws ErrnoException {
        int which = requireItimer(args.integer(0));
        ProcessTimers timers = task.group().timers();
        KernelTimer.Setting now =
                which == ITIMER_REAL ? timers.real().setting() : timers.cpu(which);
        Users.write(task, args.address(1), itimerval(now));
        return 0;
    }

    static long alarm(Task task, Args args) {
        long nanos = Integer.toUnsignedLong(args.integer(0)) * Users.NANOS_PER_SECOND;
        KernelTimer.Setting old = task.group().timers().real().set(expiry(task, nanos), 0);
        // Rounds to the nearest second, but never a pending alarm to zero (Linux alarm_setitimer).
        long left = old.remainingNanos();
        long rounded = (left + Users.NANOS_PER_SECOND / 2) / Users.NANOS_PER_SECOND;
        return left > 0 && rounded == 0 ? 1 : rounded;
    }

    private static int requireItimer(int which) throws ErrnoException {
        if (which < ITIMER_REAL || which > ITIMER_PROF) {
            throw Errno.EINVAL.error();
        }
        return which;
    }

    private static long expiry(Task task, long nanos) {
        return nanos == 0 ? 0 : Users.plus(task.taskSet().clock().monotonicNanos(), nanos);
    }

    private static Itimerval itimerval(KernelTimer.Setting setting) {
        return new Itimerval(
                Users.timeval(setting.periodNanos()), Users.timeval(setting.remainingNanos()));
    }

    // POSIX timers.

    static long timer_create(Task task, Args args) throws ErrnoException {
        int clockId = args.integer(0);
        read(task, clockId);
        int signal = SignalNumbers.SIGALRM;
        long value = 0;
        Task target = null;
        boolean hasEvent = args.address(1) != 0;
        if (hasEvent) {
            ByteBuffer event = Users.read(task, args.address(1), SIGEVENT_BYTES);
            value = event.getLong(0);
            signal = event.getInt(8);
            int notify = event.getInt(12);
            target = eventTarget(task, notify, event.getInt(16));
            if (notify == SIGEV_NONE) {
                signal = 0;
            } else if (!SignalSet.isValid(signal)) {
                throw Errno.EINVAL.error();
            }
        }
        ProcessTimers timers = task.group().timers();
        ProcessTimers.PosixTimer timer = timers.create(clockId, target, signal, value, !hasEvent);
        try {
            task.memory().writeInt(args.address(2), timer.id());
        } catch (ErrnoException fault) {
            timers.delete(timer.id());
            throw fault;
        }
        return 0;
    }

    private static @Nullable Task eventTarget(Task task, int notify, int tid)
            throws ErrnoException {
        switch (notify) {
            case SIGEV_SIGNAL, SIGEV_NONE -> {
                return null;
            }
            case SIGEV_THREAD_ID -> {
                Task target = task.taskSet().findTask(task.namespace(), tid);
                if (target == null || target.group() != task.group()) {
                    throw Errno.EINVAL.error();
                }
                return target;
            }
            default -> throw Errno.EINVAL.error();
        }
    }

    static long timer_settime(Task task, Args args) throws ErrnoException {
        ProcessTimers.PosixTimer timer = task.group().timers().require(args.integer(0));
        if (args.address(2) == 0) {
            throw Errno.EINVAL.error();
        }
        Itimerspec wanted =
                Itimerspec.readFrom(Users.read(task, args.address(2), Itimerspec.BYTES));
        long value = Users.nanos(wanted.value());
        long interval = Users.nanos(wanted.interval());
        boolean absolute = (args.integer(1) & TIMER_ABSTIME) != 0;
        KernelTimer.Setting old =
                timer.timer().set(expiryOn(task, timer.clockId(), value, absolute), interval);
        if (args.address(3) != 0) {
            Users.write(task, args.address(3), itimerspec(old));
        }
        return 0;
    }

    /** When a setting on some clock runs out on the monotonic one; 0 stays 0. */
    static long expiryOn(Task task, int clockId, long value, boolean absolute)
            throws ErrnoException {
        if (value == 0) {
            return 0;
        }
        long now = task.taskSet().clock().monotonicNanos();
        long left = absolute ? Math.max(1, value - read(task, clockId)) : value;
        return Users.plus(now, left);
    }

    static Itimerspec itimerspec(KernelTimer.Setting setting) {
        return new Itimerspec(
                Users.timespec(setting.periodNanos()), Users.timespec(setting.remainingNanos()));
    }

    static long timer_gettime(Task task, Args args) throws ErrnoException {
        ProcessTimers.PosixTimer timer = task.group().timers().require(args.integer(0));
        Users.write(task, args.address(1), itimerspec(timer.timer().setting()));
        return 0;
    }

    static long timer_getoverrun(Task task, Args args) throws ErrnoException {
        return task.group().timers().require(args.integer(0)).overrun();
    }

    static long timer_delete(Task task, Args args) throws ErrnoException {
        task.group().timers().delete(args.integer(0));
        return 0;
    }

    static long adjtimex(Task task, Args args) throws ErrnoException {
        if (!task.credentials().has(Capabilities.CAP_SYS_TIME)) {
            ByteBuffer modes = Users.read(task, args.address(0), Integer.BYTES);
            if (modes.getInt(0) == 0) {
                return 5; // TIME_ERROR: the clock is not synchronized by us
            }
        }
        throw Errno.EPERM.error();
    }
}
