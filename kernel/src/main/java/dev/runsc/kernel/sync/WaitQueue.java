package dev.runsc.kernel.sync;

import java.util.ArrayList;

/**
 * Those who wait for one object to become ready, with the {@code POLL*} events each cares about
 * (Linux {@code struct wait_queue_head}). Not part of an image: at a freeze no thread sleeps on any
 * queue, and lasting observers (epoll items) register again after a restore.
 */
public final class WaitQueue {
    private record Entry(Waiter waiter, int events) {}

    private final KernelLock lock = new KernelLock(LockClass.WAIT_QUEUE);
    private volatile ArrayList<Entry> entries = new ArrayList<>();

    /** Adds a waiter; it may be notified from now on, before this method returns. */
    public void add(Waiter waiter, int events) {
        lock.lock();
        try {
            ArrayList<Entry> next = new ArrayList<>(entries);
            next.add(new Entry(waiter, events));
            entries = next;
        } finally {
            lock.unlock();
        }
    }

    /** Removes a waiter; once this returns it is not notified again by this queue. */
    public void remove(Waiter waiter) {
        lock.lock();
        try {
            ArrayList<Entry> next = new ArrayList<>(entries);
            next.removeIf(entry -> entry.waiter == waiter);
            entries = next;
        } finally {
            lock.unlock();
        }
    }

    /** Tells every waiter interested in one of the events. */
    public void notify(int events) {
        if (entries.isEmpty()) {
            return;
        }
        lock.lock();
        try {
            for (Entry entry : entries) {
                if ((entry.events & events) != 0) {
                    entry.waiter.notified(events);
                }
            }
        } finally {
            lock.unlock();
        }
    }

    public boolean isEmpty() {
        return entries.isEmpty();
    }
}
