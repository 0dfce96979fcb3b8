package dev.runsc.kernel.ipc;

import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.memory.SharedMemory;
import org.jspecify.annotations.Nullable;

/** A shared memory segment (Linux {@code struct shmid_kernel}). Guarded by its namespace's lock. */
final class SharedSegment extends IpcObject {
    /** SHM_DEST: it goes with its last attachment. */
    private static final int TO_BE_REMOVED = 01000;

    /** SHM_LOCKED. */
    private static final int LOCKED = 02000;

    final IpcNamespace namespace;
    final SharedMemory memory;
    final long sizeBytes;

    /** The key it was made with, for its name in /proc/PID/maps. */
    final int firstKey;

    final ProcessId creator;
    @Nullable ProcessId last;
    int attachments;
    long attachTime;
    long detachTime;
    boolean toBeRemoved;
    boolean locked;

    SharedSegment(
            IpcNamespace namespace,
            SharedMemory memory,
            long sizeBytes,
            int key,
            IpcCaller creator,
            int mode) {
        super(key, creator.credentials(), mode, namespace.now());
        this.namespace = namespace;
        this.memory = memory;
        this.sizeBytes = sizeBytes;
        this.creator = creator.process();
        firstKey = key;
    }

    @Override
    int stateBits() {
        return (toBeRemoved ? TO_BE_REMOVED : 0) | (locked ? LOCKED : 0);
    }

    SharedSegments.View view(Credentials viewer, ProcessId viewing) {
        ProcessId lastUser = last;
        return new SharedSegments.View(
                owner(viewer),
                sizeBytes,
                attachTime,
                detachTime,
                changeTime,
                creator.seenBy(viewing),
                lastUser == null ? 0 : lastUser.seenBy(viewing),
                attachments,
                memory.committedBytes());
    }
}
