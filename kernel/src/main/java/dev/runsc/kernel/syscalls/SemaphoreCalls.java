package dev.runsc.kernel.syscalls;

import static dev.runsc.gofer.abi.SystemVIpc.*;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.ipc.IpcCaller;
import dev.runsc.kernel.ipc.IpcLimits.Limit;
import dev.runsc.kernel.ipc.IpcNamespace;
import dev.runsc.kernel.ipc.SemaphoreOperation;
import dev.runsc.kernel.ipc.SemaphoreSets;
import dev.runsc.kernel.ipc.UndoList;
import dev.runsc.kernel.sync.Interruptible;
import dev.runsc.kernel.task.SemaphoreUndos;
import dev.runsc.kernel.task.Task;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** System V semaphores (semget(2), semop(2), semctl(2)). */
final class SemaphoreCalls {
    /** {@code sizeof(struct sembuf)}. */
    private static final int OPERATION_BYTES = 6;

    private SemaphoreCalls() {}

    private static SemaphoreSets sets(Task task) {
        return IpcStructs.namespace(task).semaphores();
    }

    static long semget(Task task, Args args) throws ErrnoException {
        return sets(task)
                .get(IpcStructs.caller(task), args.integer(0), args.integer(1), args.integer(2));
    }

    static long semop(Task task, Args args) throws ErrnoException {
        return operate(task, args, Interruptible.FOREVER);
    }

    static long semtimedop(Task task, Args args) throws ErrnoException {
        long timeout = Users.readTimeout(task, args.address(3));
        return operate(task, args, timeout);
    }

    private static long operate(Task task, Args args, long timeoutNanos) throws ErrnoException {
        int id = args.integer(0);
        int count = args.integer(2);
        if (count == 0 || id < 0) {
            throw Errno.EINVAL.error();
        }
        long most = IpcStructs.namespace(task).limits().get(Limit.SEMOPM);
        if (Integer.toUnsignedLong(count) > most) {
            throw Errno.E2BIG.error();
        }
        List<SemaphoreOperation> operations = read(task, args.address(1), count);
        boolean undo = operations.stream().anyMatch(SemaphoreOperation::undo);
        UndoList undos = undo ? SemaphoreUndos.of(task) : null;
        sets(task)
                .operate(
                        task,
                        IpcStructs.caller(task),
                        id,
                        operations,
                        undos,
                        task.blocking().deadline(timeoutNanos),
                        IpcStructs.repeat(task));
        return 0;
    }

    private static List<SemaphoreOperation> read(Task task, long address, int count)
            throws ErrnoException {
        ByteBuffer in = Users.read(task, address, Math.multiplyExact(count, OPERATION_BYTES));
        List<SemaphoreOperation> operations = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            int number = Short.toUnsignedInt(in.getShort());
            int change = in.getShort();
            int flags = in.getShort();
            operations.add(
                    new SemaphoreOperation(
                            number, change, (flags & SEM_UNDO) != 0, (flags & IPC_NOWAIT) != 0));
        }
        return operations;
    }

    static long semctl(Task task, Args args) throws ErrnoException {
        int id = IpcStructs.requireId(args.integer(0));
        int number = args.integer(1);
        long argument = args.longValue(3);
        IpcCaller caller = IpcStructs.caller(task);
        SemaphoreSets sets = sets(task);
        int command = args.integer(2) & ~IpcStructs.MODERN;
        switch (command) {
            case IPC_INFO, SEM_INFO -> {
                return info(task, argument, command == SEM_INFO);
            }
            case IPC_STAT -> IpcStructs.write(task, argument, IpcStructs.of(sets.stat(caller, id)));
            case SEM_STAT, SEM_STAT_ANY -> {
                SemaphoreSets.View view = sets.statSlot(caller, id, command == SEM_STAT_ANY);
                IpcStructs.write(task, argument, IpcStructs.of(view));
                return view.owner().id();
            }
            case GETVAL, GETPID, GETNCNT, GETZCNT -> {
                return sets.query(caller, id, number, command);
            }
            case GETALL -> writeValues(task, argument, sets.values(caller, id));
            case SETVAL -> sets.setValue(caller, id, number, (int) argument);
            case SETALL -> sets.setAll(caller, id, readValues(task, argument, caller, id));
            case IPC_SET -> {
                IpcStructs.Change change =
                        IpcStructs.readChange(task, argument, IpcStructs.SEMAPHORES_BYTES);
                sets.set(caller, id, change.uid(), change.gid(), change.mode());
            }
            case IPC_RMID -> sets.remove(caller, id);
            default -> throw Errno.EINVAL.error();
        }
        return 0;
    }

    private static long info(Task task, long address, boolean sums) throws ErrnoException {
        IpcNamespace namespace = IpcStructs.namespace(task);
        SemaphoreSets.Summary summary = namespace.semaphores().summary();
        IpcStructs.write(task, address, IpcStructs.semInfo(namespace.limits(), summary, sums));
        return summary.highestSlot();
    }

    private static void writeValues(Task task, long address, int[] values) throws ErrnoException {
        ByteBuffer out =
                ByteBuffer.allocate(values.length * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int value : values) {
            out.putShort((short) value);
        }
        IpcStructs.write(task, address, out);
    }

    private static int[] readValues(Task task, long address, IpcCaller caller, int id)
            throws ErrnoException {
        int[] values = new int[sets(task).countForWriting(caller, id)];
        ByteBuffer in = Users.read(task, address, values.length * Short.BYTES);
        for (int i = 0; i < values.length; i++) {
            values[i] = Short.toUnsignedInt(in.getShort());
        }
        return values;
    }
}
