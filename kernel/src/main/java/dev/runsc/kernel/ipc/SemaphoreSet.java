package dev.runsc.kernel.ipc;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.gofer.abi.SystemVIpc;
import dev.runsc.kernel.sync.ThreadWaiter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A set of semaphores (Linux {@code struct sem_array}). Operations that cannot be carried out wait
 * in order; whoever changes a value carries out those that have become possible on behalf of their
 * sleepers. Guarded by its namespace's lock.
 */
final class SemaphoreSet extends IpcObject {
    private static final int BYTES_EACH = 12;

    private final short[] values;
    private final ArrayList<@Nullable ProcessId> lastChangers;
    private final ArrayList<UndoList.Entry> undos = new ArrayList<>();

    /** Who waits, oldest first. Nobody does at a freeze. */
    private transient @Nullable ArrayList<Sleeper> sleepers;

    /** Seconds since 1970 of the last semop. */
    long operationTime;

    /** A call that waits. */
    static final class Sleeper {
        final ThreadWaiter waiter = new ThreadWaiter();
        final List<SemaphoreOperation> operations;
        final UndoList.@Nullable Entry undo;
        final ProcessId process;

        /** The operation that cannot be carried out. */
        SemaphoreOperation blocking;

        boolean finished;
        @Nullable Errno failure;

        Sleeper(
                List<SemaphoreOperation> operations,
                UndoList.@Nullable Entry undo,
                ProcessId process,
                SemaphoreOperation blocking) {
            this.operations = operations;
            this.undo = undo;
            this.process = process;
            this.blocking = blocking;
        }

        void finish(@Nullable Errno error) {
            failure = error;
            finished = true;
            waiter.notified(PollEvents.POLLIN);
        }
    }

    SemaphoreSet(int key, IpcCaller creator, int mode, int count, long now) {
        super(key, creator.credentials(), mode, now);
        values = new short[count];
        lastChangers = new ArrayList<>(Collections.nCopies(count, null));
    }

    static long bytesFor(int count) {
        return 128 + (long) BYTES_EACH * count;
    }

    int count() {
        return values.length;
    }

    int value(int number) {
        return values[number];
    }

    @Nullable ProcessId lastChanger(int number) {
        return lastChangers.get(number);
    }

    private ArrayList<Sleeper> sleepers() {
        ArrayList<Sleeper> known = sleepers;
        if (known == null) {
            known = new ArrayList<>();
            sleepers = known;
        }
        return known;
    }

    void enqueue(Sleeper sleeper) {
        sleepers().add(sleeper);
    }

    void dequeue(Sleeper sleeper) {
        sleepers().remove(sleeper);
    }

    /** Those who wait for a semaphore to rise, or for it to be zero (count_semcnt). */
    int waiting(int number, boolean forZero) {
        int count = 0;
        for (Sleeper sleeper : sleepers()) {
            SemaphoreOperation blocking = sleeper.blocking;
            if (blocking.number() == number && (blocking.change() == 0) == forZero) {
                count++;
            }
        }
        return count;
    }

    /**
     * Carries out all of the operations or none (perform_atomic_semop).
     *
     * @return the operation that must wait, null when all are done
     * @throws ErrnoException ERANGE; EAGAIN when what must wait may not
     */
    @Nullable SemaphoreOperation perform(
            List<SemaphoreOperation> operations, UndoList.@Nullable Entry undo, ProcessId process)
            throws ErrnoException {
        int done = 0;
        Errno failure = null;
        for (SemaphoreOperation each : operations) {
            int value = values[each.number()];
            int result = value + each.change();
            if (each.change() == 0 ? value != 0 : result < 0) {
                failure = Errno.EAGAIN;
                break;
            }
            if (result > SystemVIpc.SEMVMX) {
                failure = Errno.ERANGE;
                break;
            }
            if (each.undo() && undo != null) {
                int adjustment = undo.adjustments[each.number()] - each.change();
                if (adjustment < -SystemVIpc.SEMAEM - 1 || adjustment > SystemVIpc.SEMAEM) {
                    failure = Errno.ERANGE;
                    break;
                }
                undo.adjustments[each.number()] = (short) adjustment;
            }
            values[each.number()] = (short) result;
            done++;
        }
        if (failure == null) {
            for (SemaphoreOperation each : operations) {
                lastChangers.set(each.number(), process);
            }
            return null;
        }
        SemaphoreOperation stopped = operations.get(done);
        for (int i = done - 1; i >= 0; i--) {
            SemaphoreOperation each = operations.get(i);
            values[each.number()] -= (short) each.change();
            if (each.undo() && undo != null) {
                undo.adjustments[each.number()] += (short) each.change();
            }
        }
        if (failure == Errno.EAGAIN && !stopped.noWait()) {
            return stopped;
        }
        throw failure.error();
    }

    /** Carries out what has become possible after a change, oldest first (update_queue). */
    void update() {
        boolean again = true;
        while (again) {
            again = false;
            for (Iterator<Sleeper> each = sleepers().iterator(); each.hasNext() && !again; ) {
                Sleeper sleeper = each.next();
                try {
                    SemaphoreOperation blocking =
                            perform(sleeper.operations, sleeper.undo, sleeper.process);
                    if (blocking != null) {
                        sleeper.blocking = blocking;
                        continue;
                    }
                    each.remove();
                    sleeper.finish(null);
                    again = sleeper.operations.stream().anyMatch(SemaphoreOperation::alters);
                } catch (ErrnoException failed) {
                    each.remove();
                    sleeper.finish(failed.errno());
                }
            }
        }
    }

    /** SETVAL and SETALL: values from {@code first} on; adjustments for them are void. */
    void setValues(int first, int[] changed, ProcessId process, long now) {
        for (int i = 0; i < changed.length; i++) {
            values[first + i] = (short) changed[i];
            lastChangers.set(first + i, process);
        }
        for (UndoList.Entry undo : undos) {
            Arrays.fill(undo.adjustments, first, first + changed.length, (short) 0);
        }
        changeTime = now;
        update();
    }

    void addUndo(UndoList.Entry undo) {
        undos.add(undo);
    }

    /** The end of a process: takes back what it did with SEM_UNDO. */
    void undo(UndoList.Entry undo, ProcessId process, long now) {
        undos.remove(undo);
        if (removed) {
            return;
        }
        for (int i = 0; i < values.length; i++) {
            if (undo.adjustments[i] != 0) {
                int value = values[i] + undo.adjustments[i];
                values[i] = (short) Math.clamp(value, 0, SystemVIpc.SEMVMX);
                lastChangers.set(i, process);
            }
        }
        operationTime = now;
        update();
    }

    /** IPC_RMID: everyone who waits is told. */
    void wakeAllRemoved() {
        for (Sleeper sleeper : sleepers()) {
            sleeper.finish(Errno.EIDRM);
        }
        sleepers().clear();
        undos.clear();
    }
}
