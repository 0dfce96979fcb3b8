package dev.runsc.kernel.fs.synthetic;

import dev.runsc.kernel.sync.WaitQueue;
import org.jspecify.annotations.Nullable;

/** A source whose readers may wait for changes with POLLPRI (Linux kernfs_generic_poll). */
public interface Watchable extends ContentSource {
    /** Notified at changes; null for contents that nobody announces. */
    @Nullable WaitQueue changes();

    /** Differs between two looks if there was a change; 0 for contents that nobody announces. */
    long version();
}
