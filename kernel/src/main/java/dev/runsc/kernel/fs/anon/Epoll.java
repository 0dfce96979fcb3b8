package dev.runsc.kernel.fs.anon;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.EpollEvent;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.kernel.sync.Waiter;
import dev.runsc.kernel.vfs.FileDescription;
import dev.runsc.state.AfterRestore;
import dev.runsc.state.RestoreContext;
import dev.runsc.state.RestoreOrder;
import dev.runsc.state.Savable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * An epoll instance (epoll(7); Linux fs/eventpoll.c). Interests and the list of those that may be
 * ready are saved, so that an edge reported before a checkpoint is not reported again after it.
 */
public final class Epoll extends AnonymousFile
        implements AfterRestore, FileDescription.CloseWatcher {
    private static final int MAX_NESTING = 5;
    private static final int ALWAYS = PollEvents.POLLERR | PollEvents.POLLHUP;
    private static final int MODES =
            PollEvents.EPOLLET
                    | PollEvents.EPOLLONESHOT
                    | PollEvents.EPOLLWAKEUP
                    | PollEvents.EPOLLEXCLUSIVE;

    /** EPOLLEXCLUSIVE_OK_BITS: what may stand beside EPOLLEXCLUSIVE, and itself. */
    private static final int WITH_EXCLUSIVE =
            PollEvents.EPOLLIN
                    | PollEvents.EPOLLOUT
                    | ALWAYS
                    | PollEvents.EPOLLWAKEUP
                    | PollEvents.EPOLLET
                    | PollEvents.EPOLLEXCLUSIVE;

    private final KernelLock lock = new KernelLock(LockClass.EPOLL);

    @GuardedBy("lock")
    private final LinkedHashMap<Key, Interest> interests = new LinkedHashMap<>();

    private final ReadyList ready = new ReadyList();

    public Epoll() {
        super(OpenFlags.O_RDWR);
    }

    /** Descriptor number and file: both name an interest. */
    record Key(int fd, FileDescription file) implements Savable {}

    /**
     * Items that may be ready, those that have waited longest first, under a lock of their own:
     * notifications come from within wait queues.
     */
    static final class ReadyList implements Savable {
        private final LinkedHashSet<Interest> items = new LinkedHashSet<>();

        synchronized void add(Interest item) {
            items.add(item);
        }

        synchronized void remove(Interest item) {
            items.remove(item);
        }

        synchronized List<Interest> take() {
            List<Interest> taken = new ArrayList<>(items);
            items.clear();
            return taken;
        }

        synchronized boolean isEmpty() {
            return items.isEmpty();
        }
    }

    /** What one file is watched for. */
    static final class Interest implements Savable, Waiter {
        private final Epoll epoll;
        private final FileDescription file;
        private volatile int events;
        private long data;

        /** EPOLLONESHOT has fired and waits for EPOLL_CTL_MOD. */
        private volatile boolean disabled;

        Interest(Epoll epoll, FileDescription file, int events, long data) {
            this.epoll = epoll;
            this.file = file;
            this.events = events;
            this.data = data;
        }

        int mask() {
            return events & ~MODES | ALWAYS;
        }

        @Override
        public void notified(int happened) {
            if (!disabled) {
                epoll.ready.add(this);
                epoll.queue().notify(PollEvents.POLLIN);
            }
        }
    }

    /** EPOLL_CTL_ADD. */
    public void add(int fd, FileDescription file, int events, long data) throws ErrnoException {
        if (file == this) {
            throw Errno.EINVAL.error();
        }
        if (!file.isPollable()) {
            throw Errno.EPERM.error();
        }
        if ((events & PollEvents.EPOLLEXCLUSIVE) != 0
                && (file instanceof Epoll || (events & ~WITH_EXCLUSIVE) != 0)) {
            throw Errno.EINVAL.error();
        }
        if (file instanceof Epoll inner
                && (inner.reaches(this, 0) || inner.depth() >= MAX_NESTING)) {
            throw Errno.ELOOP.error();
        }
        Interest interest = new Interest(this, file, events, data);
        lock.lock();
        try {
            Key key = new Key(fd, file);
            if (interests.containsKey(key)) {
                throw Errno.EEXIST.error();
            }
            interests.put(key, interest);
        } finally {
            lock.unlock();
        }
        file.addWatcher(this);
        file.addWaiter(interest, interest.mask());
        if ((file.readiness() & interest.mask()) != 0) {
            interest.notified(interest.mask());
        }
    }

    /** EPOLL_CTL_MOD. */
    public void modify(int fd, FileDescription file, int events, long data) throws ErrnoException {
        if ((events & PollEvents.EPOLLEXCLUSIVE) != 0) {
            throw Errno.EINVAL.error();
        }
        Interest interest = require(fd, file);
        if ((interest.events & PollEvents.EPOLLEXCLUSIVE) != 0) {
            throw Errno.EINVAL.error();
        }
        file.removeWaiter(interest);
        interest.events = events;
        interest.data = data;
        interest.disabled = false;
        file.addWaiter(interest, interest.mask());
        if ((file.readiness() & interest.mask()) != 0) {
            interest.notified(interest.mask());
        }
    }

    private Interest require(int fd, FileDescription file) throws ErrnoException {
        lock.lock();
        try {
            Interest interest = interests.get(new Key(fd, file));
            if (interest == null) {
                throw Errno.ENOENT.error();
            }
            return interest;
        } finally {
            lock.unlock();
        }
    }

    /** EPOLL_CTL_DEL. */
    public void delete(int fd, FileDescription file) throws ErrnoException {
        Interest interest = require(fd, file);
        lock.lock();
        try {
            interests.remove(new Key(fd, file));
        } finally {
            lock.unlock();
        }
        drop(interest);
    }

    private void drop(Interest interest) {
        interest.disabled = true;
        interest.file.removeWaiter(interest);
        ready.remove(interest);
    }

    /** A watched file was closed for good: its interests go. */
    @Override
    public void watchedClosed(FileDescription file) {
        List<Interest> gone = new ArrayList<>();
        lock.lock();
        try {
            for (Iterator<Interest> each = interests.values().iterator(); each.hasNext(); ) {
                Interest interest = each.next();
                if (interest.file == file) {
                    each.remove();
                    gone.add(interest);
                }
            }
        } finally {
            lock.unlock();
        }
        gone.forEach(this::drop);
    }

    /**
     * Takes up to {@code most} events; empty when none is ready. A level-triggered one goes to the
     * end of the list, so that those which found no room are next.
     */
    public List<EpollEvent> take(int most) {
        List<EpollEvent> events = new ArrayList<>();
        List<Interest> left = new ArrayList<>();
        List<Interest> again = new ArrayList<>();
        for (Interest interest : ready.take()) {
            if (events.size() == most) {
                left.add(interest);
                continue;
            }
            if (interest.disabled) {
                continue;
            }
            int now = interest.file.readiness() & interest.mask();
            if (now == 0) {
                continue;
            }
            events.add(new EpollEvent(now, interest.data));
            if ((interest.events & PollEvents.EPOLLONESHOT) != 0) {
                interest.disabled = true;
            } else if ((interest.events & PollEvents.EPOLLET) == 0) {
                again.add(interest);
            }
        }
        left.forEach(ready::add);
        again.forEach(ready::add);
        if (!ready.isEmpty()) {
            queue().notify(PollEvents.POLLIN); // Others looked while the list was taken.
        }
        return events;
    }

    @Override
    public int readiness() {
        if (ready.isEmpty()) {
            return 0;
        }
        boolean any = false;
        for (Interest interest : ready.take()) {
            if (!interest.disabled && (interest.file.readiness() & interest.mask()) != 0) {
                ready.add(interest);
                any = true;
            }
        }
        return any ? PollEvents.POLLIN | PollEvents.POLLRDNORM : 0;
    }

    private List<FileDescription> watched() {
        lock.lock();
        try {
            List<FileDescription> files = new ArrayList<>();
            interests.values().forEach(interest -> files.add(interest.file));
            return files;
        } finally {
            lock.unlock();
        }
    }

    private boolean reaches(Epoll target, int depth) {
        if (this == target || depth > MAX_NESTING) {
            return true;
        }
        for (FileDescription file : watched()) {
            if (file instanceof Epoll inner && inner.reaches(target, depth + 1)) {
                return true;
            }
        }
        return false;
    }

    private int depth() {
        int deepest = 0;
        for (FileDescription file : watched()) {
            if (file instanceof Epoll inner) {
                deepest = Math.max(deepest, inner.depth());
            }
        }
        return deepest + 1;
    }

    @Override
    protected void closed() {
        List<Interest> all;
        lock.lock();
        try {
            all = new ArrayList<>(interests.values());
            interests.clear();
        } finally {
            lock.unlock();
        }
        for (Interest interest : all) {
            drop(interest);
            interest.file.removeWatcher(this);
        }
    }

    @Override
    public String anonymousName() {
        return "anon_inode:[eventpoll]";
    }

    @Override
    public String details() {
        StringBuilder text = new StringBuilder();
        lock.lock();
        try {
            interests.forEach((key, interest) ->
                    text.append(
                            String.format(
                                    "tfd: %8d events: %8x data: %16x%n",
                                    key.fd, interest.events, interest.data)));
        } finally {
            lock.unlock();
        }
        return text.toString();
    }

    @Override
    public int restoreOrder() {
        return RestoreOrder.INDEXES;
    }

    @Override
    public void afterRestore(RestoreContext context) {
        lock.lock();
        try {
            for (Interest interest : interests.values()) {
                interest.file.addWaiter(interest, interest.mask());
                if (!interest.disabled && (interest.events & PollEvents.EPOLLET) == 0) {
                    ready.add(interest);
                }
            }
        } finally {
            lock.unlock();
        }
    }
}
