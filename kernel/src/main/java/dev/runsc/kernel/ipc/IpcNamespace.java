package dev.runsc.kernel.ipc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.kernel.auth.UserNamespace;
import dev.runsc.kernel.memory.MemoryFile;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.kernel.time.Timekeeper;
import dev.runsc.state.Savable;

/**
 * An IPC namespace (Linux {@code struct ipc_namespace}, ipc_namespaces(7)). Lives as long as it has
 * users: tasks, and open files of {@code /proc/PID/ns/ipc}. With the last all in it goes.
 */
public final class IpcNamespace implements Savable {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    final KernelLock lock = new KernelLock(LockClass.IPC);
    private final UserNamespace owner;
    private final Timekeeper clock;
    private final MemoryFile memoryFile;
    private final IpcBudget budget;
    private final long number;
    private final IpcLimits limits = new IpcLimits();
    private final SharedSegments segments;
    private final SemaphoreSets semaphores;
    private final MessageQueues messages;

    @GuardedBy("lock")
    private int users = 1;

    private IpcNamespace(
            UserNamespace owner, Timekeeper clock, MemoryFile memoryFile, IpcBudget budget) {
        this.owner = owner;
        this.clock = clock;
        this.memoryFile = memoryFile;
        this.budget = budget;
        number = owner.newNumber();
        segments = new SharedSegments(this, memoryFile);
        semaphores = new SemaphoreSets(this);
        messages = new MessageQueues(this);
    }

    /** The first of a sandbox, with one user. */
    public static IpcNamespace first(UserNamespace owner, Timekeeper clock, MemoryFile memoryFile) {
        return new IpcNamespace(owner, clock, memoryFile, new IpcBudget());
    }

    /** An empty one beside this, with one user. */
    public IpcNamespace fresh(UserNamespace newOwner) {
        return new IpcNamespace(newOwner, clock, memoryFile, budget);
    }

    /** Whose administrators rule here. */
    public UserNamespace owner() {
        return owner;
    }

    /** The number in {@code ipc:[...]}. */
    public long number() {
        return number;
    }

    public IpcLimits limits() {
        return limits;
    }

    public SharedSegments segments() {
        return segments;
    }

    public SemaphoreSets semaphores() {
        return semaphores;
    }

    public MessageQueues messages() {
        return messages;
    }

    IpcBudget budget() {
        return budget;
    }

    /** Seconds since 1970. */
    long now() {
        return Math.floorDiv(clock.realNanos(), NANOS_PER_SECOND);
    }

    /** One user more. */
    public void retain() {
        lock.lock();
        try {
            users++;
        } finally {
            lock.unlock();
        }
    }

    /** One user less; with the last all is removed. */
    public void release() {
        lock.lock();
        try {
            users--;
            if (users > 0) {
                return;
            }
        } finally {
            lock.unlock();
        }
        segments.removeAll();
        semaphores.removeAll();
        messages.removeAll();
    }
}
