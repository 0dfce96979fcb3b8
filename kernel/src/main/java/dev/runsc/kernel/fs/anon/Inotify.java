package dev.runsc.kernel.fs.anon;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.InotifyFlags;
import dev.runsc.gofer.abi.Ioctls;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.kernel.memory.MemoryManager;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.kernel.vfs.Inode;
import dev.runsc.kernel.vfs.RawName;
import dev.runsc.state.Savable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A queue of what happened to watched files (inotify(7); Linux {@code struct fsnotify_group}). */
public final class Inotify extends AnonymousFile {
    /** /proc/sys/fs/inotify/max_queued_events. */
    private static final int MAX_QUEUED = 16384;

    /**
     * /proc/sys/fs/inotify/max_user_watches is larger on most machines; this bounds one instance.
     */
    private static final int MAX_WATCHES = 1 << 20;

    private static final int HEADER_BYTES = 16;

    /** What a watch may ask for. */
    private static final int EVENTS = InotifyFlags.IN_ALL_EVENTS;

    /**
     * One event.
     *
     * @param watch descriptor of the watch; -1 for an overflow
     * @param name raw bytes, null for the watched file itself
     */
    record Event(int watch, int mask, int cookie, @Nullable String name) implements Savable {
        /** The name with its zero, padded to whole headers. */
        int nameBytes() {
            return name == null ? 0 : (name.length() / HEADER_BYTES + 1) * HEADER_BYTES;
        }

        void writeTo(ByteBuffer out) {
            int length = nameBytes();
            out.putInt(watch).putInt(mask).putInt(cookie).putInt(length);
            byte[] padded = new byte[length];
            if (name != null) {
                byte[] bytes = RawName.bytes(name);
                System.arraycopy(bytes, 0, padded, 0, bytes.length);
            }
            out.put(padded);
        }
    }

    private final KernelLock lock = new KernelLock(LockClass.CHANNEL);

    @GuardedBy("lock")
    private final ArrayDeque<Event> events = new ArrayDeque<>();

    @GuardedBy("lock")
    private final TreeMap<Integer, InotifyWatch> watches = new TreeMap<>();

    @GuardedBy("lock")
    private int lastWatch;

    /**
     * @param statusFlags O_NONBLOCK or 0
     */
    public Inotify(int statusFlags) {
        super(OpenFlags.O_RDONLY | statusFlags);
    }

    @Override
    public String anonymousName() {
        return "anon_inode:inotify";
    }

    // Watches.

    /**
     * inotify_add_watch(2) for a file whose permission is checked; {@code mask} is checked, too.
     */
    public int watch(Inode inode, int mask) throws ErrnoException {
        InotifyWatch added;
        lock.lock();
        try {
            for (InotifyWatch known : watches.values()) {
                if (known.inode() == inode) {
                    if ((mask & InotifyFlags.IN_MASK_CREATE) != 0) {
                        throw Errno.EEXIST.error();
                    }
                    known.change(mask);
                    return known.descriptor();
                }
            }
            if (watches.size() >= MAX_WATCHES) {
                throw Errno.ENOSPC.error();
            }
            lastWatch++;
            added = new InotifyWatch(this, inode, lastWatch, mask);
            watches.put(lastWatch, added);
        } finally {
            lock.unlock();
        }
        inode.addWatcher(added);
        return added.descriptor();
    }

    /** inotify_rm_watch(2). */
    public void unwatch(int descriptor) throws ErrnoException {
        InotifyWatch watch;
        lock.lock();
        try {
            watch = watches.get(descriptor);
        } finally {
            lock.unlock();
        }
        if (watch == null) {
            throw Errno.EINVAL.error();
        }
        end(watch);
    }

    /** A watch is over: IN_IGNORED is its last event. */
    void end(InotifyWatch watch) {
        lock.lock();
        try {
            if (watches.remove(watch.descriptor()) == null) {
                return;
            }
        } finally {
            lock.unlock();
        }
        watch.inode().removeWatcher(watch);
        add(new Event(watch.descriptor(), InotifyFlags.IN_IGNORED, 0, null));
    }

    /** For /proc/pid/fdinfo: the watches in order. */
    public List<InotifyWatch> watches() {
        lock.lock();
        try {
            return new ArrayList<>(watches.values());
        } finally {
            lock.unlock();
        }
    }

    @Override
    protected void closed() {
        for (InotifyWatch watch : watches()) {
            watch.inode().removeWatcher(watch);
        }
    }

    static int eventBits(int mask) {
        return mask & EVENTS;
    }

    // Events.

    /** Queues an event, unless it is the same as the last one. */
    void add(Event event) {
        lock.lock();
        try {
            if (event.equals(events.peekLast())) {
                return;
            }
            if (events.size() > MAX_QUEUED) {
                return;
            }
            boolean full = events.size() == MAX_QUEUED;
            events.addLast(full ? new Event(-1, InotifyFlags.IN_Q_OVERFLOW, 0, null) : event);
        } finally {
            lock.unlock();
        }
        queue().notify(PollEvents.POLLIN | PollEvents.POLLRDNORM);
    }

    /** As many whole events as there is room for; EINVAL when there is room for none. */
    @Override
    public long read(Caller caller, UserBuffer target) throws ErrnoException {
        List<Event> taken = new ArrayList<>();
        int length = 0;
        lock.lock();
        try {
            if (events.isEmpty()) {
                return WOULD_BLOCK;
            }
            while (!events.isEmpty()) {
                int size = HEADER_BYTES + events.getFirst().nameBytes();
                if (size > target.remaining() - length) {
                    break;
                }
                taken.add(events.removeFirst());
                length += size;
            }
        } finally {
            lock.unlock();
        }
        if (taken.isEmpty()) {
            throw Errno.EINVAL.error();
        }
        ByteBuffer out = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        for (Event event : taken) {
            event.writeTo(out);
        }
        if (target.put(out.array(), 0, length) < length) {
            throw Errno.EFAULT.error();
        }
        return length;
    }

    @Override
    public int readiness() {
        lock.lock();
        try {
            return events.isEmpty() ? 0 : PollEvents.POLLIN | PollEvents.POLLRDNORM;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public long ioctl(Caller caller, MemoryManager memory, int request, long argument)
            throws ErrnoException {
        if (request != Ioctls.FIONREAD) {
            throw Errno.ENOTTY.error();
        }
        int bytes = 0;
        lock.lock();
        try {
            for (Event event : events) {
                bytes += HEADER_BYTES + event.nameBytes();
            }
        } finally {
            lock.unlock();
        }
        memory.writeInt(argument, bytes);
        return 0;
    }
}
