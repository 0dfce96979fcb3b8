package dev.runsc.kernel.vfs;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.state.Savable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The descriptors of a process (Linux {@code struct files_struct}), shared by tasks with
 * CLONE_FILES. It is also who owns the process's record locks. Each descriptor holds one reference
 * to its description.
 */
public final class FdTable implements Savable {
    /** Largest value of RLIMIT_NOFILE (Linux sysctl fs.nr_open). */
    public static final int MAX_DESCRIPTORS = 1 << 20;

    private static final int INITIAL = 64;

    private final KernelLock lock = new KernelLock(LockClass.FD_TABLE);

    @GuardedBy("lock")
    private @Nullable FileDescription[] files = new @Nullable FileDescription[INITIAL];

    @GuardedBy("lock")
    private final BitSet used = new BitSet();

    @GuardedBy("lock")
    private final BitSet closeOnExec = new BitSet();

    /** Tasks that have this table. */
    @GuardedBy("lock")
    private int users = 1;

    // Finding.

    /**
     * The description behind a descriptor, or null. It is not retained: see {@link
     * FileDescription#retain}.
     */
    public @Nullable FileDescription find(int fd) {
        lock.lock();
        try {
            return fd >= 0 && fd < files.length ? files[fd] : null;
        } finally {
            lock.unlock();
        }
    }

    /** The description for I/O. EBADF when there is none or it was opened with O_PATH. */
    public FileDescription require(int fd) throws ErrnoException {
        FileDescription file = find(fd);
        if (file == null || (file.statusFlags() & OpenFlags.O_PATH) != 0) {
            throw Errno.EBADF.error();
        }
        return file;
    }

    /** As {@link #require}, for the calls that take O_PATH descriptions too. */
    public FileDescription requireAny(int fd) throws ErrnoException {
        FileDescription file = find(fd);
        if (file == null) {
            throw Errno.EBADF.error();
        }
        return file;
    }

    /** As {@link #require}; EBADF also when it is not open for reading. */
    public FileDescription requireReadable(int fd) throws ErrnoException {
        FileDescription file = require(fd);
        if (!file.isReadable()) {
            throw Errno.EBADF.error();
        }
        return file;
    }

    /** As {@link #require}; EBADF also when it is not open for writing. */
    public FileDescription requireWritable(int fd) throws ErrnoException {
        FileDescription file = require(fd);
        if (!file.isWritable()) {
            throw Errno.EBADF.error();
        }
        return file;
    }

    /** The descriptors in use, rising. */
    public int[] descriptors() {
        lock.lock();
        try {
            return used.stream().toArray();
        } finally {
            lock.unlock();
        }
    }

    /** Linux FDSize of /proc/pid/status: slots allocated. */
    public int slots() {
        lock.lock();
        try {
            return files.length;
        } finally {
            lock.unlock();
        }
    }

    // Installing.

    /**
     * Gives the file the lowest free descriptor; takes over the caller's reference. EMFILE at the
     * limit.
     */
    public int install(Caller caller, FileDescription file, boolean onExec) throws ErrnoException {
        return install(file, onExec, 0, caller.descriptorLimit());
    }

    /**
     * Gives the file the lowest free descriptor not below {@code from}.
     *
     * @param limit descriptors are below this (RLIMIT_NOFILE)
     */
    public int install(FileDescription file, boolean onExec, int from, int limit)
            throws ErrnoException {
        lock.lock();
        try {
            int fd = used.nextClearBit(from);
            if (fd >= Math.min(limit, MAX_DESCRIPTORS)) {
                throw Errno.EMFILE.error();
            }
            setLocked(fd, file, onExec);
            return fd;
        } finally {
            lock.unlock();
        }
    }

    /** EMFILE when no descriptor is free: asked before a call does things that cannot be undone. */
    public void requireRoom(Caller caller) throws ErrnoException {
        lock.lock();
        try {
            if (used.nextClearBit(0) >= Math.min(caller.descriptorLimit(), MAX_DESCRIPTORS)) {
                throw Errno.EMFILE.error();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Puts a file at a descriptor that must be free: stdio at boot. */
    public void installAt(int fd, FileDescription file, boolean onExec) {
        lock.lock();
        try {
            if (used.get(fd)) {
                throw new IllegalStateException("descriptor " + fd + " is in use");
            }
            setLocked(fd, file, onExec);
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void setLocked(int fd, FileDescription file, boolean onExec) {
        if (fd >= files.length) {
            files = Arrays.copyOf(files, Math.max(files.length * 2, Integer.highestOneBit(fd) * 2));
        }
        files[fd] = file;
        used.set(fd);
        closeOnExec.set(fd, onExec);
    }

    @GuardedBy("lock")
    private @Nullable FileDescription takeLocked(int fd) {
        if (fd < 0 || fd >= files.length) {
            return null;
        }
        FileDescription file = files[fd];
        files[fd] = null;
        used.clear(fd);
        closeOnExec.clear(fd);
        return file;
    }

    /** dup(2), fcntl(F_DUPFD). */
    public int duplicate(Caller caller, int fd, int from, boolean onExec) throws ErrnoException {
        FileDescription file = requireAny(fd);
        file.retain();
        try {
            return install(file, onExec, from, caller.descriptorLimit());
        } catch (ErrnoException e) {
            file.release();
            throw e;
        }
    }

    /** dup3(2) for two descriptors that differ. */
    public int duplicateTo(Caller caller, int fd, int target, boolean onExec)
            throws ErrnoException {
        FileDescription replaced;
        lock.lock();
        try {
            FileDescription file = fd >= 0 && fd < files.length ? files[fd] : null;
            if (file == null
                    || target < 0
                    || target >= Math.min(caller.descriptorLimit(), MAX_DESCRIPTORS)) {
                throw Errno.EBADF.error();
            }
            file.retain();
            replaced = takeLocked(target);
            setLocked(target, file, onExec);
        } finally {
            lock.unlock();
        }
        if (replaced != null) {
            closeQuietly(caller, replaced);
        }
        return target;
    }

    /**
     * Puts a file at a descriptor in place of what is there; takes over the caller's reference.
     * EBADF at the limit (Linux replace_fd).
     */
    public void replace(Caller caller, int fd, FileDescription file, boolean onExec)
            throws ErrnoException {
        if (fd < 0 || fd >= Math.min(caller.descriptorLimit(), MAX_DESCRIPTORS)) {
            throw Errno.EBADF.error();
        }
        FileDescription replaced;
        lock.lock();
        try {
            replaced = takeLocked(fd);
            setLocked(fd, file, onExec);
        } finally {
            lock.unlock();
        }
        if (replaced != null) {
            closeQuietly(caller, replaced);
        }
    }

    // Closing.

    /** close(2). The descriptor is free whatever the flush says. */
    public void close(Caller caller, int fd) throws ErrnoException {
        FileDescription file;
        lock.lock();
        try {
            file = takeLocked(fd);
        } finally {
            lock.unlock();
        }
        if (file == null) {
            throw Errno.EBADF.error();
        }
        try {
            file.descriptorClosed(caller);
        } finally {
            file.release();
        }
    }

    /** close_range(2) without unsharing: closes or marks the descriptors {@code first..last}. */
    public void closeRange(Caller caller, long first, long last, boolean onlyMark) {
        List<FileDescription> closed = new ArrayList<>();
        lock.lock();
        try {
            int from = (int) Math.min(first, MAX_DESCRIPTORS);
            for (int fd = used.nextSetBit(from);
                    fd >= 0 && fd <= last;
                    fd = used.nextSetBit(fd + 1)) {
                if (onlyMark) {
                    closeOnExec.set(fd);
                } else {
                    FileDescription file = takeLocked(fd);
                    if (file != null) {
                        closed.add(file);
                    }
                }
            }
        } finally {
            lock.unlock();
        }
        for (FileDescription file : closed) {
            closeQuietly(caller, file);
        }
    }

    /** execve(2): closes what is marked so. */
    public void closeOnExec(Caller caller) {
        List<FileDescription> closed = new ArrayList<>();
        lock.lock();
        try {
            for (int fd = closeOnExec.nextSetBit(0); fd >= 0; fd = closeOnExec.nextSetBit(fd + 1)) {
                FileDescription file = takeLocked(fd);
                if (file != null) {
                    closed.add(file);
                }
            }
        } finally {
            lock.unlock();
        }
        for (FileDescription file : closed) {
            closeQuietly(caller, file);
        }
    }

    /** Where the error of a flush has nobody to go to: dup2(2), exec, exit. */
    private static void closeQuietly(Caller caller, FileDescription file) {
        try {
            file.descriptorClosed(caller);
        } catch (ErrnoException ignored) {
            // As Linux filp_close in these paths: the result of the flush is dropped.
        } finally {
            file.release();
        }
    }

    // Flags, sharing.

    public boolean isCloseOnExec(int fd) {
        lock.lock();
        try {
            return closeOnExec.get(fd);
        } finally {
            lock.unlock();
        }
    }

    /** fcntl(F_SETFD). */
    public void setCloseOnExec(int fd, boolean on) throws ErrnoException {
        lock.lock();
        try {
            if (fd < 0 || !used.get(fd)) {
                throw Errno.EBADF.error();
            }
            closeOnExec.set(fd, on);
        } finally {
            lock.unlock();
        }
    }

    /** A table of its own with the same descriptions, for clone without CLONE_FILES. */
    public FdTable copy() {
        FdTable copy = new FdTable();
        lock.lock();
        try {
            for (int fd = used.nextSetBit(0); fd >= 0; fd = used.nextSetBit(fd + 1)) {
                FileDescription file = files[fd];
                if (file != null) {
                    file.retain();
                    copy.adopt(fd, file, closeOnExec.get(fd));
                }
            }
            return copy;
        } finally {
            lock.unlock();
        }
    }

    /** Fills a table nobody else knows yet, so its lock may be skipped in the order. */
    @SuppressWarnings("GuardedBy")
    private void adopt(int fd, FileDescription file, boolean onExec) {
        setLocked(fd, file, onExec);
    }

    /** One more task has this table (CLONE_FILES). */
    public void retain() {
        lock.lock();
        try {
            users++;
        } finally {
            lock.unlock();
        }
    }

    public boolean isShared() {
        lock.lock();
        try {
            return users > 1;
        } finally {
            lock.unlock();
        }
    }

    /** A task is done with this table; the last one closes all. */
    public void release(Caller caller) {
        lock.lock();
        try {
            users--;
            if (users > 0) {
                return;
            }
        } finally {
            lock.unlock();
        }
        closeRange(caller, 0, MAX_DESCRIPTORS, false);
    }
}
