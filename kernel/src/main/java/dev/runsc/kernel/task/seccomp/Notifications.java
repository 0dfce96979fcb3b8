package dev.runsc.kernel.task.seccomp;

import static dev.runsc.gofer.abi.PollEvents.POLLHUP;
import static dev.runsc.gofer.abi.PollEvents.POLLIN;
import static dev.runsc.gofer.abi.PollEvents.POLLOUT;
import static dev.runsc.gofer.abi.PollEvents.POLLRDNORM;
import static dev.runsc.gofer.abi.PollEvents.POLLWRNORM;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.kernel.sync.WaitQueue;
import dev.runsc.kernel.task.seccomp.Notification.State;
import dev.runsc.kernel.vfs.Caller;
import dev.runsc.state.Savable;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The calls that a filter has handed to a supervisor (Linux struct notification), from which the
 * listener's descriptor reads and to which it answers. Saved with those that wait.
 */
public final class Notifications implements Savable {
    private final KernelLock lock = new KernelLock(LockClass.CHANNEL);
    private final WaitQueue events = new WaitQueue();

    /** SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV. */
    private final boolean killable;

    @GuardedBy("lock")
    private final List<Notification> pending = new ArrayList<>();

    @GuardedBy("lock")
    private long lastId;

    /** Tasks under the filter. */
    @GuardedBy("lock")
    private int users;

    @GuardedBy("lock")
    private boolean closed;

    /**
     * @param killable once read, only a kill takes a call back
     */
    public Notifications(boolean killable) {
        this.killable = killable;
    }

    // ---- The filter's side

    /** A call to be asked about; null when nobody listens any more. */
    public @Nullable Notification ask(Caller target, CallData call) {
        Notification asked;
        lock.lock();
        try {
            if (closed) {
                return null;
            }
            lastId++;
            asked = new Notification(lastId, target, call);
            pending.add(asked);
        } finally {
            lock.unlock();
        }
        events.notify(POLLIN | POLLRDNORM);
        return asked;
    }

    public boolean isAnswered(Notification asked) {
        lock.lock();
        try {
            return asked.state == State.ANSWERED;
        } finally {
            lock.unlock();
        }
    }

    /**
     * What a call was answered with.
     *
     * @param goesOn the call is to be made as it is; then the result does not count
     * @param result for the caller's register
     */
    public record Answer(boolean goesOn, long result) {}

    /** The answer to a call that has one; the call is not asked about any more. */
    public Answer takeAnswer(Notification asked) {
        lock.lock();
        try {
            pending.remove(asked);
            return new Answer(asked.goesOn, asked.error != 0 ? asked.error : asked.value);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes a call back that is not answered yet.
     *
     * @param byKill the caller ends; a signal does not do where the supervisor must not lose a call
     *     that it has read
     * @return whether it is taken back
     */
    public boolean withdraw(Notification asked, boolean byKill) {
        lock.lock();
        try {
            if (asked.state == State.ANSWERED || !byKill && killable && asked.state != State.NEW) {
                return false;
            }
            return pending.remove(asked);
        } finally {
            lock.unlock();
        }
    }

    /** Tasks come under the filter, or leave it. */
    void countUsers(int more) {
        boolean last;
        lock.lock();
        try {
            users += more;
            last = users == 0;
        } finally {
            lock.unlock();
        }
        if (last) {
            events.notify(POLLHUP | POLLIN);
        }
    }

    // ---- The supervisor's side

    /** What wakes who waits for {@link #readiness} or for a call. */
    public WaitQueue events() {
        return events;
    }

    /** The oldest call that nobody has read; null for none. */
    public @Nullable Notification take() {
        Notification taken = null;
        lock.lock();
        try {
            for (Notification each : pending) {
                if (each.state == State.NEW) {
                    each.state = State.TAKEN;
                    taken = each;
                    break;
                }
            }
        } finally {
            lock.unlock();
        }
        if (taken != null) {
            events.notify(POLLOUT | POLLWRNORM);
        }
        return taken;
    }

    /** It could not be handed over: another may read it. */
    public void giveBack(Notification taken) {
        lock.lock();
        try {
            if (taken.state == State.TAKEN) {
                taken.state = State.NEW;
            }
        } finally {
            lock.unlock();
        }
        events.notify(POLLIN | POLLRDNORM);
    }

    public boolean hasUsers() {
        lock.lock();
        try {
            return users > 0;
        } finally {
            lock.unlock();
        }
    }

    /** Whether a call has been read and still waits. */
    public boolean waits(long id) {
        lock.lock();
        try {
            Notification found = findLocked(id);
            return found != null && found.state == State.TAKEN;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Answers a call.
     *
     * @throws ErrnoException ENOENT when it does not wait, EINPROGRESS when it is not read yet, or
     *     answered
     */
    public void answer(long id, boolean goesOn, long value, int error) throws ErrnoException {
        lock.lock();
        try {
            answerLocked(requireLocked(id), goesOn, value, error);
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private void answerLocked(Notification asked, boolean goesOn, long value, int error) {
        asked.state = State.ANSWERED;
        asked.goesOn = goesOn;
        asked.value = value;
        asked.error = error;
        asked.answers().notify(POLLIN);
    }

    /**
     * The call into whose process a descriptor is to be put; errors as of {@link #answer}.
     *
     * @param answers the descriptor's number is the answer: {@link #added} must follow
     */
    public Notification forDescriptor(long id, boolean answers) throws ErrnoException {
        lock.lock();
        try {
            Notification found = requireLocked(id);
            if (answers) {
                found.state = State.ADDING;
            }
            return found;
        } finally {
            lock.unlock();
        }
    }

    /** Answers with a descriptor, or lets the call wait on when there is none (-1). */
    public void added(Notification asked, int fd) {
        lock.lock();
        try {
            if (fd < 0) {
                asked.state = State.TAKEN;
            } else {
                answerLocked(asked, false, fd, 0);
            }
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private @Nullable Notification findLocked(long id) {
        for (Notification each : pending) {
            if (each.id == id) {
                return each;
            }
        }
        return null;
    }

    @GuardedBy("lock")
    private Notification requireLocked(long id) throws ErrnoException {
        Notification found = findLocked(id);
        if (found == null) {
            throw Errno.ENOENT.error();
        }
        if (found.state != State.TAKEN) {
            throw Errno.EINPROGRESS.error();
        }
        return found;
    }

    /** {@code POLL*} of the listener. */
    public int readiness() {
        int ready = 0;
        lock.lock();
        try {
            for (Notification each : pending) {
                ready |=
                        switch (each.state) {
                            case NEW -> POLLIN | POLLRDNORM;
                            case TAKEN -> POLLOUT | POLLWRNORM;
                            case ADDING, ANSWERED -> 0;
                        };
            }
            return users == 0 ? ready | POLLHUP : ready;
        } finally {
            lock.unlock();
        }
    }

    /** Nobody listens any more: these calls, as all that come, do not exist. */
    public void close() {
        lock.lock();
        try {
            closed = true;
            for (Notification each : pending) {
                if (each.state != State.ANSWERED) {
                    answerLocked(each, false, 0, (int) Errno.ENOSYS.result());
                }
            }
        } finally {
            lock.unlock();
        }
    }
}
