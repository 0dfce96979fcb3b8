package dev.runsc.cli.control;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.cli.base.DebugLog;
import dev.runsc.gofer.abi.EpollEvent;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostPoll;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Interrupts who waits on behalf of a client that has gone: such a wait could last as long as the
 * sandbox, and its connection with it. One daemon thread, from the first wait on.
 */
final class HangUps {
    private static final int FOREVER = -1;

    @GuardedBy("this")
    private final Map<Long, Thread> waiting = new HashMap<>();

    @GuardedBy("this")
    private @Nullable HostFd epoll;

    /** Interrupts this thread once both directions of a socket are shut; once at most. */
    synchronized void begin(int socket) throws ErrnoException {
        HostFd instance = epoll;
        if (instance == null) {
            instance = HostPoll.epollCreate();
            epoll = instance;
            int number = instance.number();
            Thread.ofPlatform().daemon().name("control hang-ups").start(() -> watch(number));
        }
        // EPOLLHUP and EPOLLERR come unasked; a client that only says no more is still there.
        HostPoll.epollCtl(
                instance.number(),
                PollEvents.EPOLL_CTL_ADD,
                socket,
                PollEvents.EPOLLONESHOT,
                socket);
        waiting.put((long) socket, Thread.currentThread());
    }

    /** No interrupt comes after this, and none that has come is left. */
    synchronized void end(int socket) {
        HostFd instance = epoll;
        if (waiting.remove((long) socket) == null || instance == null) {
            return;
        }
        try {
            HostPoll.epollCtl(instance.number(), PollEvents.EPOLL_CTL_DEL, socket, 0, 0);
        } catch (ErrnoException e) {
            DebugLog.write("control: forgetting a wait: " + e.getMessage());
        }
        Thread.interrupted();
    }

    private void watch(int instance) {
        while (true) {
            try {
                for (EpollEvent event : HostPoll.epollWait(instance, FOREVER)) {
                    interrupt(event.data());
                }
            } catch (ErrnoException e) {
                if (!e.is(Errno.EINTR)) {
                    throw new IllegalStateException("epoll: " + e.getMessage(), e);
                }
            }
        }
    }

    private synchronized void interrupt(long socket) {
        Thread thread = waiting.get(socket);
        if (thread != null) {
            thread.interrupt();
        }
    }
}
