package dev.runsc.kernel.syscalls;

import static dev.runsc.gofer.abi.FutexOps.*;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.memory.FutexKey;
import dev.runsc.kernel.memory.MemoryManager;
import dev.runsc.kernel.sync.InterruptedSyscall;
import dev.runsc.kernel.sync.Interruptible;
import dev.runsc.kernel.task.Task;
import dev.runsc.kernel.task.futex.FutexTable;
import dev.runsc.kernel.task.futex.PiFutexes;

/** futex(2), set_robust_list(2), get_robust_list(2). */
final class Futexes {
    private static final int ROBUST_HEAD_BYTES = 24;

    /** Progress of FUTEX_WAIT_REQUEUE_PI: it waits for the word with an owner. */
    private static final long MOVED = 1;

    private Futexes() {}

    static long futex(Task task, Args args) throws ErrnoException {
        int op = args.integer(1);
        boolean isPrivate = (op & FUTEX_PRIVATE_FLAG) != 0;
        long address = args.address(0);
        if ((address & 3) != 0) {
            throw Errno.EINVAL.error();
        }
        MemoryManager memory = task.memory();
        FutexTable table = task.taskSet().futexes();
        int value = args.integer(2);
        int command = op & FUTEX_CMD_MASK;
        boolean clockReal = (op & FUTEX_CLOCK_REALTIME) != 0;
        if (clockReal && !takesRealClock(command)) {
            throw Errno.ENOSYS.error();
        }
        switch (command) {
            case FUTEX_WAIT -> {
                return await(task, args, isPrivate, FutexTable.ANY, false, clockReal);
            }
            case FUTEX_WAIT_BITSET -> {
                return await(task, args, isPrivate, args.integer(5), true, clockReal);
            }
            case FUTEX_WAKE -> {
                return table.wake(
                        memory.keyOf(address, isPrivate), Math.max(1, value), FutexTable.ANY);
            }
            case FUTEX_WAKE_BITSET -> {
                if (args.integer(5) == 0) {
                    throw Errno.EINVAL.error();
                }
                return table.wake(
                        memory.keyOf(address, isPrivate), Math.max(1, value), args.integer(5));
            }
            case FUTEX_REQUEUE, FUTEX_CMP_REQUEUE -> {
                return requeue(task, args, isPrivate, command == FUTEX_CMP_REQUEUE);
            }
            case FUTEX_WAKE_OP -> {
                return wakeOp(task, args, isPrivate);
            }
            case FUTEX_LOCK_PI -> acquire(task, args, isPrivate, true);
            case FUTEX_LOCK_PI2 -> acquire(task, args, isPrivate, clockReal);
            case FUTEX_TRYLOCK_PI -> tryAcquire(task, address, isPrivate);
            case FUTEX_UNLOCK_PI ->
                    task.taskSet()
                            .piFutexes()
                            .release(memory, address, memory.keyOf(address, isPrivate), task.tid());
            case FUTEX_WAIT_REQUEUE_PI -> awaitMove(task, args, isPrivate, clockReal);
            case FUTEX_CMP_REQUEUE_PI -> {
                return move(task, args, isPrivate);
            }
            default -> throw Errno.ENOSYS.error();
        }
        return 0;
    }

    private static void tryAcquire(Task task, long address, boolean isPrivate)
            throws ErrnoException {
        MemoryManager memory = task.memory();
        task.taskSet()
                .piFutexes()
                .tryAcquire(
                        memory,
                        address,
                        memory.keyOf(address, isPrivate),
                        task.tid(),
                        tid -> requireOwner(task, tid));
    }

    private static boolean takesRealClock(int command) {
        return command == FUTEX_WAIT_BITSET
                || command == FUTEX_LOCK_PI2
                || command == FUTEX_WAIT_REQUEUE_PI;
    }

    /** FUTEX_LOCK_PI and FUTEX_LOCK_PI2: until a point in time, for ever without one. */
    private static void acquire(Task task, Args args, boolean isPrivate, boolean clockReal)
            throws ErrnoException {
        acquire(task, args.address(0), isPrivate, deadline(task, args, clockReal));
    }

    private static void acquire(Task task, long address, boolean isPrivate, long deadline)
            throws ErrnoException {
        MemoryManager memory = task.memory();
        task.taskSet()
                .piFutexes()
                .acquire(
                        task,
                        memory,
                        address,
                        memory.keyOf(address, isPrivate),
                        task.tid(),
                        tid -> requireOwner(task, tid),
                        deadline);
    }

    /** Of a call whose fourth argument is a point in time. */
    private static long deadline(Task task, Args args, boolean clockReal) throws ErrnoException {
        long until = Users.readTimeout(task, args.address(3));
        return until == Interruptible.FOREVER
                ? Interruptible.FOREVER
                : task.blocking().deadline(remaining(task, until, clockReal));
    }

    /** FUTEX_WAIT_REQUEUE_PI; a repeated call goes on at the word it was moved to. */
    private static void awaitMove(Task task, Args args, boolean isPrivate, boolean clockReal)
            throws ErrnoException {
        MemoryManager memory = task.memory();
        long address = args.address(0);
        long target = secondWord(args);
        long deadline = deadline(task, args, clockReal);
        try {
            if (task.blocking().progress() == MOVED) {
                acquire(task, target, isPrivate, deadline);
                return;
            }
            PiFutexes.Moved end =
                    task.taskSet()
                            .piFutexes()
                            .awaitMove(
                                    task,
                                    memory,
                                    address,
                                    memory.keyOf(address, isPrivate),
                                    args.integer(2),
                                    target,
                                    memory.keyOf(target, isPrivate),
                                    task.tid(),
                                    deadline);
            if (end == PiFutexes.Moved.OWNS) {
                return;
            }
            task.blocking().setProgress(MOVED);
            throw InterruptedSyscall.ALWAYS;
        } catch (InterruptedSyscall interrupted) {
            if (task.blocking().progress() == MOVED && task.isSignalPending()) {
                // The word waited at has changed: that is what a restarted call would say.
                throw Errno.EAGAIN.error();
            }
            throw interrupted;
        }
    }

    private static long move(Task task, Args args, boolean isPrivate) throws ErrnoException {
        MemoryManager memory = task.memory();
        long address = args.address(0);
        long target = secondWord(args);
        int count = args.integer(3);
        if (args.integer(2) != 1 || count < 0) {
            throw Errno.EINVAL.error();
        }
        return task.taskSet()
                .piFutexes()
                .move(
                        memory,
                        address,
                        memory.keyOf(address, isPrivate),
                        args.integer(5),
                        target,
                        memory.keyOf(target, isPrivate),
                        count + 1L,
                        tid -> requireOwner(task, tid));
    }

    /** The word with an owner, which is not the one waited at. */
    private static long secondWord(Args args) throws ErrnoException {
        long target = args.address(4);
        if ((target & 3) != 0 || target == args.address(0)) {
            throw Errno.EINVAL.error();
        }
        return target;
    }

    /** One that has given up its memory will not give anything else. */
    private static void requireOwner(Task task, int tid) throws ErrnoException {
        if (Processes.requireTask(task, tid).findMemory() == null) {
            throw Errno.ESRCH.error();
        }
    }

    private static long remaining(Task task, long until, boolean clockReal) {
        var clock = task.taskSet().clock();
        long now = clockReal ? clock.realNanos() : clock.monotonicNanos();
        return Math.max(0, until - now);
    }

    private static long await(
            Task task, Args args, boolean isPrivate, int bits, boolean absolute, boolean clockReal)
            throws ErrnoException {
        if (bits == 0) {
            throw Errno.EINVAL.error();
        }
        long address = args.address(0);
        long timeout = Users.readTimeout(task, args.address(3));
        long deadline = Interruptible.FOREVER;
        if (timeout != Interruptible.FOREVER) {
            long relative = timeout;
            if (absolute) {
                relative = remaining(task, timeout, clockReal);
            }
            deadline = task.blocking().deadline(relative);
        }
        FutexKey key = task.memory().keyOf(address, isPrivate);
        task.taskSet()
                .futexes()
                .await(
                        task,
                        task.memory(),
                        address,
                        key,
                        args.integer(2),
                        bits,
                        deadline,
                        timeout == Interruptible.FOREVER
                                ? InterruptedSyscall.SYSTEM
                                : InterruptedSyscall.BLOCK);
        return 0;
    }

    private static long requeue(Task task, Args args, boolean isPrivate, boolean compare)
            throws ErrnoException {
        MemoryManager memory = task.memory();
        int wakeCount = args.integer(2);
        int moveCount = args.integer(3);
        if (wakeCount < 0 || moveCount < 0 || (args.address(4) & 3) != 0) {
            throw Errno.EINVAL.error();
        }
        FutexKey from = memory.keyOf(args.address(0), isPrivate);
        FutexKey to = memory.keyOf(args.address(4), isPrivate);
        if (compare && memory.getIntVolatile(args.address(0)) != args.integer(5)) {
            throw Errno.EAGAIN.error();
        }
        return task.taskSet().futexes().requeue(from, to, wakeCount, moveCount, compare);
    }

    private static long wakeOp(Task task, Args args, boolean isPrivate) throws ErrnoException {
        MemoryManager memory = task.memory();
        FutexTable table = task.taskSet().futexes();
        FutexKey first = memory.keyOf(args.address(0), isPrivate);
        FutexKey second = memory.keyOf(args.address(4), isPrivate);
        int encoded = args.integer(5);
        int operand = encoded << 8 >> 20;
        int comparand = encoded << 20 >> 20;
        if ((encoded >>> 28 & FUTEX_OP_OPARG_SHIFT) != 0) {
            operand = 1 << (operand & 31);
        }
        int old;
        do {
            old = memory.getIntVolatile(args.address(4));
        } while (!memory.compareAndSetInt(
                args.address(4), old, apply(encoded >>> 28 & 7, old, operand)));
        int woken = table.wake(first, Math.max(1, args.integer(2)), FutexTable.ANY);
        if (compares(encoded >>> 24 & 15, old, comparand)) {
            woken += table.wake(second, Math.max(1, args.integer(3)), FutexTable.ANY);
        }
        return woken;
    }

    private static int apply(int op, int old, int operand) throws ErrnoException {
        return switch (op) {
            case FUTEX_OP_SET -> operand;
            case FUTEX_OP_ADD -> old + operand;
            case FUTEX_OP_OR -> old | operand;
            case FUTEX_OP_ANDN -> old & ~operand;
            case FUTEX_OP_XOR -> old ^ operand;
            default -> throw Errno.ENOSYS.error();
        };
    }

    private static boolean compares(int op, int old, int comparand) throws ErrnoException {
        return switch (op) {
            case FUTEX_OP_CMP_EQ -> old == comparand;
            case FUTEX_OP_CMP_NE -> old != comparand;
            case FUTEX_OP_CMP_LT -> old < comparand;
            case FUTEX_OP_CMP_LE -> old <= comparand;
            case FUTEX_OP_CMP_GT -> old > comparand;
            case FUTEX_OP_CMP_GE -> old >= comparand;
            default -> throw Errno.ENOSYS.error();
        };
    }

    static long set_robust_list(Task task, Args args) throws ErrnoException {
        if (args.size(1) != ROBUST_HEAD_BYTES) {
            throw Errno.EINVAL.error();
        }
        task.setRobustListAddress(args.address(0));
        return 0;
    }

    static long get_robust_list(Task task, Args args) throws ErrnoException {
        Task target = Processes.requireTask(task, args.integer(0));
        task.memory().writeLong(args.address(2), ROBUST_HEAD_BYTES);
        task.memory().writeLong(args.address(1), target.robustListAddress());
        return 0;
    }
}
