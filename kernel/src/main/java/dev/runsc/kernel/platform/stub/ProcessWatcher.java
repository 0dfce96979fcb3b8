package dev.runsc.kernel.platform.stub;

import dev.runsc.gofer.abi.EpollEvent;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostPoll;
import java.util.concurrent.ConcurrentHashMap;

/** One daemon thread that learns of every stub process's end and tells it. */
final class ProcessWatcher implements AutoCloseable {
    private static final long STOP = -1;
    private static final int FOREVER = -1;

    private final HostFd epoll;
    private final HostFd stop;
    private final ConcurrentHashMap<Long, StubProcess> watched = new ConcurrentHashMap<>();
    private final Thread thread;

    ProcessWatcher() throws ErrnoException {
        epoll = HostPoll.epollCreate();
        stop = HostPoll.eventfd(0, 0);
        HostPoll.epollCtl(
                epoll.number(),
                PollEvents.EPOLL_CTL_ADD,
                stop.number(),
                PollEvents.EPOLLIN,
                STOP);
        thread = Thread.ofPlatform().daemon().name("stub-watcher").unstarted(this::loop);
    }

    void start() {
        thread.start();
    }

    void watch(StubProcess process) throws ErrnoException {
        long key = process.block();
        watched.put(key, process);
        HostPoll.epollCtl(
                epoll.number(),
                PollEvents.EPOLL_CTL_ADD,
                process.descriptor().number(),
                PollEvents.EPOLLIN,
                key);
    }

    private void loop() {
        boolean stopping = false;
        try {
            while (!stopping || !watched.isEmpty()) {
                for (EpollEvent event : HostPoll.epollWait(epoll.number(), FOREVER)) {
                    if (event.data() == STOP) {
                        HostPoll.takeEvent(stop.number());
                        stopping = true;
                    } else {
                        ended(event.data());
                    }
                }
            }
        } catch (ErrnoException e) {
            throw new AssertionError("epoll cannot fail", e);
        }
    }

    private void ended(long key) throws ErrnoException {
        StubProcess process = watched.remove(key);
        if (process != null) {
            HostPoll.epollCtl(
                    epoll.number(),
                    PollEvents.EPOLL_CTL_DEL,
                    process.descriptor().number(),
                    0,
                    0);
            process.ended();
        }
    }

    /** Processes still watched. */
    int count() {
        return watched.size();
    }

    /** Waits until all processes have ended, which the caller has seen to. */
    @Override
    public void close() {
        try {
            HostPoll.signalEvent(stop.number(), 1);
            thread.join();
            epoll.close();
            stop.close();
        } catch (ErrnoException e) {
            throw new AssertionError("an eventfd cannot fail", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
