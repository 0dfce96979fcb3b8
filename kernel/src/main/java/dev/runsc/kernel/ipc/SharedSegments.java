package dev.runsc.kernel.ipc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.Capabilities;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.SystemVIpc;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.ipc.IpcLimits.Limit;
import dev.runsc.kernel.memory.Addresses;
import dev.runsc.kernel.memory.MemoryFile;
import dev.runsc.kernel.memory.SharedMemory;

/** The shared memory segments of a namespace (Linux ipc/shm.c). */
public final class SharedSegments extends IpcObjects<SharedSegment, SharedSegments.View> {
    private final MemoryFile memoryFile;

    @GuardedBy("lock")
    private long totalPages;

    SharedSegments(IpcNamespace namespace, MemoryFile memoryFile) {
        super(namespace);
        this.memoryFile = memoryFile;
    }

    /** {@code struct shmid64_ds}, and how much of it is in memory. */
    public record View(
            IpcObject.Owner owner,
            long sizeBytes,
            long attachTime,
            long detachTime,
            long changeTime,
            int creatorPid,
            int lastPid,
            int attachments,
            long residentBytes) {}

    /** Sums for SHM_INFO and IPC_INFO. */
    public record Summary(int count, int highestSlot, long pages, long residentPages) {}

    /** shmget(2). */
    public int get(IpcCaller caller, int key, long sizeBytes, int flags) throws ErrnoException {
        lock.lock();
        try {
            SharedSegment found = table.find(key, flags);
            if (found == null) {
                return makeLocked(caller, key, sizeBytes, flags).id();
            }
            if (Long.compareUnsigned(sizeBytes, found.sizeBytes) > 0) {
                throw Errno.EINVAL.error();
            }
            found.check(caller.credentials(), namespace.owner(), flags & PERMISSIONS);
            return found.id();
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private SharedSegment makeLocked(IpcCaller caller, int key, long sizeBytes, int flags)
            throws ErrnoException {
        IpcLimits limits = namespace.limits();
        if (sizeBytes == 0
                || Long.compareUnsigned(sizeBytes, limits.get(Limit.SHMMAX)) > 0
                || (flags & SystemVIpc.SHM_HUGETLB) != 0) {
            throw Errno.EINVAL.error();
        }
        long pages = Long.divideUnsigned(sizeBytes - 1, Addresses.PAGE_SIZE) + 1;
        if (Long.compareUnsigned(totalPages + pages, limits.get(Limit.SHMALL)) > 0) {
            throw Errno.ENOSPC.error();
        }
        boolean reserve = (flags & SystemVIpc.SHM_NORESERVE) == 0;
        if (sizeBytes < 0 || reserve && !memoryFile.mayCommit(sizeBytes)) {
            throw Errno.ENOMEM.error();
        }
        SharedMemory memory = new SharedMemory(memoryFile, sizeBytes, "SYSV");
        SharedSegment made = new SharedSegment(namespace, memory, sizeBytes, key, caller, flags);
        boolean added = false;
        try {
            table.add(made, (int) limits.get(Limit.SHMMNI));
            added = true;
        } finally {
            if (!added) {
                memory.release();
            }
        }
        totalPages += pages;
        return made;
    }

    /**
     * The beginning of shmat(2): checks, and counts an attachment that {@link #endAttach} gives up
     * again, when the mapping has one of its own.
     *
     * @param wanted permission bits
     */
    public SegmentAttachment beginAttach(IpcCaller caller, int id, int wanted)
            throws ErrnoException {
        lock.lock();
        try {
            SharedSegment segment = requireLocked(caller, id, wanted);
            segment.attachments++;
            return new SegmentAttachment(segment);
        } finally {
            lock.unlock();
        }
    }

    /** See {@link #beginAttach}. */
    public void endAttach(IpcCaller caller, int id, boolean mapped) throws ErrnoException {
        lock.lock();
        try {
            SharedSegment segment = table.require(id);
            if (mapped) {
                segment.last = caller.process();
            }
            dropLocked(segment, 1);
        } finally {
            lock.unlock();
        }
    }

    /** Address spaces map it in more areas, or in fewer (shm_open, shm_close). */
    void countAreas(SharedSegment segment, int more) {
        lock.lock();
        try {
            if (more > 0) {
                segment.attachTime = namespace.now();
            } else {
                segment.detachTime = namespace.now();
            }
            dropLocked(segment, -more);
        } finally {
            lock.unlock();
        }
    }

    /** Notes who gave it up by shmdt(2). */
    public void noteDetach(IpcCaller caller, int id) {
        lock.lock();
        try {
            table.require(id).last = caller.process();
        } catch (ErrnoException gone) {
            // That was the last attachment of a segment to be removed.
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void dropLocked(SharedSegment segment, int count) {
        segment.attachments -= count;
        if (segment.attachments == 0 && segment.toBeRemoved) {
            destroyLocked(segment);
        }
    }

    @GuardedBy("lock")
    private void destroyLocked(SharedSegment segment) {
        totalPages -= segment.memory.lengthBytes() / Addresses.PAGE_SIZE;
        table.remove(segment);
        segment.memory.release();
    }

    @Override
    @GuardedBy("lock")
    void removeLocked(SharedSegment segment) {
        if (segment.attachments != 0) {
            segment.toBeRemoved = true;
            table.forgetKey(segment);
        } else {
            destroyLocked(segment);
        }
    }

    /**
     * SHM_LOCK and SHM_UNLOCK: counted, nothing more.
     *
     * @param mayLock whether RLIMIT_MEMLOCK allows anything
     */
    public void setLocked(IpcCaller caller, int id, boolean on, boolean mayLock)
            throws ErrnoException {
        lock.lock();
        try {
            SharedSegment segment = table.require(id);
            Credentials who = caller.credentials();
            if (!who.hasIn(namespace.owner(), Capabilities.CAP_IPC_LOCK)
                    && (!segment.isOwner(who) || on && !mayLock)) {
                throw Errno.EPERM.error();
            }
            segment.locked = on;
        } finally {
            lock.unlock();
        }
    }

    /** IPC_SET. */
    public void set(IpcCaller caller, int id, int uid, int gid, int mode) throws ErrnoException {
        setOwner(caller, id, uid, gid, mode);
    }

    @Override
    View view(SharedSegment segment, Credentials viewer, ProcessId viewing) {
        return segment.view(viewer, viewing);
    }

    public Summary summary() {
        lock.lock();
        try {
            long resident = 0;
            for (SharedSegment segment : table.all()) {
                resident += segment.memory.committedBytes();
            }
            return new Summary(
                    table.size(), table.highestSlot(), totalPages, resident / Addresses.PAGE_SIZE);
        } finally {
            lock.unlock();
        }
    }
}
