package dev.runsc.kernel.fs.gofer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.OpenFlags;
import dev.runsc.gofer.client.OpenedFile;
import dev.runsc.gofer.host.HostFd;
import dev.runsc.kernel.platform.Platform;
import dev.runsc.kernel.platform.Platform.HostFileMapping;
import dev.runsc.kernel.platform.PlatformException;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The host descriptor of a file, donated by the gofer, and what is imported from it. A read-only
 * one is replaced when somebody wants to write; the old one is closed when no call uses it any
 * more. Not saved.
 */
final class Donation {
    private final KernelLock lock = new KernelLock(LockClass.GOFER);
    private final GoferFile file;

    @GuardedBy("lock")
    private @Nullable HostFd descriptor;

    @GuardedBy("lock")
    private boolean writable;

    /** Calls in progress that use the descriptor or one it replaced. */
    @GuardedBy("lock")
    private int users;

    /** Replaced descriptors that calls in progress may still use. */
    @GuardedBy("lock")
    private final List<HostFd> retired = new ArrayList<>();

    @GuardedBy("lock")
    private @Nullable HostFileMapping mapping;

    Donation(GoferFile file) {
        this.file = file;
    }

    /**
     * The descriptor, opened if there is none that will do, for one call that ends with {@link
     * #leave}.
     */
    HostFd enter(boolean writing) throws ErrnoException {
        lock.lock();
        try {
            HostFd open = descriptor;
            if (open == null || writing && !writable) {
                open = reopen(writing);
            }
            users++;
            return open;
        } finally {
            lock.unlock();
        }
    }

    void leave() {
        lock.lock();
        try {
            users--;
            if (users == 0) {
                retired.forEach(HostFd::close);
                retired.clear();
            }
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private HostFd reopen(boolean writing) throws ErrnoException {
        OpenedFile opened;
        long pinned = file.pin();
        try {
            opened =
                    file.fileSystem()
                            .client()
                            .open(pinned, writing ? OpenFlags.O_RDWR : OpenFlags.O_RDONLY);
        } finally {
            file.unpin();
        }
        if (opened instanceof OpenedFile.Kept kept) {
            file.fileSystem().client().release(kept.handle());
            throw Errno.EIO.error();
        }
        HostFd fresh = ((OpenedFile.Donated) opened).fd();
        HostFd old = descriptor;
        if (old != null) {
            retired.add(old);
        }
        descriptor = fresh;
        writable = writing;
        return fresh;
    }

    boolean isOpen() {
        lock.lock();
        try {
            return descriptor != null;
        } finally {
            lock.unlock();
        }
    }

    boolean isWritable() {
        lock.lock();
        try {
            return writable;
        } finally {
            lock.unlock();
        }
    }

    /** The file for address spaces to map. */
    HostFileMapping imported(Platform platform) throws ErrnoException {
        HostFd open = enter(false);
        lock.lock();
        try {
            HostFileMapping known = mapping;
            if (known == null) {
                known = platform.importFile(open);
                mapping = known;
            }
            return known;
        } catch (PlatformException e) {
            throw Errno.ENOMEM.error();
        } finally {
            lock.unlock();
            leave();
        }
    }

    /** Closes all, unless calls are in progress. Areas that map the file stay. */
    void closeIfUnused() {
        lock.lock();
        try {
            if (users > 0) {
                return;
            }
            HostFileMapping known = mapping;
            if (known != null) {
                known.close();
                mapping = null;
            }
            HostFd open = descriptor;
            if (open != null) {
                open.close();
                descriptor = null;
                writable = false;
            }
        } finally {
            lock.unlock();
        }
    }
}
