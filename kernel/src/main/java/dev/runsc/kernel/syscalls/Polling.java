package dev.runsc.kernel.syscalls;

import dev.runsc.gofer.abi.EpollEvent;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.gofer.abi.PollFd;
import dev.runsc.gofer.abi.RLimits;
import dev.runsc.gofer.abi.Timespec;
import dev.runsc.gofer.abi.Timeval;
import dev.runsc.kernel.fs.anon.Epoll;
import dev.runsc.kernel.sync.InterruptedSyscall;
import dev.runsc.kernel.sync.Interruptible;
import dev.runsc.kernel.sync.Interruptible.Wake;
import dev.runsc.kernel.sync.ThreadWaiter;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.vfs.FileDescription;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** poll(2), select(2), epoll(7). */
final class Polling {
    private static final int MAX_EPOLL_EVENTS = Integer.MAX_VALUE / EpollEvent.BYTES;
    private static final int MAX_EVENTS_AT_ONCE = 4096;
    private static final int FD_SET_LIMIT = 1 << 20;
    private static final int READ_SET =
            PollEvents.POLLIN
                    | PollEvents.POLLRDNORM
                    | PollEvents.POLLRDBAND
                    | PollEvents.POLLHUP
                    | PollEvents.POLLERR;
    private static final int WRITE_SET =
            PollEvents.POLLOUT | PollEvents.POLLWRNORM | PollEvents.POLLWRBAND | PollEvents.POLLERR;
    private static final int EXCEPT_SET = PollEvents.POLLPRI;

    private Polling() {}

    /** One file and what is asked of it. */
    private static final class Item {
        final @Nullable FileDescription file;
        final int wanted;
        int found;

        Item(@Nullable FileDescription file, int wanted) {
            this.file = file;
            this.wanted = wanted;
        }
    }

    /**
     * Fills in what was found; waits for the first one until the deadline. Returns how many have
     * something.
     */
    private static int await(
            Task task, List<Item> items, long deadline, InterruptedSyscall onInterrupt)
            throws ErrnoException {
        int ready = scan(items);
        if (ready > 0 || deadline <= 0) {
            return ready;
        }
        ThreadWaiter waiter = new ThreadWaiter();
        for (Item item : items) {
            if (item.file != null) {
                item.file.retain();
                item.file.addWaiter(waiter, item.wanted | PollEvents.POLLERR | PollEvents.POLLHUP);
            }
        }
        try {
            Wake wake = Wake.NOTIFIED;
            while (true) {
                ready = scan(items);
                if (ready > 0 || wake == Wake.TIMED_OUT) {
                    return ready;
                }
                if (wake == Wake.INTERRUPTED) {
                    throw onInterrupt;
                }
                wake = task.sleep(waiter, deadline);
            }
        } finally {
            for (Item item : items) {
                if (item.file != null) {
                    item.file.removeWaiter(waiter);
                    item.file.release();
                }
            }
        }
    }

    private static int scan(List<Item> items) {
        int ready = 0;
        for (Item item : items) {
            if (item.file != null) {
                item.found = item.file.readiness() & item.wanted;
            }
            if (item.found != 0) {
                ready++;
            }
        }
        return ready;
    }

    /** A timeout in milliseconds (negative: none) as a deadline; 0 for "do not wait". */
    private static long deadlineMillis(Task task, int millis) {
        if (millis < 0) {
            return Interruptible.FOREVER;
        }
        return millis == 0 ? 0 : task.blocking().deadline(millis * 1_000_000L);
    }

    private static long deadline(Task task, long timeoutNanos) {
        return timeoutNanos == 0 ? 0 : task.blocking().deadline(timeoutNanos);
    }

    // Poll.

    static long poll(Task task, Args args) throws ErrnoException {
        return poll(task, args, deadlineMillis(task, args.integer(2)), InterruptedSyscall.BLOCK);
    }

    static long ppoll(Task task, Args args) throws ErrnoException {
        long timeout = Users.readTimeout(task, args.address(2));
        installMask(task, args.address(3), args.size(4));
        long deadline = deadline(task, timeout);
        try {
            return poll(task, args, deadline, InterruptedSyscall.NO_HANDLER);
        } finally {
            writeRemaining(task, args.address(2), timeout, deadline);
        }
    }

    private static void installMask(Task task, long address, long size) throws ErrnoException {
        if (address != 0) {
            if (size != Long.BYTES) {
                throw Errno.EINVAL.error();
            }
            task.setTemporaryMask(task.memory().readLong(address));
        }
    }

    /**
     * The raw calls tell how much of the timeout is left; a bad address is ignored, as on Linux.
     */
    private static void writeRemaining(Task task, long address, long timeout, long deadline) {
        if (address == 0 || timeout == Interruptible.FOREVER) {
            return;
        }
        long left =
                deadline == 0 ? 0 : Math.max(0, deadline - task.taskSet().clock().monotonicNanos());
        try {
            Users.write(task, address, Users.timespec(left));
        } catch (ErrnoException readOnly) {
            // poll_select_finish: the timeout may lie in read-only memory.
        }
    }

    private static long poll(Task task, Args args, long deadline, InterruptedSyscall onInterrupt)
            throws ErrnoException {
        int count = args.integer(1);
        if (Integer.compareUnsigned(
                        count,
                        (int)
                                Math.min(
                                        Integer.MAX_VALUE,
                                        task.group().limits().softOrMax(RLimits.RLIMIT_NOFILE)))
                > 0) {
            throw Errno.EINVAL.error();
        }
        ByteBuffer data = Users.read(task, args.address(0), count * PollFd.BYTES);
        List<PollFd> wanted = new ArrayList<>(count);
        List<Item> items = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            PollFd one = PollFd.readFrom(data);
            wanted.add(one);
            FileDescription file = one.fd() < 0 ? null : task.files().find(one.fd());
            Item item =
                    new Item(file, one.events() & 0xffff | PollEvents.POLLERR | PollEvents.POLLHUP);
            if (file == null && one.fd() >= 0) {
                item.found = PollEvents.POLLNVAL;
            }
            items.add(item);
        }
        int ready = await(task, items, deadline, onInterrupt);
        ByteBuffer out = ByteBuffer.allocate(count * PollFd.BYTES);
        for (int i = 0; i < count; i++) {
            PollFd one = wanted.get(i);
            new PollFd(one.fd(), one.events(), (short) items.get(i).found).writeTo(out);
        }
        task.memory().copyOut(args.address(0), out.array());
        return ready;
    }

    // Select.

    static long select(Task task, Args args) throws ErrnoException {
        long timeout =
                args.address(4) == 0
                        ? Interruptible.FOREVER
                        : normalized(
                                Timeval.readFrom(Users.read(task, args.address(4), Timeval.BYTES)));
        long deadline = deadline(task, timeout);
        try {
            return select(task, args, deadline);
        } finally {
            if (args.address(4) != 0 && timeout != Interruptible.FOREVER) {
                long left =
                        deadline == 0
                                ? 0
                                : Math.max(0, deadline - task.taskSet().clock().monotonicNanos());
                try {
                    Users.write(task, args.address(4), Users.timeval(left));
                } catch (ErrnoException readOnly) {
                    // poll_select_finish: the timeout may lie in read-only memory.
                }
            }
        }
    }

    /** select takes more than a second's worth of microseconds. */
    private static long normalized(Timeval time) throws ErrnoException {
        if (time.seconds() < 0 || time.micros() < 0) {
            throw Errno.EINVAL.error();
        }
        return Users.nanos(
                new Timespec(
                        time.seconds() + time.micros() / 1_000_000,
                        time.micros() % 1_000_000 * 1000));
    }

    static long pselect6(Task task, Args args) throws ErrnoException {
        long timeout = Users.readTimeout(task, args.address(4));
        if (args.address(5) != 0) {
            ByteBuffer mask = Users.read(task, args.address(5), 2 * Long.BYTES);
            installMask(task, mask.getLong(0), mask.getLong(8));
        }
        long deadline = deadline(task, timeout);
        try {
            return select(task, args, deadline);
        } finally {
            writeRemaining(task, args.address(4), timeout, deadline);
        }
    }

    private static long select(Task task, Args args, long deadline) throws ErrnoException {
        int limit = args.integer(0);
        if (limit < 0) {
            throw Errno.EINVAL.error();
        }
        limit = Math.min(limit, Math.min(FD_SET_LIMIT, (task.files().slots() + 63) / 64 * 64));
        int bytes = (limit + 63) / 64 * 8;
        byte[][] sets = new byte[3][];
        for (int i = 0; i < 3; i++) {
            sets[i] = new byte[bytes];
            if (args.address(1 + i) != 0) {
                task.memory().copyIn(args.address(1 + i), sets[i]);
            }
        }
        List<Item> items = new ArrayList<>();
        List<Integer> descriptors = new ArrayList<>();
        collect(task, sets, limit, items, descriptors);
        await(task, items, deadline, InterruptedSyscall.NO_HANDLER);
        byte[][] results = new byte[3][bytes];
        int total = 0;
        for (int i = 0; i < items.size(); i++) {
            Item item = items.get(i);
            int fd = descriptors.get(i);
            total += mark(item, READ_SET, sets[0], results[0], fd);
            total += mark(item, WRITE_SET, sets[1], results[1], fd);
            total += mark(item, EXCEPT_SET, sets[2], results[2], fd);
        }
        for (int i = 0; i < 3; i++) {
            if (args.address(1 + i) != 0) {
                task.memory().copyOut(args.address(1 + i), results[i]);
            }
        }
        return total;
    }

    private static void collect(
            Task task, byte[][] sets, int limit, List<Item> items, List<Integer> descriptors)
            throws ErrnoException {
        for (int fd = 0; fd < limit; fd++) {
            int wanted =
                    (has(sets[0], fd) ? READ_SET : 0)
                            | (has(sets[1], fd) ? WRITE_SET : 0)
                            | (has(sets[2], fd) ? EXCEPT_SET : 0);
            if (wanted != 0) {
                items.add(new Item(task.files().require(fd), wanted));
                descriptors.add(fd);
            }
        }
    }

    private static boolean has(byte[] set, int fd) {
        return (set[fd >> 3] >>> (fd & 7) & 1) != 0;
    }

    private static int mark(Item item, int events, byte[] asked, byte[] result, int fd) {
        if (!has(asked, fd) || (item.found & events) == 0) {
            return 0;
        }
        result[fd >> 3] |= (byte) (1 << (fd & 7));
        return 1;
    }

    // Epoll.

    static long epoll_create(Task task, Args args) throws ErrnoException {
        if (args.integer(0) <= 0) {
            throw Errno.EINVAL.error();
        }
        return task.files().install(task, new Epoll(), false);
    }

    static long epoll_create1(Task task, Args args) throws ErrnoException {
        int flags = args.integer(0);
        if ((flags & ~PollEvents.EPOLL_CLOEXEC) != 0) {
            throw Errno.EINVAL.error();
        }
        return task.files().install(task, new Epoll(), flags != 0);
    }

    static long epoll_ctl(Task task, Args args) throws ErrnoException {
        int operation = args.integer(1);
        EpollEvent event =
                operation == PollEvents.EPOLL_CTL_DEL
                        ? new EpollEvent(0, 0)
                        : EpollEvent.readFrom(Users.read(task, args.address(3), EpollEvent.BYTES));
        Epoll epoll = requireEpoll(task, args.integer(0));
        int fd = args.integer(2);
        FileDescription file = task.files().require(fd);
        switch (operation) {
            case PollEvents.EPOLL_CTL_ADD -> epoll.add(fd, file, event.events(), event.data());
            case PollEvents.EPOLL_CTL_MOD -> epoll.modify(fd, file, event.events(), event.data());
            case PollEvents.EPOLL_CTL_DEL -> epoll.delete(fd, file);
            default -> throw Errno.EINVAL.error();
        }
        return 0;
    }

    private static Epoll requireEpoll(Task task, int fd) throws ErrnoException {
        if (task.files().require(fd) instanceof Epoll epoll) {
            return epoll;
        }
        throw Errno.EINVAL.error();
    }

    static long epoll_wait(Task task, Args args) throws ErrnoException {
        return awaitEvents(
                task, args, deadlineMillis(task, args.integer(3)), InterruptedSyscall.SYSTEM);
    }

    static long epoll_pwait(Task task, Args args) throws ErrnoException {
        installMask(task, args.address(4), args.size(5));
        return awaitEvents(
                task, args, deadlineMillis(task, args.integer(3)), InterruptedSyscall.NO_HANDLER);
    }

    static long epoll_pwait2(Task task, Args args) throws ErrnoException {
        long timeout = Users.readTimeout(task, args.address(3));
        installMask(task, args.address(4), args.size(5));
        return awaitEvents(task, args, deadline(task, timeout), InterruptedSyscall.NO_HANDLER);
    }

    private static long awaitEvents(
            Task task, Args args, long deadline, InterruptedSyscall onInterrupt)
            throws ErrnoException {
        int most = args.integer(2);
        if (most <= 0 || most > MAX_EPOLL_EVENTS) {
            throw Errno.EINVAL.error();
        }
        Epoll epoll = requireEpoll(task, args.integer(0));
        List<EpollEvent> events = epoll.take(Math.min(most, MAX_EVENTS_AT_ONCE));
        if (events.isEmpty() && deadline > 0) {
            events = sleepForEvents(task, epoll, most, deadline, onInterrupt);
        }
        ByteBuffer out = ByteBuffer.allocate(events.size() * EpollEvent.BYTES);
        for (EpollEvent event : events) {
            event.writeTo(out);
        }
        task.memory().copyOut(args.address(1), out.array());
        return events.size();
    }

    private static List<EpollEvent> sleepForEvents(
            Task task, Epoll epoll, int most, long deadline, InterruptedSyscall onInterrupt)
            throws ErrnoException {
        ThreadWaiter waiter = new ThreadWaiter();
        epoll.retain();
        epoll.addWaiter(waiter, PollEvents.POLLIN);
        try {
            Wake wake = Wake.NOTIFIED;
            while (true) {
                List<EpollEvent> events = epoll.take(Math.min(most, MAX_EVENTS_AT_ONCE));
                if (!events.isEmpty() || wake == Wake.TIMED_OUT) {
                    return events;
                }
                if (wake == Wake.INTERRUPTED) {
                    throw onInterrupt;
                }
                wake = task.sleep(waiter, deadline);
            }
        } finally {
            epoll.removeWaiter(waiter);
            epoll.release();
        }
    }
}
