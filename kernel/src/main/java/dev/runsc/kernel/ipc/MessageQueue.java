package dev.runsc.kernel.ipc;

import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.kernel.auth.Credentials;
import dev.runsc.kernel.sync.ThreadWaiter;
import java.util.ArrayList;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** A message queue (Linux {@code struct msg_queue}). Guarded by its namespace's lock. */
final class MessageQueue extends IpcObject {
    static final long OWN_BYTES = 256;

    private final ArrayList<Message> messages = new ArrayList<>();
    private long textBytes;
    long mostBytes;
    long sendTime;
    long receiveTime;
    private @Nullable ProcessId lastSender;
    private @Nullable ProcessId lastReceiver;

    /** Who waits for a message, oldest first. Nobody does at a freeze, nor below. */
    private transient @Nullable ArrayList<Receiver> receivers;

    /** Who waits for room. */
    private transient @Nullable ArrayList<Sender> senders;

    /** A msgrcv that waits: gets its message from the sender. */
    static final class Receiver {
        final ThreadWaiter waiter = new ThreadWaiter();
        final Selection selection;
        final ProcessId process;
        boolean finished;
        @Nullable Message message;
        @Nullable Errno failure;

        Receiver(Selection selection, ProcessId process) {
            this.selection = selection;
            this.process = process;
        }

        void finish(@Nullable Message given, @Nullable Errno error) {
            message = given;
            failure = error;
            finished = true;
            waiter.notified(PollEvents.POLLIN);
        }
    }

    /** A msgsnd that waits: tries again when woken. */
    static final class Sender {
        final ThreadWaiter waiter = new ThreadWaiter();
        boolean removed;
    }

    MessageQueue(int key, IpcCaller creator, int mode, long mostBytes, long now) {
        super(key, creator.credentials(), mode, now);
        this.mostBytes = mostBytes;
    }

    ArrayList<Receiver> receivers() {
        ArrayList<Receiver> known = receivers;
        if (known == null) {
            known = new ArrayList<>();
            receivers = known;
        }
        return known;
    }

    ArrayList<Sender> senders() {
        ArrayList<Sender> known = senders;
        if (known == null) {
            known = new ArrayList<>();
            senders = known;
        }
        return known;
    }

    int count() {
        return messages.size();
    }

    long textBytes() {
        return textBytes;
    }

    /** msg_fits_inqueue. */
    boolean hasRoomFor(Message message) {
        return message.length() + textBytes <= mostBytes && 1L + messages.size() <= mostBytes;
    }

    /**
     * Hands a message to who waits for it, else keeps it (pipelined_send).
     *
     * @return whether it was kept
     */
    boolean send(Message message, ProcessId sender, long now) {
        lastSender = sender;
        sendTime = now;
        for (Iterator<Receiver> each = receivers().iterator(); each.hasNext(); ) {
            Receiver receiver = each.next();
            if (!receiver.selection.matches(message)) {
                continue;
            }
            each.remove();
            if (receiver.selection.takes(message)) {
                lastReceiver = receiver.process;
                receiveTime = now;
                receiver.finish(message, null);
                return false;
            }
            receiver.finish(null, Errno.E2BIG);
        }
        messages.add(message);
        textBytes += message.length();
        return true;
    }

    /** The message that is wanted, null when there is none yet; it stays. */
    @Nullable Message find(Selection selection) {
        if (selection.kind() == Selection.Kind.COPY) {
            long index = selection.type();
            return index >= 0 && index < messages.size() ? messages.get((int) index) : null;
        }
        Message found = null;
        for (Message message : messages) {
            if (selection.matches(message)) {
                if (selection.kind() != Selection.Kind.LOWEST) {
                    return message;
                }
                if (found == null || message.type() < found.type()) {
                    found = message;
                }
            }
        }
        return found;
    }

    /** Takes a message that was found out. */
    void take(Message message, ProcessId receiver, long now) {
        messages.remove(message);
        textBytes -= message.length();
        lastReceiver = receiver;
        receiveTime = now;
        wakeSenders(false);
    }

    void wakeSenders(boolean gone) {
        for (Sender sender : senders()) {
            sender.removed = gone;
            sender.waiter.notified(PollEvents.POLLIN);
        }
        senders().clear();
    }

    /** Permissions have changed: who waits asks again. */
    void wakeReceivers(Errno error) {
        for (Receiver receiver : receivers()) {
            receiver.finish(null, error);
        }
        receivers().clear();
    }

    /** What all its messages take of the budget. */
    long budgetBytes() {
        long bytes = OWN_BYTES;
        for (Message message : messages) {
            bytes += message.bytes();
        }
        return bytes;
    }

    MessageQueues.View view(Credentials viewer, ProcessId viewing) {
        ProcessId sender = lastSender;
        ProcessId receiver = lastReceiver;
        return new MessageQueues.View(
                owner(viewer),
                sendTime,
                receiveTime,
                changeTime,
                textBytes,
                messages.size(),
                mostBytes,
                sender == null ? 0 : sender.seenBy(viewing),
                receiver == null ? 0 : receiver.seenBy(viewing));
    }
}
