package dev.runsc.kernel.platform.stub;

import dev.runsc.gofer.abi.EpollEvent;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostPoll;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * One daemon thread that learns of every stub process's end and tells it, and ends those whose
 * threads do not answer interrupts: a guest can block the host's signals for itself.
 */
final class ProcessWatcher implements AutoCloseable {
    /** Seconds that a thread may take to answer an interrupt. A paused machine counts as one. */
    static final int PATIENCE = 30;

    private static final long WAKE = -1;
    private static final int FOREVER = -1;
    private static final int TICK_MILLIS = 1000;

    private final HostFd epoll;
    private final HostFd wake;
    private final int patience;
    private final ConcurrentHashMap<Long, StubProcess> watched = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<StubContext, Kick> kicked = new ConcurrentHashMap<>();
    private final Thread thread;
    private volatile boolean stopping;

    /** An interrupt sent during the context's nth stay in guest code, and how many ticks ago. */
    private record Kick(int stay, int ticks) {}

    ProcessWatcher(int patience) throws ErrnoException {
        this.patience = patience;
        epoll = HostPoll.epollCreate();
        wake = HostPoll.eventfd(0, 0);
        HostPoll.epollCtl(
                epoll.number(), PollEvents.EPOLL_CTL_ADD, wake.number(), PollEvents.EPOLLIN, WAKE);
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

    /** A kick was sent to a thread that is in guest code for the nth time. */
    void expectAnswer(StubContext context, int stay) {
        boolean first = kicked.isEmpty();
        Kick known = kicked.get(context);
        if (known == null || known.stay != stay) {
            kicked.put(context, new Kick(stay, 0));
        }
        if (first) {
            wake();
        }
    }

    private void wake() {
        try {
            HostPoll.signalEvent(wake.number(), 1);
        } catch (ErrnoException e) {
            throw new AssertionError("an eventfd cannot fail", e);
        }
    }

    private void loop() {
        try {
            long lastTick = System.nanoTime();
            while (!stopping || !watched.isEmpty()) {
                int timeout = kicked.isEmpty() ? FOREVER : TICK_MILLIS;
                for (EpollEvent event : HostPoll.epollWait(epoll.number(), timeout)) {
                    if (event.data() == WAKE) {
                        HostPoll.takeEvent(wake.number());
                    } else {
                        ended(event.data());
                    }
                }
                long now = System.nanoTime();
                if (now - lastTick >= TICK_MILLIS * 1_000_000L) {
                    lastTick = now;
                    tick();
                }
            }
        } catch (ErrnoException e) {
            throw new AssertionError("epoll cannot fail", e);
        }
    }

    private void tick() {
        for (Iterator<Map.Entry<StubContext, Kick>> i = kicked.entrySet().iterator();
                i.hasNext(); ) {
            Map.Entry<StubContext, Kick> entry = i.next();
            StubContext context = entry.getKey();
            Kick kick = entry.getValue();
            if (!context.inStay(kick.stay)) {
                i.remove();
            } else if (kick.ticks >= patience) {
                i.remove();
                context.process().kill();
            } else {
                kicked.replace(context, kick, new Kick(kick.stay, kick.ticks + 1));
            }
        }
    }

    private void ended(long key) throws ErrnoException {
        StubProcess process = watched.remove(key);
        if (process != null) {
            HostPoll.epollCtl(
                    epoll.number(), PollEvents.EPOLL_CTL_DEL, process.descriptor().number(), 0, 0);
            process.ended();
        }
    }

    /** Waits until all processes have ended, which the caller has seen to. */
    @Override
    public void close() {
        stopping = true;
        wake();
        try {
            thread.join();
            epoll.close();
            wake.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
