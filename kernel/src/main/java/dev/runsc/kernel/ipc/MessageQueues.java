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
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.state.Savable;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The message queues of a namespace (Linux ipc/msg.c). */
public final class MessageQueues implements Savable {
    private static final int PERMISSIONS = 0777;

    private final IpcNamespace namespace;
    private final KernelLock lock;

    @GuardedBy("lock")
    private final IpcTable<MessageQueue> table = new IpcTable<>();

    MessageQueues(IpcNamespace namespace) {
        this.namespace = namespace;
        lock = namespace.lock;
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

    /** IPC_RMID. */
    public void remove(IpcCaller caller, int id) throws ErrnoException {
        lock.lock();
        try {
            MessageQueue queue = table.require(id);
            queue.checkOwner(caller.credentials(), namespace.owner());
            removeLocked(queue);
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void removeLocked(MessageQueue queue) {
        table.remove(queue);
        namespace.budget().giveBack(queue.budgetBytes());
        queue.wakeReceivers(Errno.EIDRM);
        queue.wakeSenders(true);
    }

    /** The namespace has no users any more. */
    void removeAll() {
        lock.lock();
        try {
            for (MessageQueue queue : table.all()) {
                removeLocked(queue);
            }
        } finally {
            lock.unlock();
        }
    }

    /** IPC_SET. */
    public void set(IpcCaller caller, int id, int uid, int gid, int mode, long mostBytes)
            throws ErrnoException {
        lock.lock();
        try {
            MessageQueue queue = table.require(id);
            Credentials who = caller.credentials();
            queue.checkOwner(who, namespace.owner());
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

    /** IPC_STAT. */
    public View stat(IpcCaller caller, int id) throws ErrnoException {
        lock.lock();
        try {
            return requireLocked(caller, id, IpcObject.READ, false)
                    .view(caller.credentials(), caller.process());
        } finally {
            lock.unlock();
        }
    }

    /** MSG_STAT, and without asking for permission MSG_STAT_ANY. */
    public View statSlot(IpcCaller caller, int index, boolean any) throws ErrnoException {
        lock.lock();
        try {
            MessageQueue queue = table.requireSlot(index);
            if (!any) {
                queue.check(caller.credentials(), namespace.owner(), IpcObject.READ);
            }
            return queue.view(caller.credentials(), caller.process());
        } finally {
            lock.unlock();
        }
    }

    /** All, for /proc/sysvipc/msg. */
    public List<View> views(Credentials viewer, ProcessId viewing) {
        lock.lock();
        try {
            List<View> views = new ArrayList<>();
            for (MessageQueue queue : table.all()) {
                views.add(queue.view(viewer, viewing));
            }
            return views;
        } finally {
            lock.unlock();
        }
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
