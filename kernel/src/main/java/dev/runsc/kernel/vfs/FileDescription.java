package dev.runsc.kernel.vfs;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.InotifyFlags;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.gofer.abi.Stat;
import dev.runsc.kernel.memory.Mappable;
import dev.runsc.kernel.memory.MemoryManager;
import dev.runsc.kernel.memory.UserBuffer;
import dev.runsc.kernel.sync.Waiter;
import dev.runsc.state.Savable;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * An open file (Linux {@code struct file}): what descriptors refer to. Subclasses are the kinds of
 * file. Calls never sleep: they answer {@link #WOULD_BLOCK} and the caller waits ({@link
 * #addWaiter}) and tries again.
 */
public abstract class FileDescription implements Savable {
    /** Answer of {@link #read} and {@link #write} when nothing can be done now. */
    public static final long WOULD_BLOCK = Long.MIN_VALUE;

    private final AtomicInteger references = new AtomicInteger(1);
    private final ArrayList<CloseWatcher> watchers = new ArrayList<>(0);
    private volatile int statusFlags;
    private volatile @Nullable AsyncOwner asyncOwner;

    /** Opened by path, so that its end is told to those who watch the file. */
    private volatile boolean openedByPath;

    protected FileDescription(int statusFlags) {
        this.statusFlags = statusFlags;
    }

    /** The {@code O_*} access mode and status flags; creation flags are not kept. */
    public final int statusFlags() {
        return statusFlags;
    }

    /**
     * fcntl(F_SETFL): changes O_APPEND, O_ASYNC, O_DIRECT, O_NOATIME and O_NONBLOCK only; the
     * caller has masked.
     */
    public void setStatusFlags(int flags) throws ErrnoException {
        statusFlags = flags;
    }

    /** Whether it was opened for reading. */
    public final boolean isReadable() {
        int access = statusFlags & OpenFlags.O_ACCMODE;
        return access == OpenFlags.O_RDONLY || access == OpenFlags.O_RDWR;
    }

    /** Whether it was opened for writing. */
    public final boolean isWritable() {
        int access = statusFlags & OpenFlags.O_ACCMODE;
        return access == OpenFlags.O_WRONLY || access == OpenFlags.O_RDWR;
    }

    public final boolean isNonBlocking() {
        return (statusFlags & OpenFlags.O_NONBLOCK) != 0;
    }

    /**
     * Who is told when a file is closed for good: epoll instances, whose interests in it end then.
     */
    public interface CloseWatcher extends Savable {
        void watchedClosed(FileDescription file);
    }

    public final void addWatcher(CloseWatcher watcher) {
        synchronized (watchers) {
            watchers.add(watcher);
        }
    }

    public final void removeWatcher(CloseWatcher watcher) {
        synchronized (watchers) {
            watchers.remove(watcher);
        }
    }

    private List<CloseWatcher> watcherList() {
        synchronized (watchers) {
            return List.copyOf(watchers);
        }
    }

    /** Whether epoll takes it: not regular files and directories. */
    public boolean isPollable() {
        Inode inode = inode();
        return inode == null || !inode.isRegular() && !inode.isDirectory();
    }

    /**
     * Keeps the file open. Who only calls a method needs no reference of its own; who sleeps for
     * the file takes one, so that closing the descriptor elsewhere does not close the file below
     * him.
     */
    public final void retain() {
        references.incrementAndGet();
    }

    /** Drops a reference; the last one closes the file. */
    public final void release() {
        if (references.decrementAndGet() == 0) {
            Inode inode = inode();
            FileLocks locks = inode == null ? null : inode.findLocks();
            if (locks != null) {
                locks.releaseOwner(this);
            }
            watcherList().forEach(watcher -> watcher.watchedClosed(this));
            closed();
            tellClosed();
        }
    }

    /** Tells those who watch the file that it was opened by path. */
    final void tellOpened() {
        Location place = location();
        if (place != null) {
            openedByPath = true;
            place.inode().countOpen(1);
            FsEvents.at(place, InotifyFlags.IN_OPEN);
        }
    }

    /**
     * It was opened by path: a terminal may become the controlling one.
     *
     * @param flags of open(2), creation flags included
     */
    protected void opened(Caller caller, int flags) {}

    private void tellClosed() {
        Location place = location();
        if (!openedByPath || place == null) {
            return;
        }
        place.inode().countOpen(-1);
        FsEvents.at(
                place, isWritable() ? InotifyFlags.IN_CLOSE_WRITE : InotifyFlags.IN_CLOSE_NOWRITE);
        FsEvents.goneIfUnused(place.inode());
    }

    /** The last reference is gone. */
    protected void closed() {}

    /**
     * Called for each descriptor closed: the POSIX locks of the table's owner go. Subclasses flush
     * and call this.
     */
    public void descriptorClosed(Caller caller) throws ErrnoException {
        Inode inode = inode();
        FileLocks locks = inode == null ? null : inode.findLocks();
        if (locks != null) {
            locks.releaseOwner(caller.files());
        }
    }

    /** The file itself, for record locks and seals; null for kinds without an inode. */
    public @Nullable Inode inode() {
        return null;
    }

    /** Whether the file has a position ({@code lseek}, {@code pread}). */
    public boolean isSeekable() {
        return false;
    }

    /**
     * Reads at the file position and advances it. Returns bytes, 0 at the end, or {@link
     * #WOULD_BLOCK}.
     */
    public long read(Caller caller, UserBuffer target) throws ErrnoException {
        throw Errno.EINVAL.error();
    }

    /**
     * Writes at the file position (or the end, O_APPEND). Returns bytes or {@link #WOULD_BLOCK}.
     */
    public long write(Caller caller, UserBuffer source) throws ErrnoException {
        throw Errno.EINVAL.error();
    }

    public long readAt(Caller caller, UserBuffer target, long offset) throws ErrnoException {
        throw Errno.ESPIPE.error();
    }

    public long writeAt(Caller caller, UserBuffer source, long offset) throws ErrnoException {
        throw Errno.ESPIPE.error();
    }

    public long seek(Caller caller, long offset, int whence) throws ErrnoException {
        throw Errno.ESPIPE.error();
    }

    /** The {@code POLL*} events that hold now. */
    public int readiness() {
        return PollEvents.POLLIN | PollEvents.POLLOUT;
    }

    /**
     * Registers for changes of {@link #readiness}; without effect for files that are always ready.
     */
    public void addWaiter(Waiter waiter, int events) {}

    public void removeWaiter(Waiter waiter) {}

    public abstract Stat stat(Caller caller) throws ErrnoException;

    /**
     * Another description of what this one stands for, when there is no location to open; ENXIO for
     * most kinds.
     */
    public FileDescription reopen(Caller caller, int flags) throws ErrnoException {
        throw Errno.ENXIO.error();
    }

    /**
     * Checks a mapping of this file as mmap(2) says: EACCES for the access mode, EPERM for a noexec
     * mount or a seal, ENODEV for files that cannot be mapped.
     *
     * @param protection {@code PROT_*}
     * @return the {@code PROT_*} that mprotect may give the mapping later (VM_MAYREAD and its like)
     */
    public int checkMapping(Caller caller, boolean shared, int protection) throws ErrnoException {
        throw Errno.ENODEV.error();
    }

    /** Whether mmap of this file is one of anonymous memory: /dev/zero. */
    public boolean mapsZeros() {
        return false;
    }

    /** What mmap maps. */
    public Mappable mappable(Caller caller) throws ErrnoException {
        throw Errno.ENODEV.error();
    }

    /**
     * @return the call's result
     */
    public long ioctl(Caller caller, MemoryManager memory, int request, long argument)
            throws ErrnoException {
        throw Errno.ENOTTY.error();
    }

    /**
     * The commands of fcntl(2) that only some kinds of file know: F_SETPIPE_SZ and its like. EINVAL
     * by default.
     */
    public long control(Caller caller, int command, long argument) throws ErrnoException {
        throw Errno.EINVAL.error();
    }

    /** Who gets signals for the file (F_SETOWN), as F_GETOWN shows it. */
    public final AsyncOwner asyncOwner() {
        AsyncOwner owner = asyncOwner;
        return owner == null ? AsyncOwner.NOBODY : owner;
    }

    public final void setAsyncOwner(AsyncOwner owner) {
        asyncOwner = owner;
    }

    public void truncate(Caller caller, long sizeBytes) throws ErrnoException {
        throw Errno.EINVAL.error();
    }

    /** fallocate(2). ENODEV unless there is something to allocate, ESPIPE for pipes. */
    public void allocate(Caller caller, int mode, long offset, long lengthBytes)
            throws ErrnoException {
        throw (isWritable() ? Errno.ENODEV : Errno.EBADF).error();
    }

    public void sync(Caller caller, boolean dataOnly) throws ErrnoException {
        throw Errno.EINVAL.error();
    }

    /** Lists the directory from the position on, until the sink refuses an entry. */
    public void listEntries(Caller caller, EntrySink sink) throws ErrnoException {
        throw Errno.ENOTDIR.error();
    }

    /** Takes directory entries. */
    public interface EntrySink {
        /**
         * @param nextPosition what lseek would take to go on behind this entry
         * @param type {@code DT_*}
         * @return false when it did not fit and was not taken
         */
        boolean accept(byte[] name, long inode, long nextPosition, int type);
    }

    /**
     * One line after another for /proc/pid/fdinfo; empty when there is nothing but position and
     * flags.
     */
    public String details() {
        return "";
    }

    /**
     * Where it was opened, for /proc/pid/fd, fchdir, openat; null for files without a place in the
     * tree.
     */
    public @Nullable Location location() {
        return null;
    }

    /**
     * What readlink of /proc/pid/fd/N shows when there is no location, such as {@code pipe:[123]}.
     */
    public String anonymousName() {
        return "anon_inode:[unknown]";
    }
}
