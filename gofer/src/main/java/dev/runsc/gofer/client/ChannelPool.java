package dev.runsc.gofer.client;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.gofer.host.HostPoll;
import dev.runsc.gofer.protocol.Limits;
import dev.runsc.gofer.protocol.ProtocolException;
import dev.runsc.gofer.protocol.Request;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The connections to one gofer, and the knowledge of whether it lives. */
final class ChannelPool {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition idleAgain = lock.newCondition();
    private final Channel first;
    private final GoferDeathListener listener;
    private final Thread watcher;

    @GuardedBy("lock")
    private final List<Channel> all = new ArrayList<>();

    @GuardedBy("lock")
    private final Deque<Channel> idle = new ArrayDeque<>();

    @GuardedBy("lock")
    private int waiting;

    @GuardedBy("lock")
    private boolean opening;

    /** Why there are no more calls: set once; null while all is well. */
    @GuardedBy("lock")
    private @Nullable String ended;

    @GuardedBy("lock")
    private boolean closed;

    ChannelPool(HostFd socket, GoferDeathListener listener) {
        this.listener = listener;
        first = new Channel(socket);
        lock.lock();
        try {
            all.add(first);
            idle.add(first);
        } finally {
            lock.unlock();
        }
        watcher = Thread.ofPlatform().daemon().name("gofer-watcher").unstarted(this::watch);
    }

    void start() {
        watcher.start();
    }

    <T> T call(Request request, Channel.Decoder<T> decoder) throws ErrnoException {
        Channel channel = take();
        try {
            return channel.call(request, decoder);
        } catch (Channel.BrokenException e) {
            end(String.valueOf(e.getMessage()));
            throw Errno.EIO.error();
        } finally {
            giveBack(channel);
        }
    }

    /** For a request without reply; silent when the gofer is gone, as its nodes are then. */
    void send(Request request) {
        Channel channel;
        try {
            channel = take();
        } catch (ErrnoException e) {
            return;
        }
        try {
            channel.send(request);
        } catch (Channel.BrokenException e) {
            end(String.valueOf(e.getMessage()));
        } finally {
            giveBack(channel);
        }
    }

    private Channel take() throws ErrnoException {
        lock.lock();
        try {
            waiting++;
            while (idle.isEmpty() && ended == null) {
                idleAgain.awaitUninterruptibly();
            }
            waiting--;
            if (ended != null) {
                throw Errno.EIO.error();
            }
            return idle.pop();
        } finally {
            lock.unlock();
        }
    }

    /** Puts a channel back; when others queue for one, first asks over it for one more. */
    private void giveBack(Channel channel) {
        Channel more = claimOpening() ? open(channel) : null;
        lock.lock();
        try {
            idle.push(channel);
            if (more != null) {
                opening = false;
                all.add(more);
                idle.push(more);
                if (ended != null) {
                    more.shutdown();
                }
            }
            if (more != null || ended != null) {
                idleAgain.signalAll();
            } else {
                idleAgain.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether the caller shall open one more connection. One that fails is the last try. */
    private boolean claimOpening() {
        lock.lock();
        try {
            boolean wanted = waiting > 0 && all.size() < Limits.CHANNELS && ended == null;
            if (!wanted || opening) {
                return false;
            }
            opening = true;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** One more connection, or null when the gofer has no room: the ones there are will do. */
    private @Nullable Channel open(Channel channel) {
        try {
            return channel.call(
                    new Request.OpenChannel(),
                    (in, donated) -> {
                        if (donated == null) {
                            throw new ProtocolException("no descriptor");
                        }
                        return new Channel(donated);
                    });
        } catch (ErrnoException e) {
            return null;
        } catch (Channel.BrokenException e) {
            end(String.valueOf(e.getMessage()));
            return null;
        }
    }

    /**
     * Sleeps until the first connection hangs up, which {@link #end} brings about too, and tells
     * the listener: always on this thread, never on one that may hold locks of the kernel.
     */
    private void watch() {
        try {
            int events = 0;
            while ((events & (PollEvents.POLLHUP | PollEvents.POLLERR)) == 0) {
                events = HostPoll.poll(first.number(), 0, HostPoll.FOREVER);
            }
            end("the gofer is gone");
        } catch (ErrnoException e) {
            end("the gofer cannot be watched: " + e.getMessage());
        }
        String reason;
        lock.lock();
        try {
            reason = closed ? null : ended;
        } finally {
            lock.unlock();
        }
        if (reason != null) {
            listener.goferDied(reason);
        }
    }

    /** Ends all calls, once; those that wait for an answer wake up with an error. */
    private void end(String reason) {
        lock.lock();
        try {
            if (ended == null) {
                ended = reason;
                for (Channel channel : all) {
                    channel.shutdown();
                }
                idleAgain.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Ends the connections; calls in progress fail, and are waited for, before a number is freed.
     */
    void close() {
        lock.lock();
        try {
            closed = true;
        } finally {
            lock.unlock();
        }
        end("closed");
        joinWatcher();
        lock.lock();
        try {
            while (idle.size() < all.size()) {
                idleAgain.awaitUninterruptibly();
            }
            for (Channel channel : all) {
                channel.close();
            }
            all.clear();
            idle.clear();
        } finally {
            lock.unlock();
        }
    }

    /** The watcher must not poll a number that may soon be another file's. */
    private void joinWatcher() {
        if (Thread.currentThread().equals(watcher)) {
            return; // closed by the listener
        }
        boolean interrupted = false;
        while (watcher.isAlive()) {
            try {
                watcher.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
