package dev.runsc.kernel.fs.host;

import dev.runsc.gofer.abi.EpollEvent;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostPoll;
import java.io.UncheckedIOException;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Watches host descriptors for those who wait on them: one thread, one epoll instance, armed once
 * per wait.
 */
public final class HostPoller {
    /** Who is told. */
    public interface Watcher {
        /**
         * The host's descriptor became ready.
         *
         * @param events {@code POLL*}
         */
        void ready(int events);
    }

    private final HostFd epoll;
    private final ConcurrentHashMap<Long, Watcher> watched = new ConcurrentHashMap<>();
    private @Nullable Thread thread;

    public HostPoller() throws ErrnoException {
        epoll = HostPoll.epollCreate();
    }

    /**
     * Tells the watcher once when one of the events holds; answers false for files that are always
     * ready.
     */
    public synchronized boolean arm(Watcher stream, int fd, int events) throws ErrnoException {
        int armed = events | PollEvents.EPOLLONESHOT;
        boolean isNew = watched.putIfAbsent((long) fd, stream) == null;
        try {
            HostPoll.epollCtl(
                    epoll.number(),
                    isNew ? PollEvents.EPOLL_CTL_ADD : PollEvents.EPOLL_CTL_MOD,
                    fd,
                    armed,
                    fd);
        } catch (ErrnoException refused) {
            if (refused.is(Errno.EPERM)) {
                watched.remove((long) fd);
                return false;
            }
            throw refused;
        }
        if (thread == null) {
            Thread watching = new Thread(this::watch, "host-poller");
            watching.setDaemon(true);
            thread = watching;
            watching.start();
        }
        return true;
    }

    public synchronized void forget(int fd) throws ErrnoException {
        if (watched.remove((long) fd) != null) {
            HostPoll.epollCtl(epoll.number(), PollEvents.EPOLL_CTL_DEL, fd, 0, 0);
        }
    }

    private void watch() {
        while (true) {
            try {
                for (EpollEvent event : HostPoll.epollWait(epoll.number(), -1)) {
                    Watcher stream = watched.get(event.data());
                    if (stream != null) {
                        stream.ready(event.events());
                    }
                }
            } catch (ErrnoException failed) {
                if (!failed.is(Errno.EINTR)) {
                    throw new UncheckedIOException(
                            new java.io.IOException("host poller: " + failed.getMessage(), failed));
                }
            }
        }
    }
}
