package dev.runsc.kernel.vfs;

import dev.runsc.state.Savable;
import java.util.IdentityHashMap;

/**
 * Which owner of record locks waits for which other (Linux blocked_hash), to answer EDEADLK. Not
 * saved: nobody waits then.
 */
final class LockWaits {
    /** Linux MAX_DEADLK_ITERATIONS. */
    private static final int MAX_STEPS = 10;

    private final IdentityHashMap<Savable, Savable> waiting = new IdentityHashMap<>();

    /** Notes a wait unless it would close a circle; false then. */
    synchronized boolean begin(Savable owner, Savable holder) {
        Savable at = holder;
        for (int step = 0; step < MAX_STEPS && at != null; step++) {
            if (at == owner) {
                return false;
            }
            at = waiting.get(at);
        }
        waiting.put(owner, holder);
        return true;
    }

    synchronized void end(Savable owner) {
        waiting.remove(owner);
    }
}
