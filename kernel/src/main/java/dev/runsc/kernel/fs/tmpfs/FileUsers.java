package dev.runsc.kernel.fs.tmpfs;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.memory.Mappable.MappingObserver;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.state.Savable;
import java.util.ArrayList;
import java.util.List;

/**
 * What keeps the contents of a file alive: names, open descriptions, mappings. Its lock stands
 * where the page store's does, as mappings come and go within address spaces.
 */
final class FileUsers implements Savable {
    private final KernelLock lock = new KernelLock(LockClass.PAGES);

    @GuardedBy("lock")
    private int opens;

    @GuardedBy("lock")
    private boolean named;

    @GuardedBy("lock")
    private final ArrayList<MappingObserver> observers = new ArrayList<>();

    /** Whether there never was a name. */
    private volatile boolean unborn;

    /** Nobody is left: the contents are given back, and nothing may be written any more. */
    private volatile boolean dead;

    /** Whether a page was handed out for writing since there last was no mapping. */
    private volatile boolean mappedForWrite;

    FileUsers(boolean named) {
        this.named = named;
        this.unborn = !named;
    }

    boolean isDead() {
        return dead;
    }

    boolean isUnborn() {
        return unborn;
    }

    /** ESTALE when the file is dead: whoever found it by a name has to look again. */
    void open() throws ErrnoException {
        lock.lock();
        try {
            if (dead) {
                throw Errno.ESTALE.error();
            }
            opens++;
        } finally {
            lock.unlock();
        }
    }

    /** Whether the file just died. */
    boolean close() {
        lock.lock();
        try {
            opens--;
            return diesLocked();
        } finally {
            lock.unlock();
        }
    }

    /** ENOENT when the file is dead. */
    void name() throws ErrnoException {
        lock.lock();
        try {
            if (dead) {
                throw Errno.ENOENT.error();
            }
            named = true;
            unborn = false;
        } finally {
            lock.unlock();
        }
    }

    /** The last name is gone. Whether the file just died. */
    boolean unname() {
        lock.lock();
        try {
            named = false;
            return diesLocked();
        } finally {
            lock.unlock();
        }
    }

    void map(MappingObserver observer) {
        lock.lock();
        try {
            observers.add(observer);
        } finally {
            lock.unlock();
        }
    }

    /** Whether the file just died. */
    boolean unmap(MappingObserver observer) {
        lock.lock();
        try {
            observers.remove(observer);
            if (observers.isEmpty()) {
                mappedForWrite = false;
            }
            return diesLocked();
        } finally {
            lock.unlock();
        }
    }

    List<MappingObserver> observers() {
        lock.lock();
        try {
            return List.copyOf(observers);
        } finally {
            lock.unlock();
        }
    }

    void noteMappedForWrite() {
        mappedForWrite = true;
    }

    boolean isMappedForWrite() {
        return mappedForWrite;
    }

    @GuardedBy("lock")
    private boolean diesLocked() {
        if (dead || named || opens > 0 || !observers.isEmpty()) {
            return false;
        }
        dead = true;
        return true;
    }
}
