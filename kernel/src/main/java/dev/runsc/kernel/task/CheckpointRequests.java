package dev.runsc.kernel.task;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.runsc.gofer.abi.Errno;
import dev.runsc.gofer.abi.ErrnoException;
import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.kernel.sync.KernelLock;
import dev.runsc.kernel.sync.LockClass;
import dev.runsc.kernel.sync.ThreadWaiter;
import dev.runsc.kernel.sync.WaitQueue;
import dev.runsc.state.AfterRestore;
import dev.runsc.state.RestoreContext;
import dev.runsc.state.Savable;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Saves of the sandbox as guests see them: they ask for one, somebody outside serves them, and
 * afterwards they learn on which side of it they are. Of a request nothing is saved, for whoever
 * reads the image finds it answered.
 */
public final class CheckpointRequests implements Savable, AfterRestore {
    /** How an attempt to save has ended, for those inside. */
    public enum Outcome {
        /** It was made, and this sandbox has gone on. */
        RESUMED,
        /** This sandbox comes from it. */
        RESTORED,
        FAILED
    }

    private final KernelLock lock = new KernelLock(LockClass.CHANNEL);

    /** Those who wait for an outcome. */
    private final WaitQueue outcomes = new WaitQueue();

    /** Those outside who wait for a request. */
    private final WaitQueue asked = new WaitQueue();

    /** How many attempts have ended, by whomever they were wanted. */
    @GuardedBy("lock")
    private long attempts;

    @GuardedBy("lock")
    private Outcome last = Outcome.FAILED;

    @GuardedBy("lock")
    private transient boolean requested;

    /** Whether somebody has begun to serve the request. */
    @GuardedBy("lock")
    private transient boolean taken;

    /** Those outside who serve requests. */
    @GuardedBy("lock")
    private transient int servants;

    /** Whether there was one, and none is left to come. */
    @GuardedBy("lock")
    private transient boolean abandoned;

    /**
     * Asks for a save. Who is to serve may come a moment later.
     *
     * @throws ErrnoException ENXIO when another request is not answered, or nobody serves any more
     */
    public void request() throws ErrnoException {
        lock.lock();
        try {
            if (requested || abandoned) {
                throw Errno.ENXIO.error();
            }
            requested = true;
        } finally {
            lock.unlock();
        }
        asked.notify(PollEvents.POLLIN);
    }

    /** How many attempts there have been, for {@link #outcomeSince}. */
    public long attempts() {
        lock.lock();
        try {
            return attempts;
        } finally {
            lock.unlock();
        }
    }

    /** How the last attempt has ended; null when there was none after so many. */
    public @Nullable Outcome outcomeSince(long seen) {
        lock.lock();
        try {
            return attempts > seen ? last : null;
        } finally {
            lock.unlock();
        }
    }

    /** Notified of every outcome. */
    public WaitQueue outcomes() {
        return outcomes;
    }

    /** An attempt has ended, and with it the request, if there was one. */
    public void ended(Outcome outcome) {
        lock.lock();
        try {
            endLocked(outcome);
        } finally {
            lock.unlock();
        }
        outcomes.notify(PollEvents.POLLIN);
    }

    @GuardedBy("lock")
    private void endLocked(Outcome outcome) {
        attempts++;
        last = outcome;
        requested = false;
        taken = false;
    }

    /** Somebody begins to serve requests. */
    public void enter() {
        lock.lock();
        try {
            servants++;
            abandoned = false;
        } finally {
            lock.unlock();
        }
    }

    /** Somebody serves no more; a request that nobody serves then has failed. */
    public void leave() {
        lock.lock();
        try {
            servants--;
            abandoned = servants == 0;
            if (abandoned && requested) {
                endLocked(Outcome.FAILED);
            }
        } finally {
            lock.unlock();
        }
        outcomes.notify(PollEvents.POLLIN);
    }

    /** Waits for a request, which is the caller's then. */
    public void await() throws InterruptedException {
        ThreadWaiter waiter = new ThreadWaiter();
        asked.add(waiter, PollEvents.POLLIN);
        try {
            while (!take()) {
                LockSupport.park(this);
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
        } finally {
            asked.remove(waiter);
        }
    }

    private boolean take() {
        lock.lock();
        try {
            boolean mine = requested && !taken;
            taken |= mine;
            return mine;
        } finally {
            lock.unlock();
        }
    }

    /** The caller of {@link #await} could do nothing. */
    public void giveUp() {
        lock.lock();
        try {
            if (requested && taken) {
                endLocked(Outcome.FAILED);
            }
        } finally {
            lock.unlock();
        }
        outcomes.notify(PollEvents.POLLIN);
    }

    @Override
    public void afterRestore(RestoreContext context) {
        lock.lock();
        try {
            endLocked(Outcome.RESTORED);
        } finally {
            lock.unlock();
        }
    }
}
