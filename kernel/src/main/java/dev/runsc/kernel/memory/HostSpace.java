package dev.runsc.kernel.memory;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.kernel.platform.AddressSpace;
import dev.runsc.kernel.platform.Platform.HostFileMapping;
import dev.runsc.kernel.platform.PlatformException;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import java.lang.System.Logger.Level;

/**
 * An address space's stub as the memory manager uses it: one that failed a request is let go at
 * once, so that nothing of it stays mapped, and from then on takes requests without effect; its
 * tasks learn of it when they next run.
 */
final class HostSpace {
    private final AddressSpace real;
    private final KernelLock lock = new KernelLock(LockClass.STUB_REQUESTS);

    @GuardedBy("lock")
    private boolean gone;

    /** A request that touches pages may still be queued. */
    private volatile boolean populates;

    HostSpace(AddressSpace real) {
        this.real = real;
    }

    /** The stub itself, for making contexts. */
    AddressSpace real() {
        return real;
    }

    void mapMemory(long address, long length, long fileOffset, int protection, boolean populate) {
        lock.lock();
        try {
            if (!gone) {
                populates |= populate;
                real.mapMemory(address, length, fileOffset, protection, populate);
            }
        } finally {
            lock.unlock();
        }
    }

    void mapHostFile(
            long address, long length, HostFileMapping file, long fileOffset, int protection) {
        lock.lock();
        try {
            if (!gone) {
                real.mapHostFile(address, length, file, fileOffset, protection);
            }
        } finally {
            lock.unlock();
        }
    }

    void unmap(long address, long length) {
        lock.lock();
        try {
            if (!gone) {
                real.unmap(address, length);
            }
        } finally {
            lock.unlock();
        }
    }

    void protect(long address, long length, int protection) {
        lock.lock();
        try {
            if (!gone) {
                real.protect(address, length, protection);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Whether a queued request may touch, and so commit, pages of the memory file that are given up
     * before it is carried out.
     */
    boolean mayPopulate() {
        if (populates && !real.hasQueued()) {
            populates = false;
        }
        return populates;
    }

    /** See {@link AddressSpace#synchronizeCode}. */
    void synchronizeCode() {
        lock.lock();
        try {
            if (!gone) {
                real.synchronizeCode();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Waits until what is queued is carried out; afterwards nothing unmapped is mapped still. */
    void settle() {
        lock.lock();
        try {
            if (gone) {
                return;
            }
            try {
                real.flush();
                populates = false;
            } catch (PlatformException e) {
                release();
            }
        } finally {
            lock.unlock();
        }
    }

    void release() {
        lock.lock();
        try {
            if (mayPopulate()) {
                try {
                    real.flush();
                } catch (PlatformException e) {
                    System.getLogger(HostSpace.class.getName())
                            .log(
                                    Level.DEBUG,
                                    "released with requests that failed: {0}",
                                    e.getMessage());
                }
            }
            gone = true;
            real.release();
        } finally {
            lock.unlock();
        }
    }
}
