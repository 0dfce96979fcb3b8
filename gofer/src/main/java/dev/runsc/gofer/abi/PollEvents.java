package dev.runsc.gofer.abi;

/**
 * Events of poll(2) and epoll(7), flags of the epoll calls. Names and values are those of the Linux
 * x86-64 headers.
 */
public final class PollEvents {
    public static final int EPOLLIN = 1;
    public static final int POLLIN = 1;
    public static final int EPOLLPRI = 2;
    public static final int POLLPRI = 2;
    public static final int EPOLLOUT = 4;
    public static final int POLLOUT = 4;
    public static final int EPOLLERR = 8;
    public static final int POLLERR = 8;
    public static final int EPOLLHUP = 0x10;
    public static final int POLLHUP = 0x10;
    public static final int EPOLLNVAL = 0x20;
    public static final int POLLNVAL = 0x20;
    public static final int EPOLLRDNORM = 0x40;
    public static final int POLLRDNORM = 0x40;
    public static final int EPOLLRDBAND = 0x80;
    public static final int POLLRDBAND = 0x80;
    public static final int EPOLLWRNORM = 0x100;
    public static final int POLLWRNORM = 0x100;
    public static final int EPOLLWRBAND = 0x200;
    public static final int POLLWRBAND = 0x200;
    public static final int EPOLLMSG = 0x400;
    public static final int POLLMSG = 0x400;
    public static final int POLLREMOVE = 0x1000;
    public static final int EPOLLRDHUP = 0x2000;
    public static final int POLLRDHUP = 0x2000;
    public static final int POLLFREE = 0x4000;
    public static final int EPOLLEXCLUSIVE = 0x10000000;
    public static final int EPOLLWAKEUP = 0x20000000;
    public static final int EPOLLONESHOT = 0x40000000;
    public static final int EPOLLET = 0x80000000;

    public static final int EPOLL_CTL_ADD = 1;
    public static final int EPOLL_CTL_DEL = 2;
    public static final int EPOLL_CTL_MOD = 3;
    public static final int EPOLL_CLOEXEC = 0x80000;
    public static final int EPOLL_URING_WAKE = 0x8000000;

    public static final int POLL_BUSY_LOOP = 0x8000;

    private PollEvents() {}
}
