package dev.runsc.kernel.syscalls;

import static dev.runsc.gofer.abi.SystemVIpc.*;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.ipc.IpcCaller;
import dev.runsc.kernel.ipc.IpcLimits.Limit;
import dev.runsc.kernel.ipc.IpcNamespace;
import dev.runsc.kernel.ipc.Message;
import dev.runsc.kernel.ipc.MessageQueues;
import dev.runsc.kernel.ipc.Selection;
import dev.runsc.kernel.task.Task;

/** System V message queues (msgget(2), msgop(2), msgctl(2)). */
final class MessageCalls {
    private MessageCalls() {}

    private static MessageQueues queues(Task task) {
        return IpcStructs.namespace(task).messages();
    }

    static long msgget(Task task, Args args) throws ErrnoException {
        return queues(task).get(IpcStructs.caller(task), args.integer(0), args.integer(1));
    }

    static long msgsnd(Task task, Args args) throws ErrnoException {
        long address = args.address(1);
        long size = args.size(2);
        int id = args.integer(0);
        long type = task.memory().readLong(address);
        long most = IpcStructs.namespace(task).limits().get(Limit.MSGMAX);
        if (id < 0 || size < 0 || size > Math.min(most, Integer.MAX_VALUE) || type < 1) {
            throw Errno.EINVAL.error();
        }
        byte[] text = new byte[(int) size];
        task.memory().copyIn(address + Long.BYTES, text);
        queues(task)
                .send(
                        task,
                        IpcStructs.caller(task),
                        id,
                        new Message(type, text),
                        (args.integer(3) & IPC_NOWAIT) == 0,
                        IpcStructs.repeat(task));
        return 0;
    }

    static long msgrcv(Task task, Args args) throws ErrnoException {
        int id = args.integer(0);
        long address = args.address(1);
        long size = args.size(2);
        int flags = args.integer(4);
        boolean waits = (flags & IPC_NOWAIT) == 0;
        if (id < 0 || size < 0 || (flags & MSG_COPY) != 0 && (waits || (flags & MSG_EXCEPT) != 0)) {
            throw Errno.EINVAL.error();
        }
        Message message =
                queues(task)
                        .receive(
                                task,
                                IpcStructs.caller(task),
                                id,
                                Selection.of(args.longValue(3), size, flags),
                                waits,
                                IpcStructs.repeat(task));
        int length = (int) Math.min(size, message.length());
        task.memory().writeLong(address, message.type());
        task.memory()
                .copyOut(address + Long.BYTES, java.util.Arrays.copyOf(message.text(), length));
        return length;
    }

    static long msgctl(Task task, Args args) throws ErrnoException {
        int id = IpcStructs.requireId(args.integer(0));
        long address = args.address(2);
        IpcCaller caller = IpcStructs.caller(task);
        MessageQueues queues = queues(task);
        int command = args.integer(1) & ~IpcStructs.MODERN;
        switch (command) {
            case IPC_INFO, MSG_INFO -> {
                IpcNamespace namespace = IpcStructs.namespace(task);
                MessageQueues.Summary summary = queues.summary();
                IpcStructs.write(
                        task,
                        address,
                        IpcStructs.msgInfo(namespace.limits(), summary, command == MSG_INFO));
                return summary.highestSlot();
            }
            case IPC_STAT ->
                    IpcStructs.write(task, address, IpcStructs.of(queues.stat(caller, id)));
            case MSG_STAT, MSG_STAT_ANY -> {
                MessageQueues.View view = queues.statSlot(caller, id, command == MSG_STAT_ANY);
                IpcStructs.write(task, address, IpcStructs.of(view));
                return view.owner().id();
            }
            case IPC_SET -> {
                IpcStructs.Change change =
                        IpcStructs.readChange(task, address, IpcStructs.MESSAGES_BYTES);
                queues.set(
                        caller, id, change.uid(), change.gid(), change.mode(), change.mostBytes());
            }
            case IPC_RMID -> queues.remove(caller, id);
            default -> throw Errno.EINVAL.error();
        }
        return 0;
    }
}
