package dev.runsc.kernel.task;

import static dev.runsc.gofer.abi.FutexOps.FUTEX_OWNER_DIED;
import static dev.runsc.gofer.abi.FutexOps.FUTEX_TID_MASK;
import static dev.runsc.gofer.abi.FutexOps.FUTEX_WAITERS;
import static dev.runsc.gofer.abi.FutexOps.ROBUST_LIST_LIMIT;

import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.memory.MemoryManager;
import dev.runsc.kernel.task.futex.FutexTable;

/**
 * What happens to the robust mutexes of a thread that dies holding them (Linux exit_robust_list).
 */
final class RobustList {
    private static final int OFFSET_FIELD = 8;
    private static final int PENDING_FIELD = 16;

    private RobustList() {}

    /**
     * Marks every word on the dying task's list and wakes one waiter of each; a broken list ends
     * the walk.
     */
    static void release(Task task, MemoryManager memory) {
        long head = task.robustListAddress();
        if (head == 0) {
            return;
        }
        try {
            long offset = memory.readLong(head + OFFSET_FIELD);
            long pending = memory.readLong(head + PENDING_FIELD) & ~1L;
            long entry = memory.readLong(head);
            for (int i = 0; i < ROBUST_LIST_LIMIT && (entry & ~1L) != head; i++) {
                long node = entry & ~1L;
                long next = memory.readLong(node);
                if (node != pending) {
                    markDead(task, memory, node + offset);
                }
                entry = next;
            }
            if (pending != 0) {
                markDead(task, memory, pending + offset);
            }
        } catch (ErrnoException broken) {
            // The list is the guest's own; Linux stops at the first bad address too.
        }
    }

    private static void markDead(Task task, MemoryManager memory, long address)
            throws ErrnoException {
        while (true) {
            int word = memory.getIntVolatile(address);
            if ((word & FUTEX_TID_MASK) != task.tid()) {
                return;
            }
            int dead = word & FUTEX_WAITERS | FUTEX_OWNER_DIED;
            if (memory.compareAndSetInt(address, word, dead)) {
                if ((word & FUTEX_WAITERS) != 0) {
                    FutexTable futexes = task.taskSet().futexes();
                    if (futexes.wake(memory.keyOf(address, true), 1, FutexTable.ANY) == 0) {
                        futexes.wake(memory.keyOf(address, false), 1, FutexTable.ANY);
                    }
                }
                return;
            }
        }
    }
}
