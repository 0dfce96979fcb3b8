package dev.runsc.kernel.ipc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.state.Savable;
import java.util.ArrayList;
import java.util.List;

/**
 * The objects of one kind in a namespace, and what can be done with all kinds (Linux ipc/util.c).
 *
 * @param <T> the objects
 * @param <V> what a caller is shown of one
 */
public abstract class IpcObjects<T extends IpcObject, V> implements Savable {
    static final int PERMISSIONS = 0777;

    final IpcNamespace namespace;
    final KernelLock lock;

    @GuardedBy("lock")
    final IpcTable<T> table = new IpcTable<>();

    IpcObjects(IpcNamespace namespace) {
        this.namespace = namespace;
        lock = namespace.lock;
    }

    @GuardedBy("lock")
    abstract void removeLocked(T object);

    abstract V view(T object, Credentials viewer, ProcessId viewing);

    @GuardedBy("lock")
    final T requireLocked(IpcCaller caller, int id, int wanted) throws ErrnoException {
        T object = table.require(id);
        object.check(caller.credentials(), namespace.owner(), wanted);
        return object;
    }

    @GuardedBy("lock")
    final T requireOwnLocked(IpcCaller caller, int id) throws ErrnoException {
        T object = table.require(id);
        object.checkOwner(caller.credentials(), namespace.owner());
        return object;
    }

    /** IPC_RMID. */
    public final void remove(IpcCaller caller, int id) throws ErrnoException {
        lock.lock();
        try {
            removeLocked(requireOwnLocked(caller, id));
        } finally {
            lock.unlock();
        }
    }

    /** IPC_SET of an object that has nothing else to be set. */
    final void setOwner(IpcCaller caller, int id, int uid, int gid, int mode)
            throws ErrnoException {
        lock.lock();
        try {
            requireOwnLocked(caller, id)
                    .setOwner(caller.credentials(), uid, gid, mode, namespace.now());
        } finally {
            lock.unlock();
        }
    }

    /** The namespace has no users any more. */
    final void removeAll() {
        lock.lock();
        try {
            for (T object : table.all()) {
                removeLocked(object);
            }
        } finally {
            lock.unlock();
        }
    }

    /** IPC_STAT. */
    public final V stat(IpcCaller caller, int id) throws ErrnoException {
        lock.lock();
        try {
            T object = requireLocked(caller, id, IpcObject.READ);
            return view(object, caller.credentials(), caller.process());
        } finally {
            lock.unlock();
        }
    }

    /** As {@link #stat} by slot (SHM_STAT), and without asking for permission (SHM_STAT_ANY). */
    public final V statSlot(IpcCaller caller, int index, boolean any) throws ErrnoException {
        lock.lock();
        try {
            T object = table.requireSlot(index);
            if (!any) {
                object.check(caller.credentials(), namespace.owner(), IpcObject.READ);
            }
            return view(object, caller.credentials(), caller.process());
        } finally {
            lock.unlock();
        }
    }

    /** All, for /proc/sysvipc. */
    public final List<V> views(Credentials viewer, ProcessId viewing) {
        lock.lock();
        try {
            List<V> views = new ArrayList<>();
            for (T object : table.all()) {
                views.add(view(object, viewer, viewing));
            }
            return views;
        } finally {
            lock.unlock();
        }
    }
}
