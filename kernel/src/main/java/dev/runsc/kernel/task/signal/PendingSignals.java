package dev.runsc.kernel.task.signal;

import dev.runsc.gofer.abi.SigInfo;
import dev.runsc.state.Savable;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Signals sent and not yet delivered, of a task or of a whole thread group (Linux {@code struct
 * sigpending}). Guarded by the thread group's signal lock.
 */
public final class PendingSignals implements Savable {
    /** One queued signal and its siginfo_t. */
    record Queued(int signal, byte[] info) implements Savable {}

    private final ArrayList<Queued> queue = new ArrayList<>();
    private long set;

    public long set() {
        return set;
    }

    public int count() {
        return queue.size();
    }

    public boolean contains(int signal) {
        return SignalSet.has(set, signal);
    }

    /** Completes what is told of a signal when it is delivered. */
    @FunctionalInterface
    public interface Delivery {
        SigInfo complete(SigInfo info);
    }

    /** Queues; a standard signal that is pending already is dropped (signal(7)). */
    public void add(SigInfo info) {
        int signal = info.signal();
        if (!SignalSet.isRealTime(signal) && contains(signal)) {
            return;
        }
        queue.add(new Queued(signal, info.toBytes()));
        set |= SignalSet.of(signal);
    }

    /** All that is queued, in order. */
    public List<SigInfo> queued() {
        ArrayList<SigInfo> all = new ArrayList<>();
        for (Queued queued : queue) {
            all.add(SigInfo.readFrom(ByteBuffer.wrap(queued.info)));
        }
        return all;
    }

    /** Whether a POSIX timer's signal is queued already. */
    public boolean hasTimer(int timerId, int signal) {
        for (Queued queued : queue) {
            if (queued.signal == signal) {
                SigInfo info = SigInfo.readFrom(ByteBuffer.wrap(queued.info));
                if (info.code() == dev.runsc.gofer.abi.SignalNumbers.SI_TIMER
                        && info.timerId() == timerId) {
                    return true;
                }
            }
        }
        return false;
    }

    public void discard(long signals) {
        if ((set & signals) != 0) {
            queue.removeIf(queued -> SignalSet.has(signals, queued.signal));
            set &= ~signals;
        }
    }

    /**
     * Takes the next signal not in {@code blocked}: synchronous ones first, then the lowest number;
     * null if none.
     */
    public @Nullable SigInfo take(long blocked, Delivery delivery) {
        long ready = set & ~blocked;
        if (ready == 0) {
            return null;
        }
        long first = (ready & SignalSet.SYNCHRONOUS) != 0 ? ready & SignalSet.SYNCHRONOUS : ready;
        int signal = Long.numberOfTrailingZeros(first) + 1;
        SigInfo found = null;
        boolean more = false;
        for (int i = 0; i < queue.size(); i++) {
            if (queue.get(i).signal != signal) {
                continue;
            }
            if (found == null) {
                found = SigInfo.readFrom(ByteBuffer.wrap(queue.remove(i--).info));
            } else {
                more = true;
                break;
            }
        }
        if (!more) {
            set &= ~SignalSet.of(signal);
        }
        return found == null ? null : delivery.complete(found);
    }
}
