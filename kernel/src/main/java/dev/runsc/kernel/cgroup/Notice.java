package dev.runsc.kernel.cgroup;

import dev.runsc.gofer.abi.PollEvents;
import dev.runsc.kernel.sync.WaitQueue;
import dev.runsc.state.Savable;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** That what a file of a group shows has changed (Linux {@code kernfs_notify}). */
public final class Notice implements Savable {
    /** Who is told at once, with the groups' lock held; it takes no lock that comes before. */
    public interface Listener extends Savable {
        void changed();
    }

    private final WaitQueue queue = new WaitQueue();

    /** Begins at 1, so that who has not read yet has missed something. */
    private final AtomicLong count = new AtomicLong(1);

    private volatile @Nullable Listener listener;

    public WaitQueue queue() {
        return queue;
    }

    /** Differs between two looks if there was a change between them. */
    public long count() {
        return count.get();
    }

    /** The file that shows it. */
    public void setListener(@Nullable Listener file) {
        listener = file;
    }

    void give() {
        count.incrementAndGet();
        queue.notify(PollEvents.POLLPRI | PollEvents.POLLERR);
        Listener told = listener;
        if (told != null) {
            told.changed();
        }
    }
}
