package dev.runsc.kernel.ipc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.SystemVIpc;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.ipc.IpcLimits.Limit;
import dev.runsc.kernel.ipc.SemaphoreSet.Sleeper;
import dev.runsc.kernel.sync.InterruptedSyscall;
import dev.runsc.kernel.sync.Interruptible;
import dev.runsc.kernel.sync.Interruptible.Wake;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The semaphore sets of a namespace (Linux ipc/sem.c). */
public final class SemaphoreSets extends IpcObjects<SemaphoreSet, SemaphoreSets.View> {
    @GuardedBy("lock")
    private int totalSemaphores;

    SemaphoreSets(IpcNamespace namespace) {
        super(namespace);
    }

    /** {@code struct semid64_ds}. */
    public record View(IpcObject.Owner owner, long operationTime, long changeTime, int count) {}

    /** Sums for SEM_INFO and IPC_INFO. */
    public record Summary(int count, int highestSlot, int semaphores) {}

    /** semget(2). */
    public int get(IpcCaller caller, int key, int count, int flags) throws ErrnoException {
        if (count < 0 || count > namespace.limits().get(Limit.SEMMSL)) {
            throw Errno.EINVAL.error();
        }
        lock.lock();
        try {
            SemaphoreSet found = table.find(key, flags);
            if (found == null) {
                return makeLocked(caller, key, count, flags).id();
            }
            if (count > found.count()) {
                throw Errno.EINVAL.error();
            }
            found.check(caller.credentials(), namespace.owner(), flags & PERMISSIONS);
            return found.id();
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private SemaphoreSet makeLocked(IpcCaller caller, int key, int count, int flags)
            throws ErrnoException {
        if (count == 0) {
            throw Errno.EINVAL.error();
        }
        if (totalSemaphores + count > namespace.limits().get(Limit.SEMMNS)) {
            throw Errno.ENOSPC.error();
        }
        long bytes = SemaphoreSet.bytesFor(count);
        namespace.budget().take(bytes, Errno.ENOMEM);
        SemaphoreSet made = new SemaphoreSet(key, caller, flags, count, namespace.now());
        boolean added = false;
        try {
            table.add(made, (int) namespace.limits().get(Limit.SEMMNI));
            added = true;
        } finally {
            if (!added) {
                namespace.budget().giveBack(bytes);
            }
        }
        totalSemaphores += count;
        return made;
    }

    /**
     * semtimedop(2).
     *
     * @param undos of the caller; not null when an operation is to be undone
     * @param deadlineNanos monotonic
     */
    public void operate(
            Interruptible task,
            IpcCaller caller,
            int id,
            List<SemaphoreOperation> operations,
            @Nullable UndoList undos,
            long deadlineNanos,
            Repeat repeat)
            throws ErrnoException {
        Sleeper sleeper;
        SemaphoreSet set;
        lock.lock();
        try {
            set = table.require(id, repeat.hasWaited());
            checkLocked(caller, set, operations);
            UndoList.Entry undo = undos == null ? null : undos.entryFor(set);
            SemaphoreOperation blocking = set.perform(operations, undo, caller.process());
            if (blocking == null) {
                set.operationTime = namespace.now();
                set.update();
                return;
            }
            sleeper = new Sleeper(operations, undo, caller.process(), blocking);
            set.enqueue(sleeper);
        } finally {
            lock.unlock();
        }
        await(task, set, sleeper, deadlineNanos, repeat);
    }

    @GuardedBy("lock")
    private void checkLocked(
            IpcCaller caller, SemaphoreSet set, List<SemaphoreOperation> operations)
            throws ErrnoException {
        boolean alters = false;
        for (SemaphoreOperation operation : operations) {
            if (operation.number() >= set.count()) {
                throw Errno.EFBIG.error();
            }
            alters |= operation.alters();
        }
        set.check(
                caller.credentials(), namespace.owner(), alters ? IpcObject.WRITE : IpcObject.READ);
    }

    private void await(
            Interruptible task,
            SemaphoreSet set,
            Sleeper sleeper,
            long deadlineNanos,
            Repeat repeat)
            throws ErrnoException {
        while (true) {
            Wake wake = task.sleep(sleeper.waiter, deadlineNanos);
            lock.lock();
            try {
                if (sleeper.finished) {
                    Errno failure = sleeper.failure;
                    if (failure != null) {
                        throw failure.error();
                    }
                    set.operationTime = namespace.now();
                    return;
                }
                if (wake == Wake.NOTIFIED) {
                    continue;
                }
                set.dequeue(sleeper);
            } finally {
                lock.unlock();
            }
            if (wake == Wake.TIMED_OUT) {
                throw Errno.EAGAIN.error();
            }
            repeat.noteWaited();
            throw InterruptedSyscall.NO_HANDLER;
        }
    }

    private static void checkNumber(SemaphoreSet set, int number) throws ErrnoException {
        if (number < 0 || number >= set.count()) {
            throw Errno.EINVAL.error();
        }
    }

    /** GETVAL, GETPID, GETNCNT, GETZCNT. */
    public int query(IpcCaller caller, int id, int number, int command) throws ErrnoException {
        lock.lock();
        try {
            SemaphoreSet set = requireLocked(caller, id, IpcObject.READ);
            checkNumber(set, number);
            return switch (command) {
                case SystemVIpc.GETVAL -> set.value(number);
                case SystemVIpc.GETNCNT -> set.waiting(number, false);
                case SystemVIpc.GETZCNT -> set.waiting(number, true);
                case SystemVIpc.GETPID -> {
                    ProcessId last = set.lastChanger(number);
                    yield last == null ? 0 : last.seenBy(caller.process());
                }
                default -> throw Errno.EINVAL.error();
            };
        } finally {
            lock.unlock();
        }
    }

    /** GETALL. */
    public int[] values(IpcCaller caller, int id) throws ErrnoException {
        lock.lock();
        try {
            SemaphoreSet set = requireLocked(caller, id, IpcObject.READ);
            int[] values = new int[set.count()];
            for (int i = 0; i < values.length; i++) {
                values[i] = set.value(i);
            }
            return values;
        } finally {
            lock.unlock();
        }
    }

    /** How many semaphores SETALL needs values for. */
    public int countForWriting(IpcCaller caller, int id) throws ErrnoException {
        lock.lock();
        try {
            return requireLocked(caller, id, IpcObject.WRITE).count();
        } finally {
            lock.unlock();
        }
    }

    /** SETALL. ERANGE. */
    public void setAll(IpcCaller caller, int id, int[] values) throws ErrnoException {
        for (int value : values) {
            checkValue(value);
        }
        lock.lock();
        try {
            SemaphoreSet set = requireLocked(caller, id, IpcObject.WRITE);
            if (set.count() != values.length) {
                throw Errno.EIDRM.error(); // another one in its place meanwhile
            }
            set.setValues(0, values, caller.process(), namespace.now());
        } finally {
            lock.unlock();
        }
    }

    /** SETVAL. ERANGE. */
    public void setValue(IpcCaller caller, int id, int number, int value) throws ErrnoException {
        checkValue(value);
        lock.lock();
        try {
            SemaphoreSet set = table.require(id);
            checkNumber(set, number);
            set.check(caller.credentials(), namespace.owner(), IpcObject.WRITE);
            set.setValues(number, new int[] {value}, caller.process(), namespace.now());
        } finally {
            lock.unlock();
        }
    }

    private static void checkValue(int value) throws ErrnoException {
        if (value < 0 || value > SystemVIpc.SEMVMX) {
            throw Errno.ERANGE.error();
        }
    }

    @Override
    @GuardedBy("lock")
    void removeLocked(SemaphoreSet set) {
        table.remove(set);
        totalSemaphores -= set.count();
        namespace.budget().giveBack(SemaphoreSet.bytesFor(set.count()));
        set.wakeAllRemoved();
    }

    /** IPC_SET. */
    public void set(IpcCaller caller, int id, int uid, int gid, int mode) throws ErrnoException {
        setOwner(caller, id, uid, gid, mode);
    }

    @Override
    View view(SemaphoreSet set, Credentials viewer, ProcessId viewing) {
        return new View(set.owner(viewer), set.operationTime, set.changeTime, set.count());
    }

    public Summary summary() {
        lock.lock();
        try {
            return new Summary(table.size(), table.highestSlot(), totalSemaphores);
        } finally {
            lock.unlock();
        }
    }
}
