package dev.runsc.kernel.ipc;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.state.Savable;
import java.util.ArrayList;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * What SEM_UNDO has to take back when its last user ends (Linux {@code struct sem_undo_list}):
 * shared by tasks made with CLONE_SYSVSEM. Guarded by the namespace's lock.
 */
public final class UndoList implements Savable {
    private static final int ENTRY_BYTES = 64;

    private final IpcNamespace namespace;
    private final KernelLock lock;

    private final ArrayList<Entry> entries = new ArrayList<>();

    private int users = 1;

    /** The adjustments for one set. */
    static final class Entry implements Savable {
        final SemaphoreSet set;
        final short[] adjustments;

        Entry(SemaphoreSet set) {
            this.set = set;
            adjustments = new short[set.count()];
        }

        long bytes() {
            return ENTRY_BYTES + 2L * adjustments.length;
        }
    }

    /** An empty one with one user. */
    public UndoList(IpcNamespace namespace) {
        this.namespace = namespace;
        lock = namespace.lock;
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

    /**
     * One user less; the last one's end carries the adjustments out (exit_sem).
     *
     * @param process whose end it is
     */
    public void release(ProcessId process) {
        lock.lock();
        try {
            users--;
            if (users > 0) {
                return;
            }
            for (Entry entry : entries) {
                entry.set.undo(entry, process, namespace.now());
                namespace.budget().giveBack(entry.bytes());
            }
            entries.clear();
        } finally {
            lock.unlock();
        }
    }

    /** The adjustments for a set, made when there are none; ENOMEM. */
    Entry entryFor(SemaphoreSet set) throws ErrnoException {
        Entry found = find(set);
        if (found == null) {
            found = new Entry(set);
            namespace.budget().take(found.bytes(), Errno.ENOMEM);
            entries.add(found);
            set.addUndo(found);
        }
        return found;
    }

    private @Nullable Entry find(SemaphoreSet set) {
        for (Iterator<Entry> each = entries.iterator(); each.hasNext(); ) {
            Entry entry = each.next();
            if (entry.set == set) {
                return entry;
            }
            if (entry.set.removed) {
                each.remove();
                namespace.budget().giveBack(entry.bytes());
            }
        }
        return null;
    }
}
