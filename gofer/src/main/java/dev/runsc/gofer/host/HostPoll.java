package dev.runsc.gofer.host;

import static dev.runsc.gofer.abi.SyscallNumbers.SYS_epoll_create1;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_epoll_ctl;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_epoll_pwait;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_eventfd2;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_ppoll;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_read;
import static dev.runsc.gofer.abi.SyscallNumbers.SYS_write;

import dev.runsc.gofer.abi.EpollEvent;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.gofer.abi.PollFd;
import dev.runsc.gofer.abi.Timespec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Waiting for descriptors: poll(2), epoll(7), eventfd(2). */
public final class HostPoll {
    /** As a timeout: wait for ever. */
    public static final long FOREVER = -1;

    private static final int EVENTS_PER_WAIT = 256;
    private static final long NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    private HostPoll() {}

    /** poll(2) on one descriptor: the events that hold, 0 after the timeout or an interruption. */
    public static int poll(int fd, int events, long timeoutNanos) throws ErrnoException {
        List<PollFd> ready = poll(List.of(new PollFd(fd, events, 0)), timeoutNanos);
        return ready.isEmpty() ? 0 : ready.getFirst().revents();
    }

    /** poll(2): those that are ready. None after the timeout or an interruption by a signal. */
    public static List<PollFd> poll(List<PollFd> wanted, long timeoutNanos) throws ErrnoException {
        int bytes = wanted.size() * PollFd.BYTES;
        if (bytes > Scratch.DATA_BYTES - Timespec.BYTES) {
            throw Errno.EINVAL.error();
        }
        Scratch scratch = Scratch.get();
        ByteBuffer data = scratch.data();
        for (PollFd one : wanted) {
            one.writeTo(data);
        }
        long timeout = 0;
        if (timeoutNanos >= 0) {
            timeout = scratch.dataAddress() + data.position();
            new Timespec(timeoutNanos / NANOS_PER_SECOND, timeoutNanos % NANOS_PER_SECOND)
                    .writeTo(data);
        }
        long result =
                Syscall.raw(SYS_ppoll, scratch.dataAddress(), wanted.size(), timeout, 0, 0, 0);
        List<PollFd> ready = new ArrayList<>();
        if (result == Errno.EINTR.result() || Syscall.check(result) == 0) {
            return ready;
        }
        data.clear();
        for (int i = 0; i < wanted.size(); i++) {
            PollFd one = PollFd.readFrom(data);
            if (one.revents() != 0) {
                ready.add(one);
            }
        }
        return ready;
    }

    public static HostFd epollCreate() throws ErrnoException {
        return HostFd.own((int) Syscall.call(SYS_epoll_create1, PollEvents.EPOLL_CLOEXEC));
    }

    /** {@code operation} is EPOLL_CTL_ADD, EPOLL_CTL_MOD or EPOLL_CTL_DEL. */
    public static void epollCtl(int epollFd, int operation, int fd, int events, long data)
            throws ErrnoException {
        Scratch scratch = Scratch.get();
        new EpollEvent(events, data).writeTo(scratch.data());
        Syscall.call(SYS_epoll_ctl, epollFd, operation, fd, scratch.dataAddress());
    }

    /** What is ready, at most 256. None after the timeout or an interruption by a signal. */
    public static List<EpollEvent> epollWait(int epollFd, int timeoutMillis) throws ErrnoException {
        Scratch scratch = Scratch.get();
        long address = scratch.dataAddress();
        long result =
                Syscall.raw(
                        SYS_epoll_pwait, epollFd, address, EVENTS_PER_WAIT, timeoutMillis, 0, 0);
        List<EpollEvent> ready = new ArrayList<>();
        if (result == Errno.EINTR.result()) {
            return ready;
        }
        long count = Syscall.check(result);
        ByteBuffer data = scratch.data();
        for (int i = 0; i < count; i++) {
            ready.add(EpollEvent.readFrom(data));
        }
        return ready;
    }

    /** {@code flags} are {@code EFD_*} of EventFdFlags; always close-on-exec. */
    public static HostFd eventfd(int initial, int flags) throws ErrnoException {
        int all = flags | dev.runsc.gofer.abi.EventFdFlags.EFD_CLOEXEC;
        return HostFd.own((int) Syscall.call(SYS_eventfd2, initial, all));
    }

    /** Adds to the counter of an eventfd. */
    public static void signalEvent(int fd, long value) throws ErrnoException {
        Scratch scratch = Scratch.get();
        scratch.data().putLong(value);
        Syscall.call(SYS_write, fd, scratch.dataAddress(), Long.BYTES);
    }

    /** Takes the counter of an eventfd; EAGAIN when it is zero and the eventfd does not block. */
    public static long takeEvent(int fd) throws ErrnoException {
        Scratch scratch = Scratch.get();
        Syscall.call(SYS_read, fd, scratch.dataAddress(), Long.BYTES);
        return scratch.data().getLong();
    }
}
