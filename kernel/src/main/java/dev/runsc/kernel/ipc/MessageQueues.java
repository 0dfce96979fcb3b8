package dev.runsc.kernel.ipc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.Capabilities;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.ipc.IpcLimits.Limit;
import dev.runsc.kernel.ipc.MessageQueue.Receiver;
import dev.runsc.kernel.ipc.MessageQueue.Sender;
import dev.runsc.kernel.sync.InterruptedSyscall;
import dev.runsc.kernel.sync.Interruptible;
import dev.runsc.kernel.sync.Interruptible.Wake;
import org.jspecify.annotations.Nullable;

/** The message queues of a namespace (Linux ipc/msg.c). */
public final class MessageQueues extends IpcObjects<MessageQueue, MessageQueues.View> {
    MessageQueues(IpcNamespace namespace) {
        super(namespace);
    }

    /** {@code struct msqid64_ds}. */
    public record View(
            IpcObject.Owner owner,
            long sendTime,
            long receiveTime,
            long changeTime,
            long textBytes,
            int count,
            long mostBytes,
            int lastSender,
            int lastReceiver) {}

    /** Sums for MSG_INFO and IPC_INFO. */
    public record Summary(int count, int highestSlot, int messages, long textBytes) {}

    /** msgget(2). */
    public int get(IpcCaller caller, int key, int flags) throws ErrnoException {
        lock.lock();
        try {
            MessageQueue found = table.find(key, flags);
            if (found == null) {
                return makeLocked(caller, key, flags).id();
            }
            found.check(caller.credentials(), namespace.owner(), flags & PERMISSIONS);
            return found.id();
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private MessageQueue makeLocked(IpcCaller caller, int key, int flags) throws ErrnoException {
        namespace.budget().take(MessageQueue.OWN_BYTES, Errno.ENOMEM);
        long most = namespace.limits().get(Limit.MSGMNB);
        MessageQueue made = new MessageQueue(key, caller, flags, most, namespace.now());
        boolean added = false;
        try {
            table.add(made, (int) namespace.limits().get(Limit.MSGMNI));
            added = true;
        } finally {
            if (!added) {
                namespace.budget().giveBack(MessageQueue.OWN_BYTES);
            }
        }
        return made;
    }

    @GuardedBy("lock")
    private MessageQueue requireLocked(IpcCaller caller, int id, int wanted, boolean hasWaited)
            throws ErrnoException {
        MessageQueue queue = table.require(id, hasWaited);
        queue.check(caller.credentials(), namespace.owner(), wanted);
        return queue;
    }

    /**
     * msgsnd(2).
     *
     * @param waits without IPC_NOWAIT
     */
    public void send(
            Interruptible task,
            IpcCaller caller,
            int id,
            Message message,
            boolean waits,
            Repeat repeat)
            throws ErrnoException {
        boolean hasWaited = repeat.hasWaited();
        while (true) {
            MessageQueue queue;
            Sender sender;
            lock.lock();
            try {
                queue = requireLocked(caller, id, IpcObject.WRITE, hasWaited);
                if (queue.hasRoomFor(message)) {
                    sendLocked(queue, message, caller.process());
                    return;
                }
                if (!waits) {
                    throw Errno.EAGAIN.error();
                }
                sender = new Sender();
                queue.senders().add(sender);
            } finally {
                lock.unlock();
            }
            hasWaited = true;
            awaitRoom(task, queue, sender, repeat);
        }
    }

    @GuardedBy("lock")
    private void sendLocked(MessageQueue queue, Message message, ProcessId sender)
            throws ErrnoException {
        namespace.budget().take(message.bytes(), Errno.ENOMEM);
        if (!queue.send(message, sender, namespace.now())) {
            namespace.budget().giveBack(message.bytes());
        }
    }

    private void awaitRoom(Interruptible task, MessageQueue queue, Sender sender, Repeat repeat)
            throws ErrnoException {
        Wake wake = task.sleep(sender.waiter, Interruptible.FOREVER);
        lock.lock();
        try {
            queue.senders().remove(sender);
            if (sender.removed) {
                throw Errno.EIDRM.error();
            }
        } finally {
            lock.unlock();
        }
        if (wake == Wake.INTERRUPTED) {
            repeat.noteWaited();
            throw InterruptedSyscall.NO_HANDLER;
        }
    }

    /**
     * msgrcv(2).
     *
     * @param waits without IPC_NOWAIT
     */
    public Message receive(
            Interruptible task,
            IpcCaller caller,
            int id,
            Selection selection,
            boolean waits,
            Repeat repeat)
            throws ErrnoException {
        boolean hasWaited = repeat.hasWaited();
        while (true) {
            MessageQueue queue;
            Receiver receiver;
            lock.lock();
            try {
                queue = requireLocked(caller, id, IpcObject.READ, hasWaited);
                Message found = takeLocked(queue, selection, caller.process());
                if (found != null) {
                    return found;
                }
                if (!waits) {
                    throw Errno.ENOMSG.error();
                }
                receiver = new Receiver(selection, caller.process());
                queue.receivers().add(receiver);
            } finally {
                lock.unlock();
            }
            hasWaited = true;
            Message given = awaitMessage(task, queue, receiver, repeat);
            if (given != null) {
                return given;
            }
        }
    }

    @GuardedBy("lock")
    private @Nullable Message takeLocked(
            MessageQueue queue, Selection selection, ProcessId receiver) throws ErrnoException {
        Message found = queue.find(selection);
        if (found == null) {
            return null;
        }
        if (!selection.takes(found)) {
            throw Errno.E2BIG.error();
        }
        if (selection.kind() != Selection.Kind.COPY) {
            queue.take(found, receiver, namespace.now());
            namespace.budget().giveBack(found.bytes());
        }
        return found;
    }

    /** The message that a sender handed over; null when it is to be asked for again. */
    private @Nullable Message awaitMessage(
            Interruptible task, MessageQueue queue, Receiver receiver, Repeat repeat)
            throws ErrnoException {
        Wake wake = task.sleep(receiver.waiter, Interruptible.FOREVER);
        lock.lock();
        try {
            if (receiver.finished) {
                Errno failure = receiver.failure;
                if (failure != null && failure != Errno.EAGAIN) {
                    throw failure.error();
                }
                return receiver.message;
            }
            queue.receivers().remove(receiver);
        } finally {
            lock.unlock();
        }
        if (wake == Wake.INTERRUPTED) {
            repeat.noteWaited();
            throw InterruptedSyscall.NO_HANDLER;
        }
        return null;
    }

    @Override
    @GuardedBy("lock")
    void removeLocked(MessageQueue queue) {
        table.remove(queue);
        namespace.budget().giveBack(queue.budgetBytes());
        queue.wakeReceivers(Errno.EIDRM);
        queue.wakeSenders(true);
    }

    /** IPC_SET, with the limit of a queue. */
    public void set(IpcCaller caller, int id, int uid, int gid, int mode, long mostBytes)
            throws ErrnoException {
        lock.lock();
        try {
            MessageQueue queue = requireOwnLocked(caller, id);
            Credentials who = caller.credentials();
            if (Long.compareUnsigned(mostBytes, namespace.limits().get(Limit.MSGMNB)) > 0
                    && !who.has(Capabilities.CAP_SYS_RESOURCE)) {
                throw Errno.EPERM.error();
            }
            queue.setOwner(who, uid, gid, mode, namespace.now());
            queue.mostBytes = mostBytes < 0 ? Long.MAX_VALUE : mostBytes;
            queue.wakeReceivers(Errno.EAGAIN);
            queue.wakeSenders(false);
        } finally {
            lock.unlock();
        }
    }

    @Override
    View view(MessageQueue queue, Credentials viewer, ProcessId viewing) {
        return queue.view(viewer, viewing);
    }

    public Summary summary() {
        lock.lock();
        try {
            int messages = 0;
            long bytes = 0;
            for (MessageQueue queue : table.all()) {
                messages += queue.count();
                bytes += queue.textBytes();
            }
            return new Summary(table.size(), table.highestSlot(), messages, bytes);
        } finally {
            lock.unlock();
        }
    }
}
