package dev.runsc.kernel.ipc;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.SystemVIpc;
import dev.runsc.state.Savable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The objects of one kind by id and by key (Linux {@code struct ipc_ids}). An id is a slot and a
 * sequence number, so that it is not soon used again. Guarded by the namespace's lock.
 */
final class IpcTable<T extends IpcObject> implements Savable {
    /** IPCMNI_SHIFT. */
    static final int SEQUENCE_SHIFT = 15;

    /** IPCMNI: slots there can be. */
    static final int MAX_OBJECTS = 1 << SEQUENCE_SHIFT;

    private static final int SLOT_MASK = MAX_OBJECTS - 1;
    private static final int MAX_SEQUENCE = Integer.MAX_VALUE >> SEQUENCE_SHIFT;

    /** Slots that are gone through before low ones are used again (ipc_min_cycle). */
    private static final int LEAST_CYCLE = 64;

    private final TreeMap<Integer, T> slots = new TreeMap<>();
    private final HashMap<Integer, T> keys = new HashMap<>();
    private int lastSlot = -1;
    private int sequence;

    int size() {
        return slots.size();
    }

    /** The highest slot in use, 0 when there is none: what IPC_INFO returns. */
    int highestSlot() {
        return slots.isEmpty() ? 0 : slots.lastKey();
    }

    List<T> all() {
        return new ArrayList<>(slots.values());
    }

    /** EINVAL when the id means nothing. */
    T require(int id) throws ErrnoException {
        T found = id < 0 ? null : slots.get(id & SLOT_MASK);
        if (found == null || found.id != id) {
            throw Errno.EINVAL.error();
        }
        return found;
    }

    /** As {@link #require}; EIDRM for one who has waited for the object already. */
    T require(int id, boolean hasWaited) throws ErrnoException {
        try {
            return require(id);
        } catch (ErrnoException gone) {
            throw hasWaited ? Errno.EIDRM.error() : gone;
        }
    }

    /** By slot, whatever the sequence number: SHM_STAT and its like. */
    T requireSlot(int index) throws ErrnoException {
        T found = index < 0 ? null : slots.get(index & SLOT_MASK);
        if (found == null) {
            throw Errno.EINVAL.error();
        }
        return found;
    }

    /** Gives a new object its id (ipc_addid). ENOSPC beyond the limit. */
    void add(T object, int limit) throws ErrnoException {
        if (slots.size() >= Math.min(limit, MAX_OBJECTS)) {
            throw Errno.ENOSPC.error();
        }
        int cycle = Math.max(slots.size() * 3 / 2, LEAST_CYCLE);
        int slot = freeSlot(Math.min(cycle, Math.min(limit, MAX_OBJECTS)));
        if (slot <= lastSlot) {
            sequence = sequence >= MAX_SEQUENCE ? 0 : sequence + 1;
        }
        lastSlot = slot;
        object.id = sequence << SEQUENCE_SHIFT | slot;
        slots.put(slot, object);
        if (object.key != 0) {
            keys.put(object.key, object);
        }
    }

    /** idr_alloc_cyclic: the first free slot after the last one given, else the lowest. */
    private int freeSlot(int end) {
        for (int slot = lastSlot + 1; slot < end; slot++) {
            if (!slots.containsKey(slot)) {
                return slot;
            }
        }
        int slot = 0;
        while (slots.containsKey(slot)) {
            slot++;
        }
        return slot;
    }

    /** Its key leads to it no longer. */
    void forgetKey(T object) {
        if (object.key != 0) {
            keys.remove(object.key);
            object.key = 0;
        }
    }

    void remove(T object) {
        forgetKey(object);
        slots.remove(object.id & SLOT_MASK);
        object.removed = true;
    }

    /**
     * What a key leads to, for shmget, semget and msgget (ipcget); null when it is to be made.
     *
     * @throws ErrnoException ENOENT, EEXIST as the flags have it
     */
    @Nullable T find(int key, int flags) throws ErrnoException {
        T found = key == 0 ? null : keys.get(key);
        boolean creates = (flags & SystemVIpc.IPC_CREAT) != 0;
        if (found == null && key != 0 && !creates) {
            throw Errno.ENOENT.error();
        }
        if (found != null && creates && (flags & SystemVIpc.IPC_EXCL) != 0) {
            throw Errno.EEXIST.error();
        }
        return found;
    }
}
